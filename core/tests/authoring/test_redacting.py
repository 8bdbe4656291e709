"""Redaction in place: every byte that is not prose stays as received."""

from __future__ import annotations

import json
import re

import pytest

from novel_core import Page, PageKind
from novel_core.recording import redacted
from novel_core.recording.redacting import values_of

URL = "https://novel.example/book/1"
PROSE = "The rain had not stopped for nine days, and nobody in the harbour spoke of it any more."
JAPANESE = "\u96e8\u306f\u4e5d\u65e5\u3082" * 20
ODD = f"""<!doctype HTML>
<HTML><body CLASS=Board data-x='1' ><form class=login ACTION='/in?a=1&b=2'><INPUT disabled value=go></form>
<P Class=Text>{PROSE}<BR/>caf&eacute; &lt;of&gt; {PROSE}<p>a < b &amp; c
<img src=a.png alt=x><a href=/u/1 title='It"s'>Ann</a><!-- page 3 of 9 -->
<script>if (a < b && "x" != 'y') {{ go("</p>") }}</script><style>p > b {{color: red}}</style></BODY>"""


def redacted_as(body: str, *known: str, encoding: str = "utf-8", prose: str = "No.") -> str:
    headers = {"content-type": f"text/html; charset={encoding}"}
    page = Page(URL, PageKind.INDEX, body.encode(encoding), headers=headers)
    return redacted(page, {prose}, set(known)).decode(encoding)


def test_only_the_prose_is_replaced() -> None:
    parts = re.split(re.escape(PROSE) + "|" + re.escape(f"caf&eacute; &lt;of&gt; {PROSE}"), ODD)
    text = redacted_as(ODD)
    at = 0
    for part in parts:
        found = text.index(part, at)
        assert found >= at
        at = found + len(part)
    assert (text.startswith(parts[0]), text.endswith(parts[-1])) == (True, True)
    assert "rain" not in text
    assert "&lt;" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp1252"])
def test_a_page_without_prose_is_the_received_bytes(encoding: str) -> None:
    body = ODD.replace(PROSE, "Caf\u00e9").encode(encoding)
    headers = {"content-type": f"text/html; charset={encoding}"}
    assert redacted(Page(URL, PageKind.INDEX, body, headers=headers)) == body


def test_a_page_keeps_its_encoding() -> None:
    body = f"<title>\u96e8\u306e\u6e2f</title><p>{JAPANESE}</p><b>\u96e8</b>"
    text = redacted_as(body, encoding="shift_jis")
    assert text.startswith("<title>\u96e8\u306e\u6e2f</title><p>lorem</p>")
    assert text.endswith("<b>\u96e8</b>")


def test_json_keeps_its_spaces_and_keys() -> None:
    body = '{ "id":7,\n"token" : "abc","text":"PROSE", "more":["x" ,"caf\\u00e9"]}'
    body = body.replace("PROSE", PROSE)
    text = redacted_as(body)
    assert text.startswith('{ "id":7,\n"token" : "removed","text":"')
    assert text.endswith('", "more":["x" ,"caf\\u00e9"]}')
    assert "rain" not in json.loads(text)["text"]


@pytest.mark.parametrize(
    "html",
    [
        "<p>Chapter 4 of The Quiet Fleet, revision 0.</p>",
        "<div><blockquote>Someone said: wow</blockquote></div>",
        "<div class='post-signature'><i>My motto</i></div>",
        "<div class=quoted>Indeed</div>",
        f"<div data-text='{PROSE}'></div>",
        f"<!-- {PROSE} -->",
        f"<p>{PROSE}",
        f"<p>{PROSE}</",
        f'<div title="{PROSE}">x</div>',
    ],
)
def test_prose_that_the_parser_does_not_read_goes(html: str) -> None:
    text = redacted_as(html)
    words = {"Quiet", "Someone", "motto", "Indeed", "rain"}
    assert not words & set(re.findall(r"\w+", text))
    assert re.sub(r"[A-Za-z]+", "w", text) == re.sub(r"[A-Za-z]+", "w", html)


@pytest.mark.parametrize(
    "html",
    [
        "<h2>Chapter 4: of the Quiet Fleet and its Captains</h2>",
        "<p>by Ann Author</p>",
        "<td>January 5, 2026 at 10:00 PM</td>",
        "<li><a href='/1'>The long and winding title of a chapter</a></li>",
        "<p>The Quiet Fleet and All of Its Captains, by the Author of the Harbour Tales</p>",
        "<time>Monday the fifth of January of the year 2026</time>",
        f"<p data-id='{'ab12' * 30}'>x</p>",
    ],
)
def test_labels_and_what_the_parser_reads_stay(html: str) -> None:
    title = "The Quiet Fleet and All of Its Captains, by the Author of the Harbour Tales"
    assert redacted_as(html, title) == html


def test_the_values_of_an_outcome_are_its_titles_and_names() -> None:
    outcome = {
        "items": [{"title": "A  Tale", "description_html": "<p>x y z</p>", "tags": ["Maps"]}]
    }
    assert values_of(outcome) == {"A Tale", "Maps"}
    assert values_of({"error": {"code": "not_found", "message": "Gone away"}}) >= {"Gone away"}


@pytest.mark.parametrize("part", ["<!--", "<", "<a b=", "<div>", "<a x='", '"\\'])
def test_broken_markup_is_redacted_too(part: str) -> None:
    assert "rain" not in redacted_as(f"<p>{PROSE}</p>{part * 2000} {PROSE}")
