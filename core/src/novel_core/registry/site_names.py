"""The name that a site gets from its address."""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import urlsplit

#: A key in the database, in environment variables and on the command line.
SOURCE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_LONGEST = 64
_DIGEST = 8


def site_name(base_url: str) -> str:
    """The name of the site at `base_url`, from its host and folder; a long one ends in a digest.

    >>> site_name("https://forums.example.com/index.php")
    'forums-example-com-index-php'
    >>> site_name("https://www.example.org")
    'example-org'
    """
    parts = urlsplit(base_url)
    address = f"{parts.netloc.removeprefix('www.')}{parts.path}".lower()
    name = re.sub(r"[^a-z0-9]+", "-", address).strip("-")
    if not name or len(name) > _LONGEST:
        return site_name_with_digest(base_url)
    return name


def site_name_with_digest(base_url: str) -> str:
    """A name for a site whose usual name another one has."""
    parts = urlsplit(base_url)
    start = re.sub(r"[^a-z0-9]+", "-", f"{parts.netloc}{parts.path}".lower()).strip("-")
    digest = sha256(base_url.encode()).hexdigest()[:_DIGEST]
    return f"{start[: _LONGEST - _DIGEST - 1].rstrip('-')}-{digest}".lstrip("-")
