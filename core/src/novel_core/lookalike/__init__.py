"""What a look-alike of a site is served with: on the loopback, every request written down. The site itself is its author's.

```python
class LookalikeServer(LookalikeSite):
    hosts = ("www.example.com",)

    def application(self) -> web.Application:
        return create_app(self.library, self.log)

with LookalikeServer() as site:
    ...  # NOVEL_HOST_MAP=site.host_map
    site.paths()
```

`requests_seen` is the log, `serving` runs any aiohttp application in a thread, `site` is the base class of a look-alike,
`process` keeps one up as a process of its own.
"""

from novel_core.lookalike.process import serve_until_stopped
from novel_core.lookalike.requests_seen import RequestLog, Seen
from novel_core.lookalike.serving import ThreadedServer
from novel_core.lookalike.site import LookalikeSite

__all__ = ["LookalikeSite", "RequestLog", "Seen", "ThreadedServer", "serve_until_stopped"]
