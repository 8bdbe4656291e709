"""The servers' addresses as a person writes them, checked without printing their passwords."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from novel_core.errors import InvalidSetting

_HINTS = {
    "DATABASE_URL": "Write postgresql://user:password@host:5432/name,"
    " or unset it for the embedded server.",
    "REDIS_URL": "Write redis://:password@host:6379/0 (or rediss://, unix://),"
    " or unset it for the embedded server.",
}
_ENCODE_HINT = (
    "Percent-encode special characters of a password: # as %23, / as %2F, ? as %3F, @ as %40,"
    " % as %25."
)
_REDIS_SCHEMES = ("redis", "rediss", "unix")
_LARGEST_PORT = 65_535
#: Placeholders of instructions: `<password>`, `${PASSWORD}`, `{host}`, `CHANGE_ME`, `PASSWORD`.
_PLACEHOLDER = re.compile(
    r"<[^<>]*>|\$?\{[^{}]*\}|\$[A-Z_]+|CHANGE[-_ ]?ME"
    r"|(YOUR[-_ ]?|MY[-_ ]?)?(USER(NAME)?|PASS(WORD)?|HOST(NAME)?|DB[-_]?NAME|DATABASE)"
)


def checked_database_url(url: str) -> str:
    """The URL, if it can be an address of PostgreSQL; else InvalidSetting.

    >>> checked_database_url("postgresql://ada:s@127.0.0.1:port/novels")
    Traceback (most recent call last):
    ...
    novel_core.errors.InvalidSetting: DATABASE_URL: its port is not a number.
    """
    # SQLAlchemy takes half a second to import: most commands do without it until here.
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url.strip())
    except ArgumentError:
        raise _wrong("DATABASE_URL", "it is not the address of a database") from None
    except ValueError:
        raise _wrong("DATABASE_URL", "its port is not a number", _ENCODE_HINT) from None
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise InvalidSetting(
            "DATABASE_URL names another kind of database; only PostgreSQL is supported.",
            hint=_HINTS["DATABASE_URL"],
        )
    if parsed.port is not None and not 0 < parsed.port <= _LARGEST_PORT:
        raise _wrong("DATABASE_URL", "there is no such port")
    if parsed.host and "@" in parsed.host:
        raise InvalidSetting("DATABASE_URL: it has more than one @.", hint=_ENCODE_HINT)
    parts = {
        "user": parsed.username,
        "password": parsed.password,
        "host": parsed.host,
        "database's name": parsed.database,
    }
    _refuse_placeholders("DATABASE_URL", parts)
    return url.strip()


def checked_redis_url(url: str) -> str:
    """The URL, if it can be an address of Redis; else InvalidSetting.

    >>> checked_redis_url("redis://:pa#ss@127.0.0.1:6379/0")
    Traceback (most recent call last):
    ...
    novel_core.errors.InvalidSetting: REDIS_URL: it contains a #, which ends an address.
    """
    url = url.strip()
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _REDIS_SCHEMES:
        raise _wrong("REDIS_URL", "it is not the address of a Redis server")
    if "#" in rest:
        raise InvalidSetting(
            "REDIS_URL: it contains a #, which ends an address.", hint=_ENCODE_HINT
        )
    try:
        parsed = urlsplit(url)
        port, host = parsed.port, parsed.hostname
    except ValueError:
        # Without the parser's message: what it takes for a port may be half of a password.
        raise _wrong("REDIS_URL", "its host and port cannot be read", _ENCODE_HINT) from None
    if scheme != "unix" and not host:
        raise _wrong("REDIS_URL", "it names no host")
    if port == 0:
        raise _wrong("REDIS_URL", "there is no such port")
    database = parsed.path.strip("/")
    if scheme != "unix" and database and not database.isdecimal():
        raise _wrong("REDIS_URL", "the database after the host is not a number", _ENCODE_HINT)
    # As it was written: the parser converts the host to lower case.
    written = parsed.netloc.rpartition("@")[2].partition(":")[0]
    parts = {"user": parsed.username, "password": parsed.password, "host": written}
    _refuse_placeholders("REDIS_URL", parts)
    return url


def without_password(url: str) -> str:
    """The URL without its password, to be shown.

    >>> without_password("redis://:secret@cache:6379/0")
    'redis://:***@cache:6379/0'
    """
    scheme, separator, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{scheme}{separator}{user}:***{at}{place}" if colon else url


def _refuse_placeholders(variable: str, parts: dict[str, str | None]) -> None:
    is_example = tuple(parts.values())[:3] == ("user", "password", "host")
    for name, value in parts.items():
        if value and (is_example or _PLACEHOLDER.fullmatch(value)):
            raise InvalidSetting(
                f"{variable}: a placeholder is where the {name} belongs.",
                hint=f"Put your own {name} there.",
            )


def _wrong(variable: str, what: str, further_hint: str = "") -> InvalidSetting:
    return InvalidSetting(f"{variable}: {what}.", hint=f"{_HINTS[variable]} {further_hint}".strip())
