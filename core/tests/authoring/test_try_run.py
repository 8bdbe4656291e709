"""A plugin tried with its first chapters only."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from novel_core.authoring.chapter_limit import ChapterLimit
from novel_core.authoring.try_run import limit_parser
from novel_core.cli.try_plugin import warnings_of_plugin
from novel_core.content.visible import follows_of
from novel_core.errors import Maintenance
from novel_core.ingest.save_summary import WITHOUT_PAGE
from novel_core.items import Chapter
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.source import PageKind, UrlKind, UrlMatch

URL = "https://site.example/1"
PICTURE = Follow("https://site.example/a.png", PageKind.IMAGE)
CHAPTERS = [
    Follow(f"{URL}/{number}", PageKind.CHAPTER, chapters=(str(number),)) for number in range(1, 5)
]


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
    tried = limit_parser(parser, ChapterLimit(2))
    page = Page(URL, PageKind.INDEX, b'<img src="/a.png">')
    assert follows_of(tried, page) == [*first, PICTURE]
    assert parser.parsed == [URL]
    other = Page(f"{URL}/list", PageKind.INDEX, b"")
    assert follows_of(tried, other) == first  # asked for already, and no others


def test_all_that_a_parser_does_is_done_by_the_limited_one() -> None:
    class Checking(Plain):
        def check(self, page: Page) -> None:
            raise Maintenance("Closed.", url=page.url)

    with pytest.raises(Maintenance):
        limit_parser(Checking(), ChapterLimit(2)).check(Page(URL, PageKind.INDEX, b""))
    # A further method of parsers needs its own line in the limited one.
    public = {name for name in vars(Parser) if not name.startswith("_")}
    assert public - {"version"} == {"parse", "follow", "check"}


def chapters(*ids: str, part: int = 0, batch: int = 0) -> Follow:
    url = f"{URL}/texts?ids={{ids}}" if batch else f"{URL}/{'-'.join(ids)}/{part}"
    return Follow(url, PageKind.CHAPTER, chapters=ids, part=part, batch=batch, markers=ids)


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ([chapters(*"1234567890"), chapters("11")], [chapters(*"1234567890")]),
        ([chapters("1"), chapters(*"23"), chapters("4")], [chapters("1"), chapters(*"23")]),
        (
            [chapters(id_, part=part) for id_ in "1234" for part in range(3)],
            [chapters(id_, part=part) for id_ in "123" for part in range(3)],
        ),
        # A chapter in another place of the site is the same chapter.
        ([*map(chapters, "1213"), chapters("4")], [*map(chapters, "1213")]),
    ],
)
def test_chapters_are_counted_and_not_pages(given: list[Follow], first: list[Follow]) -> None:
    limit = ChapterLimit(3)
    for _ in range(2):  # a page is asked about more than once
        assert [limit.within(follow) for follow in given if limit.within(follow)] == first


def test_chapters_left_out_by_the_limit_are_known() -> None:
    limit = ChapterLimit(3)
    for follow in (chapters(*"12"), chapters("3"), chapters(*"345"), chapters("6"), chapters("4")):
        limit.within(follow)
    # A page of a chapter that fits is requested whole.
    assert limit.left_out == {"6"}


def test_only_chapters_that_the_limit_left_out_are_no_warning() -> None:
    listed = [
        {"source_id": name, "content_html": text, "access": access}
        for name, text, access in (
            ("1", "<p>One.</p>", "free"),
            ("2", None, "locked"),
            ("3", None, "free"),
            ("4", None, "free"),
        )
    ]
    warnings = [f"{WITHOUT_PAGE}: 3, 4.", "The page has no date."]
    assert warnings_of_plugin(warnings, listed, {"3", "4"}) == ["The page has no date."]
    assert warnings_of_plugin(warnings, listed, {"3"}) == [
        "The page has no date.",
        f"{WITHOUT_PAGE}: 4.",
    ]
    assert warnings_of_plugin(warnings[1:], listed, set()) == warnings[1:]


def test_a_batch_is_cut_to_the_first_chapters() -> None:
    limit = ChapterLimit(3)
    assert limit.within(chapters("1")) is not None
    cut = limit.within(chapters(*"23456", batch=20))
    assert cut is not None
    assert (cut.chapters, cut.markers, cut.batch) == (("2", "3"), ("2", "3"), 20)
    assert limit.within(chapters(*"78", batch=20)) is None
    assert limit.left_out == set("45678")
    assert limit.within(Follow(URL, PageKind.INDEX)) is not None


def test_a_page_that_is_requested_anyway_is_so_for_all_its_chapters() -> None:
    limit = ChapterLimit(1)
    whole = f"{URL}/all"
    late = [Follow(whole, PageKind.CHAPTER, chapters=(id_,)) for id_ in "129"]
    assert [limit.within(follow) for follow in late] == late
    assert limit.left_out == set()
    assert limit.within(chapters("3")) is None


def test_a_page_without_a_chapter_belongs_to_that_of_the_page_that_names_it() -> None:
    limit = ChapterLimit(1)
    text = Follow(f"{URL}/api/1", PageKind.CHAPTER)
    shell = Page(f"{URL}/1", PageKind.CHAPTER, b"", chapters=("1",))
    other = Page(f"{URL}/2", PageKind.CHAPTER, b"", chapters=("2",))
    assert limit.within(chapters("1")) is not None
    assert limit.within(text, shell) is text
    assert limit.within(Follow(f"{URL}/api/2", PageKind.CHAPTER), other) is None
    assert (
        limit.within(Follow(f"{URL}/api/3", PageKind.CHAPTER), Page(URL, PageKind.INDEX, b""))
        is None
    )
    assert "2" in limit.left_out


@pytest.mark.parametrize("most", [0, 1, 2])
def test_the_chapter_that_was_given_is_the_first_of_the_limit(most: int) -> None:
    match = UrlMatch(UrlKind.CHAPTER, f"{URL}/9", "1", "9", URL)
    limit = ChapterLimit.around(match, most)
    kept = [id_ for id_ in "123456789" if limit.within(chapters(id_))]
    assert kept == (["1", "9"] if most == 2 else ["9"])
    of_novel = ChapterLimit.around(UrlMatch(UrlKind.NOVEL, URL, "1"), most)
    assert [id_ for id_ in "1239" if of_novel.within(chapters(id_))] == list("12"[:most])
