"""Pages that are not what they seem end in an error of their own class, and only those."""

import random

import pytest
import royalroad_pages as pages

from novel_core.errors import (
    Blocked,
    LoginRequired,
    NotFound,
    PageBroken,
    PageChanged,
    SourceError,
)
from novel_core.page import Page
from novel_core.source import PageKind
from novel_royalroad import SOURCE

spider = SOURCE.spider()(name="royalroad")
CHAPTER = pages.chapter_html(f"<p>The lamps.</p>{pages.hidden()}")
CHALLENGE = pages.fill("challenge.html", title="Just a moment...")


def test_the_legacy_layout_is_asked_for() -> None:
    assert spider.cookies == {"rr_ui_mode": "legacy"}


@pytest.mark.parametrize(
    "page",
    [
        pages.chapter(CHALLENGE, status=403, headers={"cf-mitigated": "challenge"}),
        pages.chapter(CHALLENGE, status=403),
        pages.chapter(CHALLENGE),
        pages.chapter(pages.fill("challenge.html", title="Einen Moment...")),
        pages.chapter("<html><head><title>Just a moment...</title></head></html>"),
        pages.chapter("", status=403, headers={"cf-mitigated": "challenge"}),
    ],
)
def test_bot_wall(page: Page) -> None:
    with pytest.raises(Blocked) as caught:
        spider.check(page)
    assert caught.value.url == page.url


@pytest.mark.parametrize("status", [404, 410, 200])
def test_error_page_is_quoted(status: int) -> None:
    page = pages.chapter(pages.fill("not_found.html"), status=status)
    with pytest.raises(NotFound) as caught:
        spider.check(page)
    assert caught.value.message == "Royal Road has no such page: This chapter isn't here."


@pytest.mark.parametrize("body", ["", "gone"])
def test_status_404_needs_no_page(body: str) -> None:
    with pytest.raises(NotFound):
        spider.check(pages.chapter(body, status=404))


@pytest.mark.parametrize(
    "page",
    [
        pages.chapter(pages.fill("login.html")),
        pages.chapter("<html></html>", url="https://www.royalroad.com/account/login?returnurl=x"),
    ],
)
def test_login_page(page: Page) -> None:
    with pytest.raises(LoginRequired):
        spider.check(page)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n ",
        b"\x00\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR</html>",
        b"\x1f\x8b\x08\x00garbage</html>",
        b'{"error": "</html>"}',
        CHAPTER.encode()[: CHAPTER.index("The lamps")],
        CHAPTER.encode().replace(b"</html>", b""),
    ],
)
def test_damaged_page(body: bytes) -> None:
    with pytest.raises(PageBroken):
        spider.check(pages.chapter(body))


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_other_statuses_are_left_to_the_engine(status: int) -> None:
    spider.check(pages.chapter("", status=status, headers={"retry-after": "30"}))


@pytest.mark.parametrize(
    "page",
    [
        pages.chapter(CHAPTER),
        pages.index(pages.fiction()),
        pages.index(pages.fill("redesign_fiction.html")),
        pages.chapter("\ufeff\n" + CHAPTER),
        pages.chapter(CHAPTER + "<!-- " + "x" * 1500 + " -->"),
        pages.chapter(CHAPTER.replace("Dusk - The", "Just a moment - The")),
        pages.index(pages.fiction(title="Not Found")),
        pages.chapter(
            pages.chapter_html(
                "<p>window._cf_chl_opt = {}; page-404; form-login-details; "
                'id="challenge-error-text"; challenge-platform</p>'
            )
        ),
    ],
)
def test_normal_pages_pass(page: Page) -> None:
    spider.check(page)


@pytest.mark.parametrize("kind", [PageKind.INDEX, PageKind.CHAPTER])
@pytest.mark.parametrize(
    "body",
    [
        CHALLENGE,
        pages.fill("not_found.html"),
        pages.fill("login.html"),
        "<html></html>",
        "<!-- only a comment --><!-- </html> -->",
        "<html><body><h1>Example Domain</h1></body></html>",
        "<html>" + "<b>" * 100_000 + "</html>",
        "<html><script>window.chapters = " + "[" * 100_000 + "</script></html>",
        '<html><table id="chapters"></html>',
        '<html><link rel="canonical" href="https://[/fiction/1"></html>',
        "",
    ],
)
def test_the_parser_raises_source_errors_only(kind: PageKind, body: str) -> None:
    page = pages.page(body, kind, pages.FICTION)
    with pytest.raises(SourceError):
        SOURCE.parser().parse(page)


@pytest.mark.parametrize("page", [pages.index(pages.fiction()), pages.chapter(CHAPTER)])
def test_damage_anywhere_is_a_source_error_or_a_result(page: Page) -> None:
    chance = random.Random(7)
    parser = SOURCE.parser()
    for _ in range(150):
        body = bytearray(page.body)
        at = chance.randrange(len(body))
        match chance.randrange(3):
            case 0:
                del body[at : at + chance.randrange(400)]
            case 1:
                body[at : at + 20] = chance.randbytes(20)
            case _:
                body[at:at] = b"<div" * 30 + b"\x00\xff"
        damaged = pages.page(bytes(body), page.kind, page.url)
        for read in (parser.parse, parser.follow):
            try:
                read(damaged)
            except SourceError:
                continue


def test_deep_pages_are_read_whole() -> None:
    content = "<span>" * 450 + "deep" + "</span>" * 450 + "<p>after</p>"
    text = SOURCE.parser().parse(pages.chapter(pages.chapter_html(content))).items[0].content_html
    assert ("deep" in text, text.endswith("<p>after</p>")) == (True, True)


@pytest.mark.parametrize("depth", [1500, 100_000])
def test_a_page_too_deep_is_not_cut_in_silence(depth: int) -> None:
    page = pages.chapter(pages.chapter_html("<span>" * depth + "deep"))
    with pytest.raises(PageBroken, match="nests its tags"):
        SOURCE.parser().parse(page)


def test_a_page_of_another_site() -> None:
    page = pages.index("<html><body>Hello</body></html>", url="https://www.royalroad.com/fiction/1")
    with pytest.raises(PageChanged) as caught:
        SOURCE.parser().parse(page)
    assert caught.value.selector == ".fic-header h1, #fiction-hero h1"


@pytest.mark.parametrize(
    "filler",
    [
        "<title>" + " " * 4000,
        "<link rel=",
        '<link rel="canonical" ',
        "page-404<strong>",
        "<",
        'id="chapters"',
    ],
)
def test_hostile_repetition_ends_in_an_error_at_once(filler: str) -> None:
    body = "<html>" + filler * (200_000 // len(filler)) + "</html>"
    for kind in (PageKind.INDEX, PageKind.CHAPTER):
        with pytest.raises(SourceError):
            SOURCE.parser().parse(pages.page(body, kind, pages.FICTION))
