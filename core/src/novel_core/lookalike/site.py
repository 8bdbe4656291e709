"""The base class of a look-alike: a server that knows what it was asked for, and which hosts it stands for."""

from __future__ import annotations

from typing import ClassVar

from aiohttp import web

from novel_core.lookalike.requests_seen import RequestLog, Seen
from novel_core.lookalike.serving import ThreadedServer

_ROBOTS = "/robots.txt"


class LookalikeSite(ThreadedServer):
    """A subclass names its `hosts` and makes its `application`, which records each request in `log`."""

    #: The hosts that the site is at, and those of its images.
    hosts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(self.application, port=port)
        self.log = RequestLog()

    def application(self) -> web.Application:
        """A new application over the same site: one is made at each start."""
        raise NotImplementedError

    def is_page(self, path: str) -> bool:
        """Whether an address without its query is a page: neither robots.txt nor an image."""
        return path != _ROBOTS

    @property
    def host_map(self) -> str:
        """For NOVEL_HOST_MAP: all its hosts are here."""
        return ",".join(f"{host}={self.url}" for host in self.hosts)

    @property
    def requests(self) -> list[Seen]:
        return self.log.requests

    def paths(self, *, pages_only: bool = False) -> list[str]:
        """The paths asked for, with their queries; with `pages_only` without images and robots.txt."""
        return [
            seen.path
            for seen in self.requests
            if not pages_only or self.is_page(seen.path.partition("?")[0])
        ]

    def count(self, prefix: str = "/") -> int:
        """How many requests had a path that begins so."""
        return sum(seen.path.startswith(prefix) for seen in self.requests)

    def clear(self) -> None:
        """Forget the requests seen so far."""
        self.log.clear()
