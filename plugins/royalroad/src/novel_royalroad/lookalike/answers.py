"""The plain answers of the site: pages, redirects, refusals."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from novel_royalroad.lookalike.switches import SiteSwitches

HTML = "text/html; charset=utf-8"
_PNG_MARK = b"\x89PNG"

ROBOTS = """User-agent: *
Disallow: /fiction/chapter/*/vote
Disallow: /fictions/review/
Disallow: /forums/report/*
Disallow: /report/*

""" + "\n".join(
    f"User-agent: {name}\nDisallow: /\n"
    for name in (
        "GPTBot",
        "CCBot",
        "Google-Extended",
        "Applebot-Extended",
        "Amazonbot",
        "Bytespider",
        "ClaudeBot",
        "meta-externalagent",
    )
)


def page(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=body, status=status, headers={"Content-Type": HTML, **(headers or {})})


def redirect(status: int, location: str) -> web.Response:
    return web.Response(status=status, headers={"Location": location})


def words(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A bare error page, as a server in front of the site sends it."""
    body = f"<html><head><title>{status} {text}</title></head><body><h1>{status} {text}</h1></body></html>"
    return page(body.encode(), status, headers)


def image(body: bytes) -> web.Response:
    kind = "image/png" if body.startswith(_PNG_MARK) else "image/jpeg"
    return web.Response(body=body, headers={"Content-Type": kind})


def robots(switches: SiteSwitches) -> web.Response:
    text = ROBOTS if switches.robots is None else switches.robots
    if not text:
        return words(404, "Not Found")
    return web.Response(body=text.encode(), headers={"Content-Type": "text/plain; charset=utf-8"})


def refusal(switches: SiteSwitches) -> web.Response | None:
    """The site's bad moments; each counts down until it is over."""
    if switches.limited > 0:
        switches.limited -= 1
        pause = switches.retry_after
        headers = {} if pause is None else {"Retry-After": str(pause)}
        return words(429, "Too Many Requests", headers)
    if switches.unavailable > 0:
        switches.unavailable -= 1
        return words(503, "Service Unavailable")
    if switches.failing > 0:
        switches.failing -= 1
        return words(500, "Internal Server Error")
    return None
