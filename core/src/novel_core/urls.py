"""URLs as people paste them, normalised to one form.

>>> normalize_url("  WWW.RoyalRoad.com:443/fiction/7#chapters ")
'https://www.royalroad.com/fiction/7'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from novel_core.errors import InvalidUrl

MAX_LENGTH = 2048

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: Characters that no URL contains: control characters, white space of any script, lone surrogates.
_FORBIDDEN = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]"
)
_NAMED = {" ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a line break"}
#: Invisible characters that are copied along from pages and chats.
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
#: `mailto:…` and the like, but not `example.org:8080`.
_OTHER_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):(?!\d)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
#: Kept unchanged: the characters that RFC 3986 allows in a path and a query, and existing escapes.
_KEPT = "/:@!$&'()*+,;=~-._%"


@dataclass(frozen=True, slots=True)
class NormalizedUrl:
    """A normalised `url`, and its `host` in lower-case ASCII without port or brackets."""

    url: str
    host: str

    def __str__(self) -> str:
        return self.url


def normalize_url(text: str) -> str:
    """`text` as an absolute http or https URL without fragment. Raises InvalidUrl if it cannot be
    one.

    Normalising a normalised URL changes nothing.
    """
    return parse_url(text).url


def parse_url(text: str) -> NormalizedUrl:
    """As `normalize_url`, with the host as a separate field."""
    pasted = _trim(text)
    parts = _split(pasted)
    if "@" in parts.netloc:
        # The URL is not repeated in the message, because it may contain a password.
        raise InvalidUrl(
            "The address carries a user name or a password.", hint="Remove everything before the @."
        )
    host = _host(parts, pasted)
    authority = f"[{host}]" if ":" in host else host
    port = _port(parts)
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        authority = f"{authority}:{port}"
    path = quote(parts.path, safe=_KEPT) or "/"
    query = f"?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else ""
    url = f"{parts.scheme}://{authority}{path}{query}"
    if len(url) > MAX_LENGTH:
        raise _too_long()
    return NormalizedUrl(url, host)


def _trim(text: str) -> str:
    trimmed = text.strip().strip(_INVISIBLE).strip()
    if trimmed.startswith("<") and trimmed.endswith(">"):
        trimmed = trimmed[1:-1].strip()
    if not trimmed:
        raise InvalidUrl("The address is empty.")
    if len(trimmed) > MAX_LENGTH:
        raise _too_long()
    forbidden = _FORBIDDEN.search(trimmed)
    if forbidden:
        character = forbidden.group()
        name = _NAMED.get(character, f"the character U+{ord(character):04X}")
        raise InvalidUrl(f"The address contains {name}.", hint="Give one address, in one piece.")
    return trimmed


def _split(text: str) -> SplitResult:
    """The parts of `text`; https is assumed if it begins with a host."""
    scheme = _SCHEME.match(text)
    if scheme is None and text.startswith("//"):
        scheme = _SCHEME.match(text := f"https:{text}")
    if scheme is None:
        other = _OTHER_SCHEME.match(text)
        if other and other.group(1).lower() != "localhost":
            raise _wrong_scheme(other.group(1), text)
        if not _begins_with_a_host(text):
            raise _not_a_url(text)
        text = f"https://{text}"
    elif scheme.group(1).lower() not in _DEFAULT_PORTS:
        raise _wrong_scheme(scheme.group(1), text)
    try:
        return urlsplit(text)
    except ValueError as error:
        raise _not_a_url(text) from error


def _begins_with_a_host(text: str) -> bool:
    authority = re.split(r"[/?#]", text, maxsplit=1)[0]
    host = authority.rpartition("@")[2].partition(":")[0]
    return authority.startswith("[") or host.lower() == "localhost" or "." in host.strip(".")


def _host(parts: SplitResult, text: str) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if not host:
        raise InvalidUrl(f"The address {_shown(text)} names no host.")
    if parts.netloc.startswith("["):
        try:
            return str(_ipv6(host))
        except AddressValueError as error:
            raise _not_a_host(host) from error
    if not host.isascii():
        host = _ascii_host(host)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):  # noqa: PLR2004 - DNS
        raise _not_a_host(host)
    return host


def _ipv6(host: str) -> IPv6Address:
    if "%" in host:
        raise AddressValueError("a zone has no meaning to others")
    return IPv6Address(host)


def _ascii_host(host: str) -> str:
    # Imported here: yarl takes a good part of a command's start-up time, and few hosts need it.
    from yarl import URL

    try:
        return (URL(f"https://{host}").raw_host or "").removesuffix(".").lower()
    except ValueError as error:
        raise _not_a_host(host) from error


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidUrl("The port of the address is not a number from 1 to 65535.") from error
    if port == 0:
        raise InvalidUrl("The port of the address is not a number from 1 to 65535.")
    return port


def _too_long() -> InvalidUrl:
    return InvalidUrl(f"The address is longer than {MAX_LENGTH:,} characters.")


def _not_a_url(text: str) -> InvalidUrl:
    return InvalidUrl(f"{_shown(text)} is not a URL.")


def _not_a_host(host: str) -> InvalidUrl:
    return InvalidUrl(f"{_shown(host)} is not a host name.")


def _wrong_scheme(scheme: str, text: str) -> InvalidUrl:
    # https:/example.org
    if scheme.lower() in _DEFAULT_PORTS:
        return InvalidUrl(f"{_shown(text)} is not a URL: two slashes follow {scheme}:")
    return InvalidUrl(
        f"Addresses that start with {_shown(scheme + ':')} are not supported, only http and https."
    )


def _shown(text: str, limit: int = 80) -> str:
    """A recognisable part of `text` without anything that may be a password."""
    if "@" in text:
        text = f"…{text[text.rindex('@') :]}"
    shown = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return f"“{shown}”"
