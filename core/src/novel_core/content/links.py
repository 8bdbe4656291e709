"""URLs in a text: absolute, without credentials, and of a harmless scheme, or none."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from urllib.parse import urljoin, urlsplit, urlunsplit

WEB = frozenset({"http", "https"})

_EDGE = "".join(map(chr, range(0x21)))
_IGNORED = re.compile(r"[\t\r\n]")
_UNSAFE = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f\xa0]")
#: One image of a `srcset`, as browsers read it: a URL, and its descriptor up to the comma.
_CANDIDATE = re.compile(r"[\s,]*+(\S++)([^,]*+)")
_SIZE = re.compile(r"\s*+(\d{1,9}(?:\.\d{1,9})?)[wx]\s*+")


def absolute(value: str, base_url: str, schemes: AbstractSet[str] = WEB) -> str | None:
    """`value` as a browser resolves it on the page `base_url`; None if it must not be kept.

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
    # An invalid port or IPv6 address.
    except ValueError:
        return None
    netloc = parts.netloc.rpartition("@")[2]
    return _quoted(urlunsplit(parts._replace(netloc=netloc)))


def largest_candidate(srcset: str) -> str:
    """The URL of the largest image of a `srcset`; empty without one.

    >>> largest_candidate("/s.png 300w, /l,1.png 900w,/m.png 2x")
    '/l,1.png'
    """
    best, address = 0.0, ""
    at = 0
    while match := _CANDIDATE.match(srcset, at):
        found = match[1]
        told, at = ("", match.end(1)) if found.endswith(",") else (match[2], match.end())
        size = _SIZE.fullmatch(told)
        if size is None and told.strip():
            continue
        wanted = float(size[1]) if size else 1.0
        if wanted > best:
            best, address = wanted, found.rstrip(",")
    return address


def _quoted(url: str) -> str:
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)
