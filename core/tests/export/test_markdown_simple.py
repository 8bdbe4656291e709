"""The short way to a line of Markdown gives what the long way gives."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from markup import PARAGRAPHS, TEXT_HTML, TEXTS

from novel_core.content import sanitize
from novel_core.export.markdown import blocks, to_markdown
from novel_core.export.markdown.line import BREAK, CODE, WORDS, Link, Piece, lines_of
from novel_core.export.markdown.marks import EM, STRONG, UNDERLINE
from novel_core.export.markdown.parts import Paragraph, parts
from novel_core.export.markdown.simple import simple_line

LINK = Link("https://e.example/", "")
STYLES = st.sampled_from([0, 0, 0, EM, STRONG, EM | STRONG, UNDERLINE])
WORDY = st.builds(
    Piece,
    TEXTS | st.sampled_from([" ", "\n", "a ", " b", "Ann", "a\u2028", "\u2028b"]),
    st.just(WORDS),
    STYLES,
)
ODD = st.builds(Piece, TEXTS, st.sampled_from([WORDS, CODE]), STYLES, st.sampled_from([None, LINK]))
PIECES = st.lists(WORDY, min_size=1, max_size=6) | st.lists(
    WORDY | ODD | st.just(Piece("", BREAK)), min_size=1, max_size=5
)


@given(PIECES)
@settings(max_examples=1000, deadline=None)
def test_both_ways_give_the_same_line(pieces: list[Piece]) -> None:
    line = simple_line(pieces)
    if line is not None:
        assert lines_of(pieces) == ([line] if line else [])


@given(PARAGRAPHS)
@settings(max_examples=300, deadline=None)
def test_a_paragraph_gives_the_line_of_its_pieces(html: str) -> None:
    saved = sanitize(f"<p>{html}</p>", base_url="https://site.example/1").html
    nested = f"<div>{saved}</div>"  # what stands in another element goes the long way
    assert to_markdown(saved) == to_markdown(nested)


BETWEEN = st.sampled_from(["\n", " ", "<hr>", "a", "<ul><li>x</li></ul>", "<ol><li>y</li></ol>"])
STRETCHES = PARAGRAPHS.map("<p>{}</p>".format) | PARAGRAPHS | TEXT_HTML | BETWEEN


@given(st.lists(STRETCHES, max_size=5).map("".join))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_text_in_parts_is_written_as_the_whole(html: str) -> None:
    saved = sanitize(html, base_url="https://site.example/1").html
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "parts", lambda whole: [whole])
        whole = to_markdown(saved)
    assert to_markdown(saved) == whole


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("", []),
        ("<p>One</p>\n<p> two &amp; 2 <em>three</em></p>", ["One", "two & 2 *three*"]),
        ("<p></p>", [""]),
        ("a <b>b</b><p>c</p>", ["<a <b>b</b>>", "c"]),
        ("<blockquote><p>a</p></blockquote><p>b</p>", ["<<blockquote><p>a</p></blockquote>>", "b"]),
        ('<p>a<br>b</p><p class="x">c</p><p>d</p>', ['<<p>a<br>b</p><p class="x">c</p>>', "d"]),
        ("<p>a</p><hr><p>b</p>", ["a", "<<hr>>", "b"]),
        ("<p>a</p><p>b", ["<<p>a</p><p>b>"]),
        ("<p>a</p></div>", ["<<p>a</p></div>>"]),
        ("<p>a <em>b</p></em>", ["<<p>a <em>b</p></em>>"]),
        ("1>p<2>/p<3", ["<1>p<2>/p<3>"]),
        ("<p>a</p><!-- b --><p>c</p>", ["<<p>a</p><!-- b --><p>c</p>>"]),
    ],
)
def test_parts_are_simple_paragraphs_and_what_is_between(html: str, found: list[str]) -> None:
    """Markup that takes a parser stands in angle brackets here."""
    assert [
        part.line if isinstance(part, Paragraph) else f"<{part}>" for part in parts(html)
    ] == found


@pytest.mark.parametrize(
    ("pieces", "line"),
    [
        ([Piece("\n")], ""),
        ([Piece(" It rained,\n 2*3 times. ")], "It rained, 2\\*3 times."),
        ([Piece(" \u3000 Rain.")], "\u3000Rain."),
        ([Piece("a "), Piece("b", style=EM), Piece(", "), Piece("c.", style=STRONG)], "a *b*, **c.**"),
        ([Piece("a"), Piece("b", style=EM), Piece("c")], "a*b*c"),
        ([Piece("a"), Piece(": ", style=EM), Piece("c")], None),
        ([Piece("a"), Piece("b.", style=EM), Piece("c")], None),
        ([Piece("a", style=EM), Piece("b", style=STRONG)], None),
        ([Piece("a", style=EM), Piece(" "), Piece("b", style=EM)], None),
        ([Piece("a"), Piece("", BREAK), Piece("b")], None),
    ],
)  # fmt: skip
def test_what_goes_the_short_way(pieces: list[Piece], line: str | None) -> None:
    assert simple_line(pieces) == line
