"""The values that the fields of sites and sources may have; each check says in words what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache

from novel_core.errors import InvalidUrl
from novel_core.plugin import Evidence, Refusal
from novel_core.sites.addresses import base_address
from novel_core.states import ADOPTION

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_HOST = re.compile(r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def name_problem(value: object) -> str | None:
    """What is wrong with a name: a key in the database, in variables and on the command line."""
    if value == ADOPTION:
        return f"{value!r} is the name of the jobs that prove sites"
    if isinstance(value, str) and _NAME.fullmatch(value):
        return None
    return f"{value!r} is not a name (lower-case letters, digits, - and _, up to 64)"


def text_problem(value: object) -> str | None:
    return None if isinstance(value, str) else f"{value!r} is not a text"


def title_problem(value: object) -> str | None:
    return None if isinstance(value, str) and value.strip() else f"{value!r} is not a title"


def base_url_problem(value: object) -> str | None:
    if not isinstance(value, str):
        return text_problem(value)
    try:
        base_address(value)
    except InvalidUrl as error:
        return error.message.rstrip(".")
    return None


def hosts_problem(value: object) -> str | None:
    """What is wrong with a tuple or list of hosts."""
    if not isinstance(value, tuple | list):
        return f"{value!r} is not a tuple of hosts (one host is written ('www.example.org',))"
    for host in value:
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            return (
                f"{host!r} is not a plain host: lower-case, without scheme, port or path,"
                " in punycode where it is not ASCII"
            )
    return None


def language_problem(value: object) -> str | None:
    if value is None or (isinstance(value, str) and _LANGUAGE.fullmatch(value)):
        return None
    return f"{value!r} is not a language tag such as en or pt-BR"


def time_zone_problem(value: object) -> str | None:
    if isinstance(value, str) and _is_time_zone(value):
        return None
    return f"{value!r} is not a time zone such as Europe/Paris"


@lru_cache(maxsize=1024)
def _is_time_zone(name: str) -> bool:
    if name == "UTC":
        return True
    # Imported here: most sites need none.
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    # The name of a folder of zones, of a file elsewhere, of no file.
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def options_problem(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return f"{value!r} is not a table"
    try:
        json.dumps(dict(value), allow_nan=False)
    except (TypeError, ValueError) as error:
        return f"they are kept as JSON, and {error}: write a date as text"
    return None


def evidence_problem(value: object) -> str | None:
    return _choice_problem(value, Evidence)


def refusal_problem(value: object) -> str | None:
    return _choice_problem(value, Refusal)


def _choice_problem(value: object, choices: type[StrEnum]) -> str | None:
    known = [choice.value for choice in choices]
    return None if value in known else f"{value!r} is none of {', '.join(known)}"


def host_pattern_problem(value: object) -> str | None:
    """What is wrong with a pattern that covers the hosts below another."""
    rest = value.removeprefix("*.") if isinstance(value, str) else ""
    if rest == value or "." not in rest or hosts_problem((rest,)):
        return f"{value!r} is not one such as '*.example.org'"
    return None


def refused_host_problem(value: object) -> str | None:
    """What is wrong with a refused host, which may be a pattern."""
    if isinstance(value, str) and value.startswith("*"):
        return host_pattern_problem(value)
    return hosts_problem((value,))


#: The fields of a site, but for its family.
SITE_FIELDS: Mapping[str, Callable[[object], str | None]] = {
    "name": name_problem,
    "base_url": base_url_problem,
    "title": text_problem,
    "language": language_problem,
    "time_zone": time_zone_problem,
    "rate_group": text_problem,
    "aliases": hosts_problem,
    "options": options_problem,
    "evidence": evidence_problem,
}
#: The fields of a refused host.
REFUSED_FIELDS: Mapping[str, Callable[[object], str | None]] = {
    "host": refused_host_problem,
    "verdict": refusal_problem,
    "reason": text_problem,
}
