"""A source's claim on a URL, checked: the job table, the novel's identity and the crawl are built on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from novel_core.errors import InvalidUrl
from novel_core.source import UrlKind, UrlMatch
from novel_core.urls import parse_url

if TYPE_CHECKING:
    from novel_core.registry.loaded import LoadedSource

HOOK = "novel_match_url"


def claim(source: LoadedSource, url: str) -> UrlMatch | None:
    """What `source` says of a normalised `url` at one of its hosts. A claim out of contract is a PluginError."""
    match = source.ask(HOOK, url=url)
    if match is None:
        return None
    if not isinstance(match, UrlMatch):
        raise source.broke(HOOK, f"returned {type(match).__name__} for {url}, not a UrlMatch")
    for problem in _problems(match, source.info.domains):
        raise source.broke(HOOK, f"claims {url}, but {problem}")
    if match.url != url:
        again = source.ask(HOOK, url=match.url)
        if again != match:
            what = "not at all" if again is None else f"as {again!r}"
            raise source.broke(
                HOOK,
                f"gives {match.url} as the canonical form of {url}, and matches that {what}:"
                " a canonical URL must give the same claim again",
            )
    return match


def _problems(match: Any, domains: tuple[str, ...]) -> Iterator[str]:
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
