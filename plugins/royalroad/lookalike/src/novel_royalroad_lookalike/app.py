"""The site as an aiohttp application: one handler, since every response depends on the switches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import chain

from aiohttp import web

from novel_core.lookalike import RequestLog
from novel_royalroad_lookalike import answers, control, faults
from novel_royalroad_lookalike.conditional import Versions
from novel_royalroad_lookalike.library import Library
from novel_royalroad_lookalike.pages import Found, Pages
from novel_royalroad_lookalike.routes import Kind, Route, parse
from novel_royalroad_lookalike.switches import ChapterFault, SiteSwitches, Times

_REDESIGN_COOKIE = "rr_ui_mode=redesign"
_PAGES = (Kind.FICTION, Kind.CHAPTER, Kind.HOME, Kind.ROOT, Kind.UNKNOWN)


def create_app(library: Library, switches: SiteSwitches, log: RequestLog) -> web.Application:
    """The look-alike's application. `switches` and `library` may be changed while it serves."""
    app = web.Application()
    app.router.add_post(control.PATH, control.handler(library, switches, log))
    app.router.add_route("*", "/{path:.*}", Site(library, switches, log).handle)
    return app


class Site:
    def __init__(self, library: Library, switches: SiteSwitches, log: RequestLog) -> None:
        self._switches = switches
        self._log = log
        self._pages = Pages(library, switches)
        self._versions = Versions()
        self._fixed: dict[Kind, Callable[[str], web.Response]] = {
            Kind.ROBOTS: lambda _: answers.robots(switches),
            Kind.IMAGE: lambda path: answers.image(self._pages.image(path)),
            Kind.ROOT: lambda _: answers.redirect(302, "/home"),
            Kind.HOME: lambda _: answers.page(self._pages.home()),
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        switches = self._switches
        path = request.path
        self._log.record(request.method, request.path_qs, request.headers)
        if switches.latency > 0:
            await asyncio.sleep(switches.latency)
        route = parse(path)
        if request.method != "GET":
            return answers.words(405, "Method Not Allowed", {"Allow": "GET"})
        if route.kind in _PAGES and (refused := answers.refusal(switches)):
            return refused
        fault = _fault_at(switches, path, route)
        if fault is not None:
            return await faults.serve(fault, request, switches, lambda: self._body(route, fault))
        return self._answer(request, route)

    def _answer(self, request: web.Request, route: Route) -> web.Response:
        fixed = self._fixed.get(route.kind)
        if fixed is not None:
            return fixed(request.path)
        found = self._pages.find(route)
        if found is None:
            return answers.page(self._pages.not_found(), 404)
        if moved := _redirect(found, route):
            return moved
        redesign = self._switches.redesign or (
            _REDESIGN_COOKIE in request.headers.get("Cookie", "")
        )
        if not self._switches.validators:
            return answers.page(self._pages.render(found, redesign=redesign))
        version = self._versions.of(found, redesign=redesign)
        if version.is_held_by(request.headers):
            return web.Response(status=304, headers=version.headers)
        return answers.page(self._pages.render(found, redesign=redesign), headers=version.headers)

    def _body(self, route: Route, fault: ChapterFault) -> bytes:
        """The page that a fault damages."""
        found = self._pages.find(route)
        if found is None:
            return self._pages.not_found()
        redesign = fault is ChapterFault.REDESIGN or self._switches.redesign
        return self._pages.render(found, redesign=redesign)


def _redirect(found: Found, route: Route) -> web.Response | None:
    if found.chapter is None:
        return None if route.slug == found.fiction.slug else answers.redirect(301, found.path)
    return None if route.slug else answers.redirect(302, found.path)


def _fault_at(switches: SiteSwitches, path: str, route: Route) -> ChapterFault | None:
    """The fault of a page, by its id in any form of URL, else by the longest prefix of the path."""
    if not switches.faults:
        return None
    # A copy: another thread may change it.
    by_key = dict(switches.faults)
    parts = path.rstrip("/").split("/")
    prefixes = ("/".join(parts[:end]) for end in range(len(parts), 1, -1))
    for key in chain((route.key,), prefixes, "/"):
        fault = by_key.get(key)
        if not isinstance(fault, Times):
            if fault is not None:
                return fault
        elif fault.left > 0:
            fault.left -= 1
            return fault.fault
    return None
