"""The checks of what a plugin gives: a source's metadata, a family's sites, matches, recognitions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from novel_core.errors import InvalidUrl
from novel_core.plugin import Recognition, RefusedHost, Site
from novel_core.sites.addresses import base_address
from novel_core.sites.fields import (
    REFUSED_FIELDS,
    SITE_FIELDS,
    base_url_problem,
    host_pattern_problem,
    hosts_problem,
    language_problem,
    name_problem,
    text_problem,
    time_zone_problem,
    title_problem,
)
from novel_core.source import Politeness, SourceInfo, UrlKind
from novel_core.urls import parse_url

_INFO_FIELDS = {
    "name": name_problem,
    "title": title_problem,
    "domains": hosts_problem,
    "language": language_problem,
    "time_zone": time_zone_problem,
}


def info_problems(info: Any) -> Iterator[str]:
    """What is wrong with a source's metadata, in words."""
    if isinstance(info, SourceInfo):
        yield from _info_field_problems(info)
    else:
        yield f"its info is {kind_of(info)}, not a SourceInfo"


# Any: a plugin's author may have used no type checker.
def _info_field_problems(info: Any) -> Iterator[str]:
    yield from _field_problems(info, _INFO_FIELDS)
    if isinstance(info.domains, tuple | list) and not info.domains:
        yield "its domains are empty: name the hosts of its URLs"
    if not str(info.homepage).startswith(("https://", "http://")):
        yield f"its homepage is {info.homepage!r}, not a URL"
    yield from _politeness_problems("politeness", info.politeness)
    if not isinstance(info.host_politeness, Mapping):
        yield f"its host_politeness is {kind_of(info.host_politeness)}, not a dict"
        return
    for host, politeness in info.host_politeness.items():
        yield from _politeness_problems(f"politeness of {host}", politeness)


def _politeness_problems(field: str, politeness: Any) -> Iterator[str]:
    if not isinstance(politeness, Politeness):
        yield f"its {field} is {kind_of(politeness)}, not a Politeness"
    else:
        for problem in _field_problems(politeness, _POLITENESS_FIELDS):
            yield f"its {field}: {problem}"


def _rate_problem(number: object) -> str | None:
    is_rate = isinstance(number, int | float) and 0 <= number < math.inf
    return None if is_rate else f"{number!r} is not a number from 0"


def _count_problem(number: object) -> str | None:
    is_count = isinstance(number, int) and number > 0
    return None if is_count else f"{number!r} is not a number from 1"


_POLITENESS_FIELDS = {
    "requests_per_second": _rate_problem,
    "jitter": _rate_problem,
    "concurrency": _count_problem,
    "rate_group": text_problem,
}


def family_problems(name: Any, title: Any, patterns: Any, refused: Any) -> Iterator[str]:
    """What is wrong with the fields of a family, but for its sites."""
    if problem := name_problem(name):
        yield f"its name: {problem}"
    if problem := title_problem(title):
        yield f"its title: {problem}"
    if not isinstance(patterns, tuple | list):
        yield f"its host_patterns are {patterns!r}, not a tuple"
    else:
        for pattern in patterns:
            if problem := host_pattern_problem(pattern):
                yield f"its host pattern {problem}"
    if not isinstance(refused, tuple | list):
        yield f"its refused_hosts are {refused!r}, not a tuple"
    else:
        for number, host in enumerate(refused, 1):
            yield from _refused_problems(host, number)


def _refused_problems(refused: Any, number: int) -> Iterator[str]:
    if not isinstance(refused, RefusedHost):
        yield f"its refused host {number} is {kind_of(refused)}, not a RefusedHost"
        return
    for problem in _field_problems(refused, REFUSED_FIELDS):
        yield f"its refused host {number}: {problem}"


def site_problems(site: Any, family: str) -> Iterator[str]:
    """What is wrong with a site of the family called `family`, in words."""
    if not isinstance(site, Site):
        yield f"it is {kind_of(site)}, not a Site"
        return
    problems = list(_field_problems(site, SITE_FIELDS))
    yield from problems
    if site.family != family:
        yield f"its family is {site.family!r}, but the family that has it is {family!r}"
    if not problems and (base := base_address(site.base_url)) != site.base_url:
        yield f"its base_url {site.base_url} is not normalised ({base})"


def _field_problems(given: Any, checks: Mapping[str, Any]) -> Iterator[str]:
    for field, check in checks.items():
        if problem := check(getattr(given, field)):
            yield f"its {field}: {problem}"


def match_problems(
    match: Any, url: str, domains: tuple[str, ...], site: Site | None
) -> Iterator[str]:
    """What is wrong with the match of `url` by a source that declares `domains`, in words."""
    if not isinstance(match.kind, UrlKind):
        yield f"its kind is {match.kind!r}, not a UrlKind"
    for field, value in (("novel_id", match.novel_id), ("chapter_id", match.chapter_id)):
        if value is not None and not (isinstance(value, str) and value):
            yield f"its {field} is {value!r}, not a text"
    addresses = {"url": match.url}
    if match.novel_url is not None:
        addresses["novel_url"] = match.novel_url
    for field, address in addresses.items():
        # `url` itself is normalised, and at one of the hosts.
        if address != url and (problem := _address_problem(address, domains)):
            yield f"its {field} {problem}"
        elif (
            site is not None
            # A further host that the source declares, such as that of its API.
            and (urlsplit(address).hostname or "") in site.hosts
            and not site.owns(address)
        ):
            yield f"its {field} {address} is not below the site's address {site.base_url}"


def _address_problem(address: object, domains: tuple[str, ...]) -> str | None:
    if not isinstance(address, str):
        return f"is {address!r}, not a text"
    try:
        parsed = parse_url(address)
    except InvalidUrl as error:
        return f"is not a URL: {error.message}"
    if parsed.url != address:
        return f"{address} is not normalised ({parsed.url})"
    if parsed.host not in domains:
        return f"{address} is at a host the source does not declare"
    return None


def recognition_problems(found: Any) -> Iterator[str]:
    """What is wrong with a family's answer to a page, in words."""
    if not isinstance(found, Recognition):
        yield f"it is {kind_of(found)}, not a Recognition"
        return
    if _rate_problem(found.confidence) or found.confidence > 1:
        yield f"its confidence is {found.confidence!r}, not a number from 0 to 1"
    if problem := base_url_problem(found.base_url):
        yield f"its base_url: {problem}"
    yield from _field_problems(
        found,
        {field: SITE_FIELDS[field] for field in ("title", "language", "time_zone", "options")},
    )


def kind_of(value: object) -> str:
    """What `value` is, for a sentence.

    >>> kind_of(7), kind_of(int)
    ('int', 'the class int')
    """
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
