"""The errors of HTTP: in the engine's tree, with codes, hints and words of their own for each audience."""

from __future__ import annotations

import pytest

from novel_api import errors
from novel_core import errors as engine
from novel_core.errors import NovelError


def classes(module: object) -> list[type[NovelError]]:
    return [
        found
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, NovelError)
    ]


OURS = [found for found in classes(errors) if found.__module__ == errors.__name__]


def test_codes_are_unique_over_both_packages() -> None:
    codes = [found.code for found in {*classes(engine), *OURS}]
    assert len(codes) == len(set(codes))


def test_the_docstring_draws_every_class() -> None:
    assert errors.__doc__ is not None
    assert [found.__name__ for found in OURS if found.__name__ not in errors.__doc__] == []


@pytest.mark.parametrize("found", [found for found in OURS if not found.__subclasses__()])
def test_every_leaf_has_a_hint(found: type[NovelError]) -> None:
    assert found.default_hint
    assert found.exit_code in {2, 5}
