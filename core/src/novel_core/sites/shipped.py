"""The sites that a package ships, from its `sites.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from novel_core.errors import PluginError
from novel_core.plugin import Site
from novel_core.sites.addresses import base_address, site_name, without_scheme
from novel_core.sites.fields import SITE_FIELDS, name_problem

#: The keys above the first site.
_HEAD = ("family", "sites")


def read_sites(text: str, *, file: str = "sites.toml") -> tuple[Site, ...]:
    """Return the sites in the TOML `text`; raise PluginError naming file, entry and field.

    `family` stands once at the top. Each site has a `base_url`; `name` (by default made from the
    address), `title`, `language`, `time_zone`, `rate_group`, `aliases` and `options` may be
    given. `file` is what errors call the text.

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
    if problem := name_problem(family):
        problems.append(f"family: {problem}")
    if not isinstance(entries, list):
        problems.append("sites is no list: write [[sites]] above each site")
        entries = []
    sites = []
    for number, entry in enumerate(entries, 1):
        wrong = list(_entry_problems(entry))
        problems += [f"{_place(number, entry)}, {problem}" for problem in wrong]
        if not wrong:
            base_url = base_address(entry["base_url"])
            usual = {"name": site_name(base_url), "family": family}
            aliases = tuple(entry.get("aliases", ()))
            sites.append(Site(**usual | entry | {"base_url": base_url, "aliases": aliases}))
    problems += _repetitions(sites)
    if problems:
        raise PluginError(f"{file}: {'; '.join(problems)}.", hint=f"Correct {file} of the plugin.")
    return tuple(sites)


def _entry_problems(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"it is {entry!r}, not a table"
        return
    for field, value in entry.items():
        check = SITE_FIELDS.get(field)
        if check is None:
            yield f"there is no field {field}{_meant(field, SITE_FIELDS)}"
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
