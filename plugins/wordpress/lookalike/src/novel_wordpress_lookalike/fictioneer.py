"""A synthetic Fictioneer site on loopback.

```python
with FictioneerSite([FictioneerStory.generate(13, chapters=4)]) as site:
    ...  # NOVEL_HOST_MAP=site.host_map
```
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from novel_core.lookalike import LookalikeSite
from novel_wordpress_lookalike import fictioneer_pages as pages
from novel_wordpress_lookalike.stories import FictioneerChapter, FictioneerStory

HOST = "weir.example"
#: What the theme's own option for search engines writes: its API is closed.
CLOSED_ROBOTS = "User-agent: *\nDisallow: /wp-admin/\nDisallow: /wp-json/\nDisallow: /search/\n"
_OFF = {"code": "rest_no_route", "message": "No route was found.", "data": {"status": 404}}
_UNKNOWN = {"code": "invalid_story_id", "message": "Invalid ID.", "data": {"status": 400}}
_UPLOADS = "/wp-content/"


@dataclass
class FictioneerSwitches:
    """The state of the site; it may change at any time.

    `replaced` are bodies in the place of pages, by path; `edit` changes the answer of the API about
    a story.
    """

    robots: str = ""
    has_graph: bool = True
    replaced: dict[str, str] = field(default_factory=dict)
    edit: Callable[[dict[str, Any]], object] = lambda _: None


class FictioneerSite(LookalikeSite):
    hosts = (HOST,)
    origin = f"https://{HOST}"

    def __init__(self, stories: Iterable[FictioneerStory] = (), *, port: int = 0) -> None:
        super().__init__(port=port)
        self.stories = {story.id: story for story in stories}
        self.switches = FictioneerSwitches()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("GET", "/{path:.*}", self._handle)
        return app

    def is_page(self, path: str) -> bool:
        return super().is_page(path) and not path.startswith(_UPLOADS)

    async def _handle(self, request: web.Request) -> web.Response:
        self.log.record(request.method, request.path_qs, request.headers)
        if request.path == "/robots.txt":
            return web.Response(text=self.switches.robots)
        if request.path in self.switches.replaced:
            return _html(self.switches.replaced[request.path])
        if request.path.startswith("/wp-json/"):
            return self._api(request)
        return self._page(request)

    def _page(self, request: web.Request) -> web.Response:
        kind, _, slug = request.path.strip("/").partition("/")
        for story in self.stories.values():
            if (kind, slug) == ("story", story.slug):
                return _html(pages.story(self.origin, story))
            if request.path == "/" and request.query.get("p") == str(story.id):
                return web.Response(
                    status=301, headers={"Location": f"{self.origin}/story/{story.slug}/"}
                )
            for row in story.chapters:
                if (kind, slug.rpartition("/")[2]) in (("chapter", row.slug), ("story", row.slug)):
                    return _html(pages.chapter(self.origin, story, row))
        return _html("<html><body class='error404'>Nothing here.</body></html>", 404)

    def _api(self, request: web.Request) -> web.Response:
        _, found, number = request.path.partition("/storygraph/v1/story/")
        if found and self.switches.has_graph:
            story = self.stories.get(int(number))
            if story is None:
                return _json(_UNKNOWN, 400)
            answer = pages.graph(self.origin, story)
            self.switches.edit(answer)
            return _json(answer)
        if request.path == "/wp-json/wp/v2/fcn_chapter":
            asked = request.query.get("include", "").split(",")
            return _json([pages.post(row) for row in self._rows() if str(row.id) in asked])
        if request.path == "/wp-json/wp/v2/fcn_story":
            newest = sorted(self.stories.values(), key=lambda one: -one.modified)
            return _json([pages.changed(story) for story in newest])
        return _json(_OFF, 404)

    def _rows(self) -> list[FictioneerChapter]:
        return [row for story in self.stories.values() for row in story.chapters]


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(value), status=status, content_type="application/json")
