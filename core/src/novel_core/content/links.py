"""Addresses in a text: absolute, without credentials, of a harmless scheme - or none."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from urllib.parse import urljoin, urlsplit, urlunsplit

WEB = frozenset({"http", "https"})

_EDGE = "".join(map(chr, range(0x21)))
_IGNORED = re.compile(r"[\t\r\n]")
_UNSAFE = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f\xa0]")
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+(\d{1,9}(?:\.\d{1,9})?)[wx])?\s*(?:,|$)")


def absolute(value: str, base_url: str, schemes: AbstractSet[str] = WEB) -> str | None:
    """`value` as a browser on the page `base_url` would read it; None when it must not be kept.

    >>> absolute("//user:secret@cdn.example/a b.png", "https://example.org/1")
    'https://cdn.example/a%20b.png'
    >>> absolute("java\\nscript:alert(1)", "https://example.org/1")
    """
    value = _IGNORED.sub("", value).strip(_EDGE)
    path, mark, query = value.partition("?")
    value = path.replace("\\", "/") + mark + query
    try:
        parts = urlsplit(urljoin(base_url, value))
        if parts.scheme not in schemes:
            return None
        if parts.scheme == "mailto":
            return _quoted(parts.geturl()) if parts.path else None
        if not parts.hostname or parts.port == 0:
            return None
    except ValueError:  # a port or an IPv6 address that is none
        return None
    netloc = parts.netloc.rpartition("@")[2]
    return _quoted(urlunsplit(parts._replace(netloc=netloc)))


def largest_candidate(srcset: str) -> str:
    """The address of the largest image of a `srcset`; empty without one."""
    best, address = 0.0, ""
    for match in _CANDIDATE.finditer(srcset):
        size = float(match[2] or 1)
        if size > best:
            best, address = size, match[1]
    return address


def _quoted(url: str) -> str:
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)
