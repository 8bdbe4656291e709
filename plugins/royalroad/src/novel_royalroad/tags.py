"""One tag of a page, found among its bytes in linear time."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST_TAG = 4096


def find_tag(body: bytes, attributes: Iterable[bytes], end: int | None = None) -> bytes | None:
    """The first tag that holds one of `attributes`, written as they are.

    Prose may hold the same letters, but never inside a tag.
    """
    found = find_tag_at(body, attributes, end)
    return body[found[0] : found[1]] if found else None


def find_tag_at(
    body: bytes, attributes: Iterable[bytes], end: int | None = None
) -> tuple[int, int] | None:
    """Where that tag begins and ends."""
    for attribute in attributes:
        at = -1
        while (at := body.find(attribute, at + 1, end)) != -1:
            earliest = max(0, at - _LONGEST_TAG)
            start = body.rfind(b"<", earliest, at)
            stop = body.find(b">", at, at + _LONGEST_TAG)
            if start > body.rfind(b">", earliest, at) and stop != -1:
                return start, stop + 1
    return None
