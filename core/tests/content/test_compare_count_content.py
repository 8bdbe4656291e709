from __future__ import annotations

import pytest

from novel_core.content import fingerprint, sanitize, word_count


def saved(html: str) -> str:
    return sanitize(html, base_url="https://site.example/1").html


SAME = [
    ("<p>a</p><p>b</p>", "<p>a</p>\n\n  <p> b </p>\n"),
    ("<p>a\nb</p>", "<p>a  b</p>"),
    ('<p class="cnMx1">a</p>', '<p class="cnMx2" id="q">a</p>'),
    ("<p>&eacute;&#233;&nbsp;&quot;</p>", '<p>éé\xa0"</p>'),
    (
        '<img src="https://c.example/a.png?token=1">',
        '<img src="https://c.example/a.png?token=2&amp;x">',
    ),
    ('<img height="2" src="/a.png" alt="x">', '<img alt="x" src="/a.png" height=2>'),
    ('<a href="/x" rel="ugc">a</a>', '<a href="/x">a</a>'),
    ('<p><span style="font-weight:400">a</span></p>', "<p>a</p>"),
    ('<p align="center">a</p>', '<p style="text-align: center;">a</p>'),
]
DIFFERENT = [
    ("<p>a</p>", "<p>b</p>"),
    ("<p>alot</p>", "<p>a lot</p>"),
    ("<p>a</p>", "<p><em>a</em></p>"),
    ("<p>a <em>b</em></p>", "<p>a<em>b</em></p>"),
    ("<p>a</p><p>b</p>", "<p>ab</p>"),
    ("<p>a</p>", "<p>a</p><hr>"),
    ("<p>a</p><p>&nbsp;</p>", "<p>a</p>"),
    ('<p>a</p><img src="/a.png">', "<p>a</p>"),
    ('<img src="/a.png">', '<img src="/b.png">'),
    ('<a href="/x?a=1">a</a>', '<a href="/x?a=2">a</a>'),
    ("<table><tr><td>a<td>b</table>", "<table><tr><td>a<tr><td>b</table>"),
    ('<p style="color:red">a</p>', "<p>a</p>"),
    ("<pre>a  b</pre>", "<pre>a b</pre>"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_a_reader_cannot_see_is_no_change(one: str, other: str) -> None:
    assert fingerprint(saved(one)) == fingerprint(saved(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_a_reader_sees_is_a_change(one: str, other: str) -> None:
    assert fingerprint(saved(one)) != fingerprint(saved(other))


def test_parts_are_told_apart() -> None:
    prints = {
        fingerprint("ab", ""),
        fingerprint("a", "b"),
        fingerprint("", "ab"),
        fingerprint("ab"),
    }
    assert len(prints) == 4


def test_a_fingerprint_never_depends_on_the_process() -> None:
    assert fingerprint("<p>a</p>") == "48b0e99a58995e6c34ad5a4c581b0e85"


COUNTS = [
    ("", 0),
    ("<p>One two</p><p>three</p>", 3),
    ("<p>Don't stop well-known re<em>entr</em>y.</p>", 4),
    ("<p>one<br>two</p><table><tr><td>three<td>four</table>", 4),
    ("<p>* * *</p><p>&mdash; \u2026 \u201c\u2026\u201d</p>", 0),
    ("<p>\u201cYes,\u201d \u2014 he said\u2014twice.</p>", 3),
    ("<p>Tom &amp; Jerry &lt;3 &nbsp; x&nbsp;y</p>", 5),
    ("<p>a\u2003b \u200b</p>", 2),
    ("<p>Привет, мир</p><p>café</p>", 3),
    ("<p>魔王は寝る。2人 ok</p>", 8),
    ("<p>스포츠 한국어</p>", 2),
    ("<p>สวัสดี</p>", 4),
    ("<p>\U0001f600 x</p>", 2),
    ('<p><img alt="not text" src="/a.png"></p>', 0),
]


@pytest.mark.parametrize(("html", "expected"), COUNTS)
def test_words_are_counted(html: str, expected: int) -> None:
    assert word_count(saved(html)) == expected
