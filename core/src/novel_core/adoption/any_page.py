"""A source of the pages of a host of which nothing is known."""

from __future__ import annotations

from urllib.parse import urlsplit

from novel_core.page import Page, Parsed, Parser
from novel_core.plugin import Source
from novel_core.source import SourceInfo, UrlKind, UrlMatch
from novel_core.states import ADOPTION


class _PageReader(Parser):
    def parse(self, page: Page) -> Parsed:
        del page
        return Parsed()


class AnyPage(Source):
    """Reads nothing of its pages; `hosts` are further ones that they may be at."""

    def __init__(self, url: str, hosts: tuple[str, ...] = ()) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        domains = tuple(dict.fromkeys((host, *hosts)))
        self.info = SourceInfo(ADOPTION, host, f"{parts.scheme}://{parts.netloc}", domains)

    def match(self, url: str) -> UrlMatch | None:
        return UrlMatch(UrlKind.NOVEL, url, novel_id="1")

    def parser(self) -> Parser:
        return _PageReader()
