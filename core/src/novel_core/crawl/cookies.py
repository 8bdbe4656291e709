"""Cookies that a site sets during a crawl. In memory, for the source's own hosts only."""

from __future__ import annotations

from collections.abc import Collection
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import aiohttp
import yarl

#: A site that sets more cookies starts with an empty jar again.
_MOST = 100


class CrawlCookies:
    """The cookie jar of one crawl; URLs are the canonical ones, not those of `host_map`."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = frozenset(hosts)
        self._jar = aiohttp.CookieJar(quote_cookie=False)

    def add_to(self, headers: list[tuple[str, str]], url: str) -> None:
        """Add the site's cookies to the Cookie header; the spider's own stay first."""
        if not self._is_own(url):
            return
        own = [value for name, value in headers if name.lower() == "cookie"]
        named = SimpleCookie("; ".join(own))
        kept = self._jar.filter_cookies(yarl.URL(url, encoded=True))
        pairs = [f"{name}={kept[name].coded_value}" for name in kept if name not in named]
        if pairs:
            headers[:] = [pair for pair in headers if pair[0].lower() != "cookie"]
            headers.append(("Cookie", "; ".join([*own, *pairs])))

    def keep(self, url: str, cookies: SimpleCookie) -> None:
        if cookies and self._is_own(url):
            if len(self._jar) > _MOST:
                self._jar.clear()
            self._jar.update_cookies(cookies, yarl.URL(url, encoded=True))

    def _is_own(self, url: str) -> bool:
        return urlsplit(url).hostname in self._hosts
