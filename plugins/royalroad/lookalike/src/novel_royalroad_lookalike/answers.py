"""The plain responses of the site: pages, redirects, errors."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from novel_royalroad_lookalike.switches import SiteSwitches

HTML = "text/html; charset=utf-8"
_PNG_MARK = b"\x89PNG"

_SIGN_IN = ("/account/login", "/account/register")
_ALL = ("/",)
_ROBOTS_GROUPS = {
    "*": ("/fiction/chapter/*/vote", "/fictions/review/", "/forums/report/*", "/report/*"),
    "grapeshot": _SIGN_IN,
    "Getintent Crawler (https://getintent.com/bot.html)": _SIGN_IN,
    "GPTBot": _ALL,
    "CCBot": _ALL,
    "Google-Extended": _ALL,
    "Applebot-Extended": _ALL,
    "Amazonbot": _ALL,
    "Bytespider": _ALL,
    "ClaudeBot": _ALL,
    "meta-externalagent": _ALL,
}
ROBOTS = "\n".join(
    f"User-agent: {agent}\n" + "".join(f"Disallow: {path}\n" for path in paths)
    for agent, paths in _ROBOTS_GROUPS.items()
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


def limited(switches: SiteSwitches) -> web.Response:
    pause = switches.retry_after
    headers = {} if pause is None else {"Retry-After": str(pause)}
    return words(429, "Too Many Requests", headers)


def unavailable() -> web.Response:
    return words(503, "Service Unavailable")


def refusal(switches: SiteSwitches) -> web.Response | None:
    """The site's bad moments; each counts down until it is over."""
    if switches.limited > 0:
        switches.limited -= 1
        return limited(switches)
    if switches.unavailable > 0:
        switches.unavailable -= 1
        return unavailable()
    if switches.failing > 0:
        switches.failing -= 1
        return words(500, "Internal Server Error")
    return None
