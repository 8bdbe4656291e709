"""The examples in the web page's docstrings hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

from novel_api import web


def test_examples_hold() -> None:
    names = [module.name for module in pkgutil.iter_modules(web.__path__, f"{web.__name__}.")]
    outcomes = [doctest.testmod(importlib.import_module(name)) for name in names]
    assert sum(outcome.failed for outcome in outcomes) == 0
    assert sum(outcome.attempted for outcome in outcomes) > 10
