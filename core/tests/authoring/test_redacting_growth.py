"""Redaction costs what a page is long, whatever is wrong with its markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from growing import too_steep

from novel_core.page import Page
from novel_core.recording import as_recorded, prose_of, redacted
from novel_core.source import PageKind

SIZES = (512, 2_048, 8_192)
#: Repeated; those with `|` have a beginning and an end around it.
FORMS = (
    "<b>", "<b>x</i>", "<b>some words of a story ", "<b ", "<b a='", '<b a="', "<b a=", "</", "</b",
    "<", "<!", "<!--", "<!-- <b> x ", "<![CDATA[", "<script>", "<script ", "<style>x", "<title>",
    "<meta ", '<input name=csrf value="', "<input name=", "<blockquote>", "&amp", '"', "`", "[",
    '{"a":"', "a ", '<p title="|<b title=&quot;|">', '<script type="application/json">|{"a":|',
    "<script>|'|", "<script>|`|", "<script |type=|>x</script>", "<p |class= |>x", "<meta |id=|>",
    "<p class=|quot|>", "<p |data-x |>", '["|a |"]', '["|<b|"]',
)  # fmt: skip


def repeated(form: str, times: int) -> str:
    start, _, rest = form.partition("|") if "|" in form else ("", "", form)
    middle, _, end = rest.partition("|")
    return start + middle * times + end


@pytest.mark.growth
@pytest.mark.parametrize("media", ["text/html", "application/json", "application/rss+xml"])
@pytest.mark.parametrize("form", FORMS)
def test_redaction_is_linear(form: str, media: str) -> None:
    def run(times: int) -> None:
        body = repeated(form, times).encode()
        headers = {"content-type": media}
        redacted(as_recorded(Page("https://a.example/1", PageKind.CHAPTER, body, headers=headers)))

    assert too_steep(run, SIZES) is None


@pytest.mark.growth
@pytest.mark.parametrize("form", ["<b>|</b>|", "<b>|x</i>|"])
def test_closing_deep_elements_is_linear(form: str) -> None:
    before, inner, _ = form.split("|")

    def run(times: int) -> None:
        body = (before * times + inner * times).encode()
        redacted(Page("https://a.example/1", PageKind.CHAPTER, body))

    assert too_steep(run, SIZES) is None


@pytest.mark.growth
def test_the_values_of_a_long_list_are_linear() -> None:
    def run(times: int) -> None:
        names = [f"The Chapter of the {number}th Lamp" for number in range(times)]
        body = "".join(f"<p>{number}. {name}</p>" for number, name in enumerate(names)).encode()
        page = Page("https://a.example/1", PageKind.INDEX, body)
        assert b"of the 5th Lamp" in redacted(page, (), frozenset(names))

    assert too_steep(run, (64, 256, 1_024)) is None


@pytest.mark.growth
def test_the_prose_of_an_outcome_is_linear() -> None:
    def run(times: int) -> None:
        prose_of({"items": [{"content_html": "<a " * times}, {"content_html": "&lt;" * times}]})

    assert too_steep(run, (2_048, 8_192, 32_768)) is None


PROSE = "it was a very long evening and nobody at the quay had seen the boat come in again"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (f"<p class=a>x</p><p {PROSE}", "<p class=a>x</p><p "),
        (f'<p title="{PROSE}', "<p "),
        (f'<p title="> <b class=c>{PROSE}</b>', " <b class=c>"),
        (f"<p class=x>{PROSE}</i></b><b>{PROSE}", "<p class=x>"),
        (f"<blockquote><p></i>{PROSE}", "<blockquote><p></i>"),
    ],
)
def test_no_prose_stays_in_markup_that_does_not_end(body: str, kept: str) -> None:
    page = Page("https://a.example/1", PageKind.CHAPTER, body.encode())
    filled = redacted(page).decode()
    assert kept in filled
    assert "quay" not in filled
    assert "evening" not in filled
    assert redacted(replace(page, body=b"<p>ok</p>")) == b"<p>ok</p>"


def test_a_close_inside_an_open_quote_leaves_the_quote_open() -> None:
    page = Page(
        "https://a.example/1",
        PageKind.CHAPTER,
        b"<blockquote><p>A line</i> of it</p> he said</blockquote><p>By Ann",
    )
    filled = redacted(page).decode()
    assert "line" not in filled
    assert "said" not in filled
    assert filled.endswith("<p>By Ann")
