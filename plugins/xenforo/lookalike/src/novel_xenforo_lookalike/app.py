"""The routes of the look-alike: `/threads/a-tale.7/threadmarks` and the others, also behind `index.php?`."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from aiohttp import web

from novel_core.lookalike import LookalikeSite
from novel_xenforo_lookalike.forum import Forum, Post, Thread
from novel_xenforo_lookalike.pages import Pages

_THREAD = re.compile(r"threads/(?P<name>[^/]*?)(?P<id>[0-9]+)(?:/(?P<rest>.*))?")
_POST = re.compile(r"posts/([0-9]+)/?")
_NO_THREAD = "The requested thread could not be found."
_NO_POST = "The requested post could not be found."


class Forums(LookalikeSite):
    """Forums by host on one server. A path that `Forum.answers` has is answered with that."""

    hosts = ("forum.example", "boards.example", "plain.example")

    def __init__(self, *forums: Forum, port: int = 0) -> None:
        super().__init__(port=port)
        self.forums = {forum.host: forum for forum in forums}

    def application(self) -> web.Application:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.log.record(request.method, request.path_qs, dict(request.headers))
            forum = self.forums.get(request.host.partition(":")[0])
            if forum is None:
                return web.Response(status=404)
            known = forum.answers.get(request.path_qs)
            if known is not None:
                return _html(known[1], known[0])
            if request.path == "/robots.txt":
                return web.Response(text=forum.robots)
            return _Desk(forum).answer(request.raw_path)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        return app


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


class _Desk:
    """Answers the requests of one forum."""

    def __init__(self, forum: Forum) -> None:
        self._forum = forum
        self._pages = Pages(forum)

    def answer(self, path_qs: str) -> web.Response:
        path, _, query = path_qs.removeprefix(self._forum.prefix).lstrip("/").partition("?")
        if path == "index.php":
            path, _, query = query.partition("&")
        if found := _THREAD.fullmatch(path):
            thread = self._forum.threads.get(int(found["id"]))
            if thread is None:
                return _html(self._pages.error(_NO_THREAD), 404)
            rest = found["rest"] or ""
            if found["name"] != f"{thread.slug}.":
                return self._redirect(self._with_query(self._pages.below(thread, rest), query))
            return self._thread(thread, rest, parse_qs(query))
        if found := _POST.fullmatch(path):
            return self._post(int(found[1]))
        return _html(self._pages.frame("forum_list", "<p>Welcome.</p>", title="Home"))

    def _with_query(self, path: str, query: str) -> str:
        return f"{path}{'&' if '?' in path else '?'}{query}" if query else path

    def _redirect(self, path: str) -> web.Response:
        return web.Response(status=301, headers={"Location": path})

    def _post(self, post_id: int, within: Thread | None = None) -> web.Response:
        for thread in [within] if within else self._forum.threads.values():
            for place, post in enumerate(thread.posts):
                if post.id == post_id:
                    number = place // self._forum.thread_posts + 1
                    more = f"page-{number}" if number > 1 else ""
                    return self._redirect(f"{self._pages.below(thread, more)}#post-{post_id}")
        return _html(self._pages.error(_NO_POST), 404)

    def _thread(self, thread: Thread, rest: str, query: dict[str, list[str]]) -> web.Response:
        category = query.get("threadmark_category", ["1"])[0]
        if found := re.fullmatch(r"post-([0-9]+)/?", rest):
            return self._post(int(found[1]), thread)
        if rest.rstrip("/") == "threadmarks":
            return self._list(thread, category, query)
        if found := re.fullmatch(r"reader/(?:page-([0-9]+))?", rest):
            if self._forum.reader_closed:
                return _html(
                    self._pages.error("You must be logged-in to do that.", login=True), 403
                )
            return self._shown(
                thread, self._reader(thread, category), found[1], "svThreadmarks_reader"
            )
        found = re.fullmatch(r"(?:page-([0-9]+))?", rest)
        size = self._forum.thread_posts
        cut = [thread.posts[at : at + size] for at in range(0, len(thread.posts), size)]
        return self._shown(thread, cut if found else [], found[1] if found else None, "thread_view")

    def _list(self, thread: Thread, category: str, query: dict[str, list[str]]) -> web.Response:
        if not self._forum.has_add_on or not thread.of_category(category):
            return _html(self._pages.error("The requested page could not be found."), 404)
        size, page = int(query.get("per_page", ["25"])[0]), int(query.get("page", ["1"])[0])
        return _html(self._pages.threadmarks(thread, category, size, page))

    def _reader(self, thread: Thread, category: str) -> list[list[Post]]:
        """The marked posts by page; with a skew, the first one has more or fewer than the others."""
        ids = [mark.post for mark in thread.of_category(category)]
        posts = [next(post for post in thread.posts if post.id == one) for one in ids]
        size, first = self._forum.reader_posts, self._forum.reader_posts + self._forum.skew
        return [posts[:first], *(posts[at : at + size] for at in range(first, len(posts), size))]

    def _shown(
        self, thread: Thread, cut: list[list[Post]], page: str | None, template: str
    ) -> web.Response:
        number = int(page or 1)
        if number > len(cut):
            return _html(self._pages.error("The requested page could not be found."), 404)
        return _html(self._pages.posts(thread, cut[number - 1], len(cut), template))
