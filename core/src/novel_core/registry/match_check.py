"""The check of a source's match: jobs, a novel's identity and the crawl depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from novel_core.errors import InvalidUrl
from novel_core.source import UrlKind
from novel_core.urls import parse_url


def match_problems(match: Any, domains: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the UrlMatch of a source that declares `domains`, in words."""
    if not isinstance(match.kind, UrlKind):
        yield f"its kind is {match.kind!r}, not a UrlKind"
    for field, value in (("novel_id", match.novel_id), ("chapter_id", match.chapter_id)):
        if value is not None and not (isinstance(value, str) and value):
            yield f"its {field} is {value!r}, not a text"
    yield from _address_problems("url", match.url, domains)
    if match.novel_url is not None:
        yield from _address_problems("novel_url", match.novel_url, domains)


def _address_problems(field: str, address: object, domains: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(address, str):
        yield f"its {field} is {address!r}, not a text"
        return
    try:
        parsed = parse_url(address)
    except InvalidUrl as error:
        yield f"its {field} is not a URL: {error.message}"
        return
    if parsed.url != address:
        yield f"its {field} {address} is not normalised ({parsed.url})"
    elif parsed.host not in domains:
        yield f"its {field} {address} is at a host the source does not declare"
