"""One site of a family, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Site:
    """One site of a family, as data.

    >>> Site("example-forum", "xenforo", "https://example.org/forum").host
    'example.org'
    """

    name: str
    family: str
    base_url: str
    title: str = ""
    language: str | None = None
    time_zone: str = "UTC"
    rate_group: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""
