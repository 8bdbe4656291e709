"""Every example in a docstring of the project is executed."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import novel_core
import novel_royalroad

#: Alembic runs these two itself.
NOT_IMPORTABLE = ("novel_core.db.migrations.env", "novel_core.db.migrations.versions.")
#: Their examples need a library: core/tests/intake/test_desk.py executes them.
WITH_A_LIBRARY = ("novel_core.intake.", "novel_core.watches.watchlist")


def modules() -> Iterator[str]:
    for package in (novel_core, novel_royalroad):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(NOT_IMPORTABLE) and not module.name.endswith("__main__"):
                yield module.name


@pytest.mark.parametrize(
    "name", [name for name in modules() if not name.startswith(WITH_A_LIBRARY)]
)
def test_examples_hold(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert outcome.failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    examples = sum(
        len(test.examples)
        for name in modules()
        for test in finder.find(importlib.import_module(name))
    )
    assert examples > 10
