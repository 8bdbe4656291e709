"""The look-alike in a thread, on a free port of loopback."""

from __future__ import annotations

from aiohttp import web

from novel_core.lookalike import LookalikeSite
from novel_royalroad_lookalike.app import create_app
from novel_royalroad_lookalike.library import Library
from novel_royalroad_lookalike.routes import Kind, parse
from novel_royalroad_lookalike.switches import SiteSwitches
from novel_royalroad_lookalike.vocabulary import HOST

_NOT_PAGES = (Kind.IMAGE, Kind.ROBOTS)


class LookalikeServer(LookalikeSite):
    """
    ```python
    with LookalikeServer(Library([Fiction.generate(7)])) as site:
        site.switches.latency = 0.1
        ...
        site.paths()
    ```

    Requests to the control are not in the log.
    """

    hosts = (HOST, "www.royalroadcdn.com", "i.imgur.com")

    def __init__(
        self, library: Library, switches: SiteSwitches | None = None, *, port: int = 0
    ) -> None:
        super().__init__(port=port)
        self.library = library
        self.switches = SiteSwitches() if switches is None else switches

    def application(self) -> web.Application:
        return create_app(self.library, self.switches, self.log)

    def is_page(self, path: str) -> bool:
        return parse(path).kind not in _NOT_PAGES
