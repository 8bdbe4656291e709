"""Base addresses of sites in one form, and the names made from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from novel_core.errors import InvalidUrl
from novel_core.urls import normalize_url

_LONGEST = 64
#: Digits of the hash in a name; more only if another site has the shorter one.
_DIGITS = (6, 16, 40)


def base_address(url: str) -> str:
    """The base address `url` in one form: normalised, without a slash at its end.

    >>> base_address("HTTPS://Forums.Example.com:443/xf/")
    'https://forums.example.com/xf'
    """
    base = normalize_url(url)
    path = urlsplit(base).path.removeprefix("/").removesuffix("/")
    if "?" in base:
        raise InvalidUrl(
            f"The base address {base} has a query.", hint="Leave out the ? and the rest."
        )
    if path and not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise InvalidUrl(f"The base address {base} has an empty folder, or . or .. as one.")
    return base.rstrip("/")


@lru_cache(maxsize=4096)
def site_name(base_url: str) -> str:
    """The name for a site at `base_url`: its host and folder.

    >>> site_name("https://forums.example.com/xf"), site_name("http://www.example.org")
    ('forums-example-com-xf', 'example-org')
    """
    return _words(base_url)[:_LONGEST].strip("-_")


def further_names(wish: str, base_url: str) -> Iterator[str]:
    """Names for a site whose wish another one has: a part of the wish, and a hash of the address.

    >>> next(further_names("example-org", "https://example.org/a"))
    'example-org-945842'
    """
    digest = sha256(without_scheme(base_url).encode()).hexdigest()
    for digits in _DIGITS:
        start = wish[: _LONGEST - 1 - digits].strip("-_")
        yield f"{start}-{digest[:digits]}"


def without_scheme(base_url: str) -> str:
    """The address by which two sites of a family are one: http and https are the same.

    >>> without_scheme("http://example.org/forum")
    'example.org/forum'
    """
    return base_url.partition("://")[2]


def _words(base_url: str) -> str:
    address = without_scheme(base_url).lower().removeprefix("www.")
    return re.sub(r"[^a-z0-9_]+", "-", address).strip("-_") or "site"
