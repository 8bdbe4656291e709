"""Pages that are not what was asked for, each by its error."""

import pytest

from novel_ao3 import SOURCE, walls
from novel_ao3_lookalike import LookalikeSeries, LookalikeWork, SiteSwitches, archived, notice_pages
from novel_core.errors import (
    Blocked,
    LoginRequired,
    NotFound,
    NotYet,
    NovelError,
    PageBroken,
    PageChanged,
    RateLimited,
    SiteUnavailable,
)
from novel_core.page import Page
from novel_core.source import PageKind


def check(page: Page) -> None:
    walls.check(page, SOURCE.urls)


WORK = "https://archiveofourown.org/works/7"
LOGIN = "https://archiveofourown.org/users/login"


@pytest.mark.parametrize(
    ("page", "error", "words"),
    [
        (
            archived.page(
                notice_pages.login(is_restricted=True),
                f"{LOGIN}?restricted=true&return_to=%2Fworks%2F7",
            ),
            LoginRequired,
            "registered users only",
        ),
        (
            archived.page(
                notice_pages.login(is_restricted=False),
                f"{LOGIN}?return_to=%2Fworks%2F7%3Frestricted%3Dtrue",
            ),
            LoginRequired,
            "hidden by its staff, or a draft",
        ),
        (
            archived.page(notice_pages.adult(LookalikeWork.generate(7), "/works/7"), WORK),
            Blocked,
            "adult content",
        ),
        (
            archived.page(notice_pages.mystery(is_chapter=True), f"{WORK}/chapters/1"),
            NotYet,
            "not yet revealed",
        ),
        (archived.page(notice_pages.mystery(is_chapter=False), WORK), NotYet, "challenge"),
        (archived.page(notice_pages.not_found(is_static=True), WORK), NotFound, "no such page"),
        (archived.page(notice_pages.error(503, "Slow."), WORK), SiteUnavailable, "503"),
        (archived.page(notice_pages.error(429, "Too Many."), WORK), RateLimited, "429"),
        (archived.page(notice_pages.error(403, "Access blocked."), WORK), Blocked, "403"),
        (archived.page(notice_pages.error(406, "Old."), WORK, status=406), Blocked, "406"),
        (archived.page(notice_pages.error(418, "Tea."), WORK), PageChanged, "418"),
        (archived.page(notice_pages.error(445, "Busy."), WORK, status=445), SiteUnavailable, "445"),
        (archived.page(notice_pages.challenge(), WORK), Blocked, "bot check"),
        (archived.page(notice_pages.challenge(), WORK, status=503), Blocked, "bot check"),
        (archived.page("", WORK), PageBroken, "The page is empty"),
    ],
)
def test_each_page_by_its_error(page: Page, error: type[NovelError], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        check(page)
    assert type(raised.value) is error
    with pytest.raises(error):
        SOURCE.parser().parse(page)


@pytest.mark.parametrize("status", [404, 429, 500, 525])
def test_an_error_told_by_its_status_is_left_to_the_engine(status: int) -> None:
    check(archived.page(notice_pages.error(status, "Sorry."), WORK, status=status))


def test_a_limit_behind_a_bot_check_is_a_limit() -> None:
    check(archived.page(notice_pages.challenge(), WORK, status=429))


@pytest.mark.parametrize("has_jsd", [True, False])
def test_ordinary_pages_pass(has_jsd: bool) -> None:
    work = LookalikeWork.generate(7, chapters=2)
    switches = SiteSwitches(has_jsd=has_jsd)
    for page in (
        archived.whole(work, switches=switches),
        archived.chapter(work, 1, switches=switches),
        archived.index(work),
    ):
        assert (b"cdn-cgi/challenge-platform" in page.body) >= (has_jsd and page.position > 0)
        check(page)


def test_a_text_may_quote_every_sign() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    work.chapters[0].paragraphs = [
        '<p class="caution notice">part of an ongoing challenge</p>',
        '<p class="notice">an ongoing challenge</p>',
        '<div class="error-404 sessions-new">_cf_chl_opt cf-browser-verification</div>',
    ]
    check(archived.whole(work))


def test_the_front_page_in_the_place_of_another() -> None:
    home = "https://archiveofourown.org/"
    for kind, asked in (
        (PageKind.CHAPTER, f"{WORK}/chapters/9"),
        (PageKind.INDEX, "https://archiveofourown.org/series/5"),
    ):
        page = archived.page(notice_pages.home(), home, kind, requested_url=asked)
        with pytest.raises(LoginRequired, match="front page"):
            check(page)
    index = archived.page(notice_pages.home(), home, requested_url=WORK)
    check(index)
    [follow] = SOURCE.parser().follow(index)
    assert (follow.url, follow.position) == (f"{WORK}?view_adult=true", 1)


def test_a_series_may_have_notes_of_any_class() -> None:
    one = LookalikeSeries(5, "Five", [])
    one.notes = '<p class="caution notice">part of an ongoing challenge</p>'
    check(archived.series(one, [LookalikeWork.generate(7)]))


def test_another_chapter_in_the_place_of_one_that_is_gone() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    shown = archived.chapter(work, 1)
    for kind, error in ((PageKind.CHAPTER, NotFound), (PageKind.INDEX, SiteUnavailable)):
        page = archived.page(shown.text, shown.url, kind, chapters=("9",))
        with pytest.raises(error):
            check(page)
