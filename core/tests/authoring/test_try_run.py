"""A plugin tried with its first chapters only."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from novel_core.authoring.try_run import limit_parser
from novel_core.content.visible import follows_of
from novel_core.items import Chapter
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.source import PageKind

URL = "https://site.example/1"
PICTURE = Follow("https://site.example/a.png", PageKind.IMAGE)
CHAPTERS = [Follow(f"{URL}/{number}", PageKind.CHAPTER) for number in range(1, 5)]


class Plain(Parser):
    """Counts the pages it parses."""

    def __init__(self) -> None:
        self.parsed: list[str] = []

    def parse(self, page: Page) -> Parsed:
        self.parsed.append(page.url)
        chapter = Chapter(source_id="1", title="One", url=URL, content_html='<img src="/a.png">')
        return Parsed(items=(chapter,), follow=CHAPTERS)


class Listing(Plain):
    """Tells what to request without a parse."""

    def follow(self, page: Page) -> Sequence[Follow]:
        return CHAPTERS[1:]


@pytest.mark.parametrize(("parser", "first"), [(Plain(), CHAPTERS[:2]), (Listing(), CHAPTERS[1:3])])
def test_a_page_with_pictures_is_parsed_once(parser: Plain, first: list[Follow]) -> None:
    tried = limit_parser(parser, 2)
    page = Page(URL, PageKind.INDEX, b'<img src="/a.png">')
    assert follows_of(tried, page) == [*first, PICTURE]
    assert parser.parsed == [URL]
    other = Page(f"{URL}/list", PageKind.INDEX, b"")
    assert follows_of(tried, other) == first  # asked for already, and no others
