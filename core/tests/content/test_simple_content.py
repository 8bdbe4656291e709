"""The short way of simple texts and the long way of all others give the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from novel_core.content import CleanHtml, clean, fingerprint, sanitize, word_count
from novel_core.content.pieces import cut
from novel_core.content.simple import simple_pieces
from novel_core.document import fragment

BASE = "https://site.example/1"
_TAGS = ["p", "em", "b", "i", "strong", "br", "hr", "h1", "h2", "blockquote", "div", "sup", "code"]
_TEXTS = [
    "one ",
    "two",
    " ",
    "\n",
    "\r",
    "\t",
    "\x0c",
    "\x7f",
    "\x85",
    "\xa0",
    "\xad",
    "\u200b",
    "\ufeff",
    "\ufffe",
    "\u9b54",
    "\U0001f600",
    "&",
    "&amp;",
    "&lt;",
    "&nbsp;",
    "&#65;",
    "&eacute",
    ">",
    "<",
    '"',
]
_element = st.deferred(lambda: st.one_of(st.sampled_from(_TEXTS), _closed))
_closed = st.builds(
    lambda name, inside: (
        f"<{name}>" if name in {"br", "hr"} else f"<{name}>{''.join(inside)}</{name}>"
    ),
    st.sampled_from(_TAGS),
    st.lists(_element, max_size=3),
)
_well_nested = st.lists(_element, max_size=6).map("".join)
_tag = st.builds("<{}{}>".format, st.sampled_from(["", "/"]), st.sampled_from(_TAGS))
_any = st.lists(st.one_of(st.sampled_from(_TEXTS), _tag), max_size=12).map("".join)


def the_long_way(html: str) -> CleanHtml:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clean, "simple_pieces", lambda _: None)
        return sanitize(html, base_url=BASE)


@given(st.one_of(_well_nested, _any))
@settings(max_examples=500, deadline=None)
def test_a_simple_text_is_saved_as_any_other(html: str) -> None:
    long, short = the_long_way(html), sanitize(html, base_url=BASE)
    assert (short, short.pieces) == (long, long.pieces)


@given(st.one_of(_well_nested, _any))
@settings(max_examples=500, deadline=None)
def test_a_parser_reads_a_simple_text_as_it_is_written(html: str) -> None:
    pieces = simple_pieces(html)
    if pieces is not None:
        assert fragment(html).inner_html == html.replace("\xa0", "&nbsp;")
        assert pieces == cut(html)


SIMPLE = [
    "",
    "No tag at all",
    "<p>One</p>\n<p>two <em>three <strong>four</strong></em><br>five</p>",
    "<h2>One</h2><hr><blockquote><p>two &amp; &lt;three&gt;&nbsp;\u201cfour\u201d</p><hr></blockquote>",
    "<div><div>one</div>two <b><b><b><b>three</b></b></b></b></div>",
]
NOT_SIMPLE = [
    "<p>One <em>two</p></em>",
    "<p>One<p>two",
    "<p><div>one</div></p>",
    "<p><hr></p>",
    "<em><p>one</p></em>",
    "<h1><h2>one</h2></h1>",
    "<h1><p>one</p></h1>",
    "<p>1 > 2</p>",
    "1>p<2 /p",
    "<p>one</p><!-- p --><p>two</p>",
    "<p>one &copy; two</p>",
    "<p>one & two</p>",
    "<p>one\r\ntwo</p>",
    '<p class="bold">one</p>',
    "<P>one</P>",
    "<p >one</p>",
    "<pre>\none</pre>",
    "<script>p</script>",
    "<p>one</p></div>",
    "<" * 3,
]


@pytest.mark.parametrize("html", SIMPLE)
def test_paragraphs_with_emphasis_are_simple(html: str) -> None:
    assert simple_pieces(html) == cut(html)
    assert sanitize(html, base_url=BASE).html == html


@pytest.mark.parametrize("html", NOT_SIMPLE)
def test_what_a_parser_may_change_is_not_simple(html: str) -> None:
    assert simple_pieces(html) is None
    assert sanitize(html, base_url=BASE) == the_long_way(html)


def test_a_bracket_outside_of_tags_is_text() -> None:
    # No saved text holds one; any other text still gets an answer.
    assert word_count("<p>1 > 2</p> <p>3") == 3
    assert fingerprint("<p>1 > 2</p>") == fingerprint("<p>1 > 2</p> ")
    assert fingerprint("<p>1 > 2</p>") != fingerprint("<p>1 < 2</p>")


def test_what_is_asked_of_tags_leaves_the_words_alone() -> None:
    assert fingerprint('<p>say rel="x"</p>') != fingerprint("<p>say</p>")
    assert fingerprint('<p>an id="place-1" b</p>') != fingerprint("<p>an b</p>")
    assert fingerprint("<p>a  pre-wrap</p>") == fingerprint("<p>a pre-wrap</p>")
