"""The sites that a package ships, from its `sites.toml`."""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from novel_core.errors import InvalidUrl, PluginError
from novel_core.sites.addresses import base_address, site_name, without_scheme
from novel_core.sites.site import Site

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
#: The keys above the first site.
_HEAD = ("family", "sites")


def read_sites(text: str, *, file: str = "sites.toml") -> tuple[Site, ...]:
    """Return the sites in the TOML `text`; raise PluginError naming file, entry and field.

    `family` stands once at the top. Each site has a `base_url`; `name` (by default made from the
    address), `title`, `language`, `time_zone`, `rate_group` and `options` may be given. `file` is
    what errors call the text.

    >>> text = '''
    ... family = "xenforo"
    ... [[sites]]
    ... base_url = "https://forum.example.org/"
    ... title = "Example Forum"
    ... options.reader_mode = true
    ... '''
    >>> [site] = read_sites(text)
    >>> site.name, site.base_url, site.options
    ('forum-example-org', 'https://forum.example.org', {'reader_mode': True})
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PluginError(f"{file} is not valid TOML: {error}.") from error
    family, entries = document.get("family"), document.get("sites", [])
    problems = [
        f"there is no field {key}{_meant(key, _HEAD)}" for key in document if key not in _HEAD
    ]
    if not isinstance(family, str) or not _NAME.fullmatch(family):
        problems.append(f"family is {family!r}, not the name of the family")
    if not isinstance(entries, list):
        problems.append("sites is no list: write [[sites]] above each site")
        entries = []
    sites = []
    for number, entry in enumerate(entries, 1):
        wrong = list(_entry_problems(entry))
        problems += [f"{_place(number, entry)}, {problem}" for problem in wrong]
        if not wrong:
            base_url = base_address(entry["base_url"])
            sites.append(
                Site(
                    **{"name": site_name(base_url), "family": family}
                    | entry
                    | {"base_url": base_url}
                )
            )
    problems += _repetitions(sites)
    if problems:
        raise PluginError(f"{file}: {'; '.join(problems)}.", hint=f"Correct {file} of the plugin.")
    return tuple(sites)


def _entry_problems(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"it is {entry!r}, not a table"
        return
    for field, value in entry.items():
        check = _CHECKS.get(field)
        if check is None:
            yield f"there is no field {field}{_meant(field, _CHECKS)}"
        elif problem := check(value):
            yield f"{field}: {problem}"
    if "base_url" not in entry:
        yield "base_url is missing"


def _repetitions(sites: list[Site]) -> Iterator[str]:
    for field, values in (
        ("name", Counter(site.name for site in sites)),
        ("base_url", Counter(without_scheme(site.base_url) for site in sites)),
    ):
        yield from (
            f"{field} {value} is used {times} times" for value, times in values.items() if times > 1
        )


def _place(number: int, entry: object) -> str:
    named = entry if isinstance(entry, dict) else {}
    name = named.get("name") or named.get("base_url")
    return f"site {number} ({name})" if name else f"site {number}"


def _meant(key: str, known: Any) -> str:
    near = get_close_matches(key, list(known), n=1)
    return f", did you mean {near[0]}?" if near else f"; the fields are {', '.join(known)}"


def _not_text(value: object) -> str | None:
    return None if isinstance(value, str) else f"{value!r} is not a text"


def _not_name(value: object) -> str | None:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return None
    return f"{value!r} is not a name (lower-case letters, digits, - and _, up to 64)"


def _not_address(value: object) -> str | None:
    if not isinstance(value, str):
        return _not_text(value)
    try:
        base_address(value)
    except InvalidUrl as error:
        return error.message.rstrip(".")
    return None


def _not_language(value: object) -> str | None:
    if isinstance(value, str) and _LANGUAGE.fullmatch(value):
        return None
    return f"{value!r} is not a language tag such as en or pt-BR"


def _not_time_zone(value: object) -> str | None:
    if isinstance(value, str) and _is_time_zone(value):
        return None
    return f"{value!r} is not a time zone such as Europe/Paris"


@lru_cache(maxsize=1024)
def _is_time_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    # The name of a folder of zones, of a file elsewhere, of no file.
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def _not_options(value: object) -> str | None:
    return None if isinstance(value, dict) else f"{value!r} is not a table"


_CHECKS: dict[str, Callable[[object], str | None]] = {
    "name": _not_name,
    "base_url": _not_address,
    "title": _not_text,
    "language": _not_language,
    "time_zone": _not_time_zone,
    "rate_group": _not_text,
    "options": _not_options,
}
