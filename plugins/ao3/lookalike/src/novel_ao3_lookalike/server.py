"""The look-alike in a thread, on a free port of loopback."""

from __future__ import annotations

from aiohttp import web

from novel_ao3_lookalike.app import create_app
from novel_ao3_lookalike.library import HOST, Library
from novel_ao3_lookalike.switches import SiteSwitches
from novel_core.lookalike import LookalikeSite


class LookalikeServer(LookalikeSite):
    """
    ```python
    with LookalikeServer(Library([LookalikeWork.generate(7)])) as site:
        site.switches.latency = 0.1
        ...
        site.paths()
    ```
    """

    hosts = (HOST,)

    def __init__(
        self, library: Library, switches: SiteSwitches | None = None, *, port: int = 0
    ) -> None:
        super().__init__(port=port)
        self.library = library
        self.switches = SiteSwitches() if switches is None else switches

    def application(self) -> web.Application:
        return create_app(self.library, self.switches, self.log)
