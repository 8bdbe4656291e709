"""The site as an aiohttp application: its URLs, redirects and error pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from novel_ao3_lookalike import list_pages, notice_pages, older, work_page
from novel_ao3_lookalike.library import Library, LookalikeChapter, LookalikeWork, State
from novel_ao3_lookalike.switches import Fault, SiteSwitches
from novel_core.lookalike import RequestLog

_HTML = "text/html; charset=utf-8"
_WORK = re.compile(r"(?:/collections/[^/]+)?/works/(\d+)")
_WORK_PART = re.compile(r"/works/(\d+)/(navigate|chapters)")
_CHAPTER = re.compile(r"(?:/works/(\d+))?/chapters/(\d+)")
_SERIES = re.compile(r"/series/(\d+)")
_LOST = "<html><title>525: SSL handshake failed</title></html>"
_MITIGATED = {"cf-mitigated": "challenge"}
_REPLACED: dict[Fault, tuple[str, int, Mapping[str, str]]] = {
    Fault.CHALLENGE: (notice_pages.challenge(), 403, _MITIGATED),
    Fault.CHALLENGE_200: (notice_pages.challenge(), 200, {}),
    Fault.DOWN_200: (notice_pages.error(503, "The page was responding too slowly."), 200, {}),
    Fault.OVERLOADED: (notice_pages.error(445, "The search is overloaded."), 445, {}),
    Fault.LIMITED_HTML: (notice_pages.error(429, "Too Many Requests"), 429, {}),
    Fault.ORIGIN_LOST: (_LOST, 525, {}),
    Fault.ANUBIS: (notice_pages.anubis(), 200, {}),
    Fault.DOWN_PLAIN: (notice_pages.down_plain(), 200, {}),
    Fault.OTHER_SOFTWARE: (notice_pages.other_software(), 200, {}),
}


def create_app(library: Library, switches: SiteSwitches, log: RequestLog) -> web.Application:
    """The look-alike's application. `switches` and `library` may be changed while it serves."""
    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", Site(library, switches, log).handle)
    return app


