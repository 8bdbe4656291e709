"""The tree of errors: each class has words of its own."""

import pytest

from novel_core import errors
from novel_core.errors import NovelError


def classes() -> list[type[NovelError]]:
    """The tree itself: other modules may specialise a class for their own use, under its code."""
    return [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, NovelError)
    ]


def test_codes_are_unique() -> None:
    codes = [found.code for found in classes()]
    assert len(codes) == len(set(codes))


def test_the_docstring_draws_every_class() -> None:
    assert errors.__doc__ is not None
    assert [found.__name__ for found in classes() if found.__name__ not in errors.__doc__] == []


@pytest.mark.parametrize("found", [found for found in classes() if not found.__subclasses__()])
def test_every_leaf_tells_what_to_do(found: type[NovelError]) -> None:
    assert found.default_hint
    assert found.exit_code in {1, 2, 4, 5, 6}
