"""The parser of a Fictioneer site: its pages, and the answers of its API."""

from __future__ import annotations

from novel_core import Page, PageChanged, PageKind, Parsed, Parser
from novel_wordpress.fictioneer import walls
from novel_wordpress.fictioneer.chapter_page import parse_chapter
from novel_wordpress.fictioneer.story_page import parse_story, story_id
from novel_wordpress.fictioneer.storygraph import parse_graph, parse_recent, parse_texts
from novel_wordpress.fictioneer.urls import API_ROUTE, RECENT_ROUTE, FictioneerUrls


class FictioneerParser(Parser):
    """The parser of one site."""

    version = "1"

    def __init__(self, urls: FictioneerUrls) -> None:
        self._urls = urls

    def check(self, page: Page) -> None:
        walls.check(page)

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.IMAGE:
            return Parsed()
        walls.check(page)
        return self._answer(page) or self._page(page)

    def _answer(self, page: Page) -> Parsed | None:
        """What an answer of the API holds; None for a page."""
        address = page.requested_url or page.url
        if API_ROUTE in address:
            return parse_graph(page, self._urls)
        if RECENT_ROUTE in address:
            return parse_recent(page)
        if "/wp/v2/fcn_chapter?" in address:
            return parse_texts(page, self._urls)
        return None

    def _page(self, page: Page) -> Parsed:
        main = page.document().css_first("main#main")
        if main is None:
            raise PageChanged(
                "The page is not one of Fictioneer's, which its site may have replaced",
                url=page.url,
                selector="main#main",
            )
        if "data-fictioneer-chapter-chapter-id-value" in main.attributes:
            return parse_chapter(page, main, self._urls)
        if page.kind is PageKind.CHAPTER and not page.chapters:
            # A pasted address: the page says which story it is.
            return Parsed(novel=self._urls.story(story_id(page, main)))
        return parse_story(page, main, self._urls)