class Site:
    def __init__(self, library: Library, switches: SiteSwitches, log: RequestLog) -> None:
        self._library = library
        self._switches = switches
        self._log = log

    async def handle(self, request: web.Request) -> web.Response:
        switches = self._switches
        self._log.record(request.method, request.path_qs, request.headers)
        if switches.latency > 0:
            await asyncio.sleep(switches.latency)
        if request.path == "/robots.txt":
            return web.Response(text=switches.robots)
        refused = self._refusal()
        if refused is not None:
            return refused
        path = self._path(request)
        if path in switches.replaced:
            return _page(switches.replaced[path])
        fault = switches.faults.get(path)
        answer = self._damaged(fault, path, request) if fault else self._answer(path, request)
        return older.of_archive(answer, switches)

    def _path(self, request: web.Request) -> str:
        """The path below the archive's folder; outside of it there is no page."""
        folder = self._switches.folder
        return request.path.removeprefix(folder) if request.path.startswith(folder) else "/outside"

    def _refusal(self) -> web.Response | None:
        """The site's bad moments; each counts down until it is over."""
        switches = self._switches
        if switches.limited > 0:
            switches.limited -= 1
            pause = switches.retry_after
            headers = {} if pause is None else {"Retry-After": str(pause)}
            return web.Response(status=429, text="Retry later\n", headers=headers)
        if switches.lost > 0:
            switches.lost -= 1
            return _page(_LOST, 525)
        return None

    def _damaged(self, fault: Fault, path: str, request: web.Request) -> web.Response:
        if fault in _REPLACED:
            return _page(*_REPLACED[fault])
        if fault is Fault.CHAPTER_GONE:
            return _redirect(path.partition("/chapters/")[0])
        if fault is Fault.GONE_HOME:
            return _page(
                notice_pages.home("Sorry, we couldn&#39;t find the work you were looking for.")
            )
        text = self._answer(path, request).text or ""
        if fault is Fault.TRUNCATED:
            return _page(text[: len(text) // 2])
        return _page(text.replace('id="workskin"', "").replace('id="chapters"', ""))

    def _answer(self, path: str, request: web.Request) -> web.Response:
        if path == "/":
            return _page(notice_pages.home())
        if path == "/users/login":
            is_restricted = request.query.get("restricted") == "true"
            return _page(notice_pages.login(is_restricted=is_restricted))
        if found := _SERIES.fullmatch(path):
            return self._series(int(found[1]), request)
        if found := _CHAPTER.fullmatch(path):
            return self._chapter(found[1], int(found[2]), request)
        return self._work_address(path, request)

    def _work_address(self, path: str, request: web.Request) -> web.Response:
        found = _WORK.fullmatch(path) or _WORK_PART.fullmatch(path)
        work = self._library.works.get(int(found[1])) if found else None
        if work is None:
            return self._missing()
        if path.endswith("/navigate"):
            return self._navigate(work, request)
        if path.endswith("/chapters"):
            return _redirect(f"/works/{work.id}")
        return self._work(work, request)

    def _missing(self) -> web.Response:
        return _page(notice_pages.not_found(is_static=self._switches.static_404), 404)

    def _navigate(self, work: LookalikeWork, request: web.Request) -> web.Response:
        if self._switches.is_older and work.state in (State.LOCKED, State.HIDDEN):
            return _login(request, is_restricted=work.state is State.LOCKED)
        if work.state is not State.OPEN:
            return _redirect("/")
        return _page(list_pages.navigate(work))

    def _work(self, work: LookalikeWork, request: web.Request) -> web.Response:
        is_full = request.query.get("view_full_work") == "true"
        refused = _kept_back(work, request, is_chapter=False)
        if refused is not None:
            return refused
        if not work.is_one_shot and not is_full:
            return _redirect(f"/works/{work.id}/chapters/{work.chapters[0].id}")
        if _needs_pass(work, request):
            return _page(notice_pages.adult(work, request.path_qs))
        if work.is_one_shot:
            return _page(work_page.one_shot(work, self._switches))
        return _page(work_page.full(work, self._switches))

    def _chapter(self, number: str | None, chapter_id: int, request: web.Request) -> web.Response:
        found = self._find(number, chapter_id)
        if found is None:
            known = number is not None and int(number) in self._library.works
            return _redirect(f"/works/{number}") if known else self._missing()
        work, chapter = found
        refused = _kept_back(work, request, is_chapter=True)
        if refused is not None:
            return refused
        if _needs_pass(work, request):
            return _page(notice_pages.adult(work, request.path_qs))
        return _page(work_page.one_chapter(work, chapter, self._switches))

    def _find(
        self, number: str | None, chapter_id: int
    ) -> tuple[LookalikeWork, LookalikeChapter] | None:
        found = self._library.find_chapter(chapter_id)
        return found if found and number in (None, str(found[0].id)) else None

    def _series(self, number: int, request: web.Request) -> web.Response:
        one = self._library.series.get(number)
        if one is None:
            return self._missing()
        works = self._library.listed(one)
        if not works:
            return _login(request, is_restricted=True)
        return _page(list_pages.series(one, works, int(request.query.get("page", "1"))))


def _kept_back(
    work: LookalikeWork, request: web.Request, *, is_chapter: bool
) -> web.Response | None:
    match work.state:
        case State.LOCKED | State.HIDDEN:
            return _login(request, is_restricted=work.state is State.LOCKED)
        case State.UNREVEALED:
            return _page(notice_pages.mystery(is_chapter=is_chapter))
        case State.OPEN:
            return None


def _login(request: web.Request, *, is_restricted: bool) -> web.Response:
    back = quote(request.path_qs, safe="")
    restricted = "restricted=true&" if is_restricted else ""
    return _redirect(f"/users/login?{restricted}return_to={back}")


def _needs_pass(work: LookalikeWork, request: web.Request) -> bool:
    has_pass = (
        request.query.get("view_adult") == "true" or request.cookies.get("view_adult") == "true"
    )
    return work.is_adult and not has_pass


def _redirect(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location})


def _page(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        body=text.encode(), status=status, headers={"Content-Type": _HTML, **(headers or {})}
    )
