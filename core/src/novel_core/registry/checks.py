"""The checks of a source's metadata, of a site's data, and of matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from novel_core.errors import InvalidUrl
from novel_core.plugin import Site
from novel_core.registry.site_names import SOURCE_NAME
from novel_core.source import Politeness, SourceInfo, UrlKind
from novel_core.urls import parse_url

_HOST = re.compile(r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NAME_RULE = "it may have lower-case letters, digits, - and _ only, up to 64"


def name_problem(name: Any) -> str | None:
    """What is wrong with a name of a source, family or plugin, in words."""
    if isinstance(name, str) and SOURCE_NAME.fullmatch(name):
        return None
    return f"its name is {name!r}: {_NAME_RULE}"


def info_problems(info: Any) -> Iterator[str]:
    """What is wrong with a source's metadata, in words."""
    if not isinstance(info, SourceInfo):
        yield f"its info is {type(info).__name__}, not SourceInfo"
    else:
        yield from _field_problems(info)


def _field_problems(info: Any) -> Iterator[str]:
    if problem := name_problem(info.name):
        yield problem
    if not isinstance(info.title, str) or not info.title.strip():
        yield f"its title is {info.title!r}, not a title"
    if not isinstance(info.homepage, str) or not info.homepage.startswith(("https://", "http://")):
        yield f"its homepage is {info.homepage!r}, not a URL"
    if not isinstance(info.politeness, Politeness):
        yield f"its politeness is {type(info.politeness).__name__}, not Politeness"
    if not isinstance(info.domains, tuple) or not info.domains:
        yield (
            f"its domains are {info.domains!r}, not a tuple of hosts"
            " (one host is written ('www.example.org',))"
        )
        return
    for domain in info.domains:
        if not isinstance(domain, str) or not _HOST.fullmatch(domain):
            yield (
                f"its domain {domain!r} is not a plain host: lower-case, without scheme, port or path,"
                " in punycode where it is not ASCII"
            )


def site_problems(site: Any, family: str) -> Iterator[str]:
    """What is wrong with a site of the family called `family`, in words."""
    if not isinstance(site, Site):
        yield f"it is {type(site).__name__}, not a Site"
    else:
        yield from _site_field_problems(site, family)


def _site_field_problems(site: Any, family: str) -> Iterator[str]:
    if problem := name_problem(site.name):
        yield problem
    if site.family != family:
        yield f"its family is {site.family!r}, but the family that has it is {family!r}"
    base = site.base_url
    if not isinstance(base, str) or not base.startswith(("https://", "http://")):
        yield f"its base_url is {base!r}, not a URL"
    elif not _HOST.fullmatch(urlsplit(base).hostname or "") or base.endswith("/"):
        yield (
            f"its base_url {base} is not a host, with the software's folder if it has one,"
            " without a slash at its end"
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
