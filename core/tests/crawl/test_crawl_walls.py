"""Signs, the same on many sites, that a page is not the one requested."""

from __future__ import annotations

import pytest

from novel_core.crawl.walls import check_complete, is_challenge
from novel_core.errors import PageBroken
from novel_core.page import Page
from novel_core.source import PageKind

URL = "https://example.org/1"
MARKUP = b"<html><p>One.</p></html>"
QUOTED = b"<html><p>window._cf_chl_opt = {}</p></html>"


def page(body: bytes, **headers: str) -> Page:
    return Page(URL, PageKind.CHAPTER, body, headers=headers)


@pytest.mark.parametrize(
    ("body", "headers", "has_content", "expected"),
    [
        (b"", {"cf-mitigated": "challenge"}, True, True),
        (MARKUP, {"cf-mitigated": "Challenge"}, False, True),
        (QUOTED, {}, False, True),
        (QUOTED, {}, True, False),
        (MARKUP, {"cf-mitigated": "other"}, False, False),
        (b'<div id="challenge-error-text">', {}, False, True),
        (b"<script src='/cdn-cgi/challenge-platform/x.js'>", {}, False, False),
    ],
)
def test_a_challenge(
    body: bytes, headers: dict[str, str], has_content: bool, expected: bool
) -> None:
    assert is_challenge(page(body, **headers), has_content=has_content) is expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The page is empty."),
        (b"\xef\xbb\xbf \r\n\x00", "The page is empty."),
        (b'{"error": "</html>"}', "The response is not a web page."),
        (b"\x1f\x8b\x08\x00</html>", "The response is not a web page."),
        (MARKUP[:-3], "The page was cut off before its end."),
        (MARKUP + b"x" * 4096, "The page was cut off before its end."),
    ],
)
def test_a_damaged_page(body: bytes, message: str) -> None:
    with pytest.raises(PageBroken) as caught:
        check_complete(page(body))
    assert (caught.value.message, caught.value.url) == (message, URL)


@pytest.mark.parametrize("body", [MARKUP, b"\xef\xbb\xbf\n" + MARKUP, MARKUP.upper() + b"\n\n"])
def test_a_complete_page(body: bytes) -> None:
    check_complete(page(body))


@pytest.mark.parametrize(
    ("media_type", "whole"),
    [
        ("application/json; charset=utf-8", b'{"error": null}\n'),
        ("application/feed+json", b"[1, 2]"),
        ("application/rss+xml", b"<?xml version='1.0'?><rss></rss>\n"),
        ("text/xml", b"<rss></rss>"),
    ],
)
def test_answers_of_another_kind_have_an_end_too(media_type: str, whole: bytes) -> None:
    check_complete(page(whole, **{"content-type": media_type}))
    with pytest.raises(PageBroken, match="cut off"):
        check_complete(page(whole.rstrip()[:-1], **{"content-type": media_type}))
    check_complete(page(MARKUP, **{"content-type": "text/html"}))


def test_a_fragment_states_its_own_end() -> None:
    rows = b"<ol>" + b"<li>A row</li>" * 300 + b"</ol><!-- End -->"
    check_complete(page(rows), end="<!-- end")
    for cut in (rows[:-10], rows[:200], b"<li>One</li>"):
        with pytest.raises(PageBroken):
            check_complete(page(cut), end="<!-- end")
