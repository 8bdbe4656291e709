"""The checks of a source's metadata and of its matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from novel_core.errors import InvalidUrl
from novel_core.source import Politeness, SourceInfo, UrlKind
from novel_core.urls import parse_url

#: A key in the database, in environment variables and on the command line.
SOURCE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_HOST = re.compile(r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)")


def info_problems(info: Any, name: str) -> list[str]:
    """What is wrong with the result of `novel_source_info`, in words."""
    if not isinstance(info, SourceInfo):
        return [f"novel_source_info returned {type(info).__name__}, not SourceInfo"]
    return list(_info_problems(info, name))


def _info_problems(info: Any, name: str) -> Iterator[str]:
    if info.name != name:
        yield f"its SourceInfo.name is {info.name!r}, but its entry point is {name!r}: they must be equal"
    if not isinstance(info.title, str) or not info.title.strip():
        yield f"its SourceInfo.title is {info.title!r}, not a title"
    if not isinstance(info.homepage, str) or not info.homepage.startswith(("https://", "http://")):
        yield f"its SourceInfo.homepage is {info.homepage!r}, not a URL"
    if not isinstance(info.politeness, Politeness):
        yield f"its SourceInfo.politeness is {type(info.politeness).__name__}, not Politeness"
    if not isinstance(info.domains, tuple) or not info.domains:
        yield (
            f"its SourceInfo.domains is {info.domains!r}, not a tuple of hosts"
            " (one host is written ('www.example.org',))"
        )
        return
    for domain in info.domains:
        if not isinstance(domain, str) or not _HOST.fullmatch(domain):
            yield (
                f"its domain {domain!r} is not a plain host: lower-case, without scheme, port or path,"
                " in punycode where it is not ASCII"
            )


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
