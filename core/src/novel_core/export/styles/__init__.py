"""The style sheets of books."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def style(name: str) -> str:
    """The text of `book` (every book) or `page` (the one-file page)."""
    return files(__name__).joinpath(f"{name}.css").read_text("utf-8")
