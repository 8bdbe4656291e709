"""Parts of a page found among its bytes, in linear time: values of its scripts, and single tags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from novel_core import Document, PageChanged

_DECODER = json.JSONDecoder()
_ASSIGNMENT = re.compile(rb"\s*=\s*(?=[^=\s])")
_NUMBER = re.compile(rb"0*([1-9][0-9]*)")
_SEPARATOR = re.compile(r"\s*,\s*")
_SPACE = re.compile(r"\s*")
_LONGEST_TAG = 4096


class Span(NamedTuple):
    """The place of a value in a body, up to the end of its script."""

    start: int
    end: int


def find_value(body: bytes, name: str) -> Span | None:
    """The place of the last `window.name = `: the site's script is below all texts of users."""
    start = _find_assigned(body, f"window.{name}")
    if start is None:
        return None
    end = body.find(b"</script", start)
    return Span(start, end if end != -1 else len(body))


def _find_assigned(body: bytes, name: str) -> int | None:
    marker = name.encode()
    at = len(body)
    while (at := body.rfind(marker, 0, at)) != -1:
        if found := _ASSIGNMENT.match(body, at + len(marker)):
            return found.end()
    return None


def read_value(body: bytes, name: str) -> Any:
    """The value of `window.name`, or None if it is missing or not JSON."""
    span = find_value(body, name)
    if span is None:
        return None
    try:
        return _DECODER.raw_decode(_text(body, span))[0]
    except (ValueError, RecursionError):
        return None


def read_objects(body: bytes, span: Span) -> Iterator[dict[str, Any]]:
    """The objects of an array, one at a time, since a list may have 10,000.

    ValueError if the text is not an array of objects.
    """
    text = _text(body, span)
    if not text.startswith("["):
        raise ValueError("not an array")
    position = _after(_SPACE, text, 1)
    while text[position : position + 1] != "]":
        try:
            value, position = _DECODER.raw_decode(text, position)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if not isinstance(value, dict):
            raise ValueError("not an object")  # noqa: TRY004 - one error for a damaged script
        yield value
        found = _SEPARATOR.match(text, position)
        position = found.end() if found else _after(_SPACE, text, position)
        if not found and text[position : position + 1] != "]":
            raise ValueError("the array does not end")


def read_number(body: bytes, name: str) -> str | None:
    """The digits of the last `var name = …`, an id; None without one."""
    start = _find_assigned(body, f"var {name}")
    found = _NUMBER.match(body, start) if start is not None else None
    return found[1].decode() if found else None


def json_ld(document: Document) -> dict[str, Any]:
    """The page's JSON-LD of type Book, or an empty dict."""
    try:
        values = document.scripts('script[type="application/ld+json"]')
    except PageChanged:
        return {}
    parts = chain.from_iterable(one if isinstance(one, list) else [one] for one in values)
    books = (one for one in parts if isinstance(one, dict) and one.get("@type") == "Book")
    return next(books, {})


def find_tag(body: bytes, attributes: Iterable[bytes], end: int | None = None) -> bytes | None:
    """The first tag that has one of `attributes`, each written exactly as in the page.

    Prose may have the same letters, but never inside a tag.
    """
    found = find_tag_at(body, attributes, end)
    return body[found[0] : found[1]] if found else None


def find_tag_at(
    body: bytes, attributes: Iterable[bytes], end: int | None = None
) -> tuple[int, int] | None:
    """The start and end of that tag."""
    for attribute in attributes:
        at = -1
        while (at := body.find(attribute, at + 1, end)) != -1:
            earliest = max(0, at - _LONGEST_TAG)
            start = body.rfind(b"<", earliest, at)
            stop = body.find(b">", at, at + _LONGEST_TAG)
            if start > body.rfind(b">", earliest, at) and stop != -1:
                return start, stop + 1
    return None


def _text(body: bytes, span: Span) -> str:
    return body[span.start : span.end].decode("utf-8", "replace")


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position
