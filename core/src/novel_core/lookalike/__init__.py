"""Servers on loopback that stand in for a site and log every request: for tests and demos.

```python
class LookalikeServer(LookalikeSite):
    hosts = ("www.example.com",)

    def application(self) -> web.Application:
        return create_app(self.library, self.log)

with LookalikeServer() as site:
    ...  # NOVEL_HOST_MAP=site.host_map
    site.paths()
```

`server` runs any aiohttp application in a thread or as a process; `site` is the base class of a
look-alike, with the log of its requests.
"""

from novel_core.lookalike.server import ThreadedServer, serve_until_stopped
from novel_core.lookalike.site import LoggedRequest, LookalikeSite, RequestLog

__all__ = ["LoggedRequest", "LookalikeSite", "RequestLog", "ThreadedServer", "serve_until_stopped"]
