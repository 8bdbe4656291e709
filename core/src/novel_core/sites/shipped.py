"""The sites that a package ships, and the hosts that it refuses, from its `sites.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from novel_core.errors import PluginError
from novel_core.plugin import Evidence, Refusal, RefusedHost, Site
from novel_core.sites.addresses import base_address, site_name, without_scheme
from novel_core.sites.fields import REFUSED_FIELDS, SITE_FIELDS, name_problem

#: The keys of the whole file.
_HEAD = ("family", "sites", "refused")


def read_sites(text: str, *, file: str = "sites.toml") -> tuple[Site, ...]:
    """Return the sites in the TOML `text`; raise PluginError naming file, entry and field.

    `family` stands once at the top. Each site has a `base_url`; `name` (by default made from the
    address), `title`, `language`, `time_zone`, `rate_group`, `aliases`, `options` and `evidence`
    may be given. `file` is what errors call the text.

    >>> text = '''
    ... family = "xenforo"
    ... [[sites]]
    ... base_url = "https://forum.example.org/"
    ... title = "Example Forum"
    ... evidence = "seen"
    ... options.reader_mode = true
    ... '''
    >>> [site] = read_sites(text)
    >>> site.name, site.base_url, site.options
    ('forum-example-org', 'https://forum.example.org', {'reader_mode': True})
    """
    document, problems = _document(text, file)
    family = document.get("family")
    if problem := name_problem(family):
        problems.append(f"family: {problem}")
    sites = []
    for entry in _entries(document, "sites", "site", _site_problems, problems):
        base_url = base_address(entry["base_url"])
        usual: dict[str, Any] = {"name": site_name(base_url), "family": family}
        exact: dict[str, Any] = {"base_url": base_url, "aliases": tuple(entry.get("aliases", ()))}
        if "evidence" in entry:
            exact["evidence"] = Evidence(entry["evidence"])
        sites.append(Site(**usual | entry | exact))
    problems += _repetitions(
        name=[site.name for site in sites],
        base_url=[without_scheme(site.base_url) for site in sites],
    )
    _raise(problems, file)
    return tuple(sites)


def read_refused_hosts(text: str, *, file: str = "sites.toml") -> tuple[RefusedHost, ...]:
    """Return the refused hosts in the TOML `text`; raise PluginError naming file, entry and field.

    Each entry of `refused` has a `host`, which may be a pattern, and a `verdict`: robots,
    challenge, login, payment, gone or copies. `reason` may say more.

    >>> text = '''
    ... [[refused]]
    ... host = "www.example.com"
    ... verdict = "challenge"
    ... '''
    >>> [refused] = read_refused_hosts(text)
    >>> refused.verdict.words
    'it admits browsers only, and no program gets around its check'
    """
    document, problems = _document(text, file)
    hosts = [
        RefusedHost(entry["host"], Refusal(entry["verdict"]), entry.get("reason", ""))
        for entry in _entries(document, "refused", "refused host", _refused_problems, problems)
    ]
    problems += _repetitions(host=[refused.host for refused in hosts])
    _raise(problems, file)
    return tuple(hosts)


def _document(text: str, file: str) -> tuple[dict[str, Any], list[str]]:
    """The parsed text, and what is wrong with its keys."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PluginError(f"{file} is not valid TOML: {error}.") from error
    unknown = [
        f"there is no field {key}{_meant(key, _HEAD)}" for key in document if key not in _HEAD
    ]
    return document, unknown


def _entries(
    document: dict[str, Any],
    key: str,
    noun: str,
    check: Callable[[dict[str, Any]], Iterable[str]],
    problems: list[str],
) -> Iterator[dict[str, Any]]:
    """The entries of the list `key` in which `check` finds nothing; adds to `problems` the rest."""
    entries = document.get(key, [])
    if not isinstance(entries, list):
        problems.append(f"{key} is no list: write [[{key}]] above each {noun}")
        return
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            problems.append(f"{noun} {number}, it is {entry!r}, not a table")
            continue
        wrong = list(check(entry))
        problems += [f"{_place(noun, number, entry)}, {problem}" for problem in wrong]
        if not wrong:
            yield entry


def _site_problems(entry: dict[str, Any]) -> Iterator[str]:
    return _entry_problems(entry, SITE_FIELDS, ("base_url",))


def _refused_problems(entry: dict[str, Any]) -> Iterator[str]:
    return _entry_problems(entry, REFUSED_FIELDS, ("host", "verdict"))


def _entry_problems(
    entry: dict[str, Any],
    fields: Mapping[str, Callable[[object], str | None]],
    required: Sequence[str],
) -> Iterator[str]:
    for field, value in entry.items():
        check = fields.get(field)
        if check is None:
            yield f"there is no field {field}{_meant(field, fields)}"
        elif problem := check(value):
            yield f"{field}: {problem}"
    yield from (f"{field} is missing" for field in required if field not in entry)


def _repetitions(**values: list[str]) -> Iterator[str]:
    """The values that stand more than once, by field."""
    for field, found in values.items():
        yield from (
            f"{field} {value} is used {times} times"
            for value, times in Counter(found).items()
            if times > 1
        )


def _place(noun: str, number: int, entry: dict[str, Any]) -> str:
    name = entry.get("name") or entry.get("base_url") or entry.get("host")
    return f"{noun} {number} ({name})" if name else f"{noun} {number}"


def _raise(problems: list[str], file: str) -> None:
    if problems:
        raise PluginError(f"{file}: {'; '.join(problems)}.", hint=f"Correct {file} of the plugin.")


def _meant(key: str, known: Any) -> str:
    near = get_close_matches(key, list(known), n=1)
    return f", did you mean {near[0]}?" if near else f"; the fields are {', '.join(known)}"
