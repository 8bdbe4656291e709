"""Random broken markup: what a browser shows of it comes out of the sanitiser, and cleaning twice is cleaning once."""

from __future__ import annotations

import html5lib
from hypothesis import given, settings, strategies as st

from novel_core.content import sanitize
from novel_core.content.rules import KEEPER

BASE = "https://site.example/1"
_TAGS = [
    "p",
    "div",
    "span",
    "b",
    "i",
    "em",
    "strong",
    "a",
    "u",
    "s",
    "small",
    "sub",
    "sup",
    "br",
    "hr",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "td",
    "th",
    "tbody",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "font",
    "center",
    "details",
    "summary",
    "ruby",
    "rt",
    "figure",
    "code",
    "q",
    "math",
    "mi",
    "mn",
    "mrow",
    "form",
    "fieldset",
    "legend",
    "section",
    "nobr",
]
_NAMES = ["class", "style", "id", "href", "title", "align", "dir", "x-y", "onclick"]
_VALUES = [
    "a",
    "bold",
    "#n",
    "n",
    "color:red",
    "text-align:center",
    "/x?a=1&b=2",
    "a<b>\"c'",
    "\u00e9\xa0",
    "",
]
_WORDS = [
    "one ",
    "two",
    " ",
    "\n",
    "&amp;",
    "&lt;",
    "<",
    ">",
    "&",
    "\u9b54",
    "\xa0",
    "&nbsp;x",
    '"',
]

_attribute = st.builds(
    "{}='{}'".format,
    st.sampled_from(_NAMES),
    st.sampled_from([v.replace("'", "") for v in _VALUES]),
)
_opening = st.builds(
    lambda name, attributes: f"<{' '.join([name, *attributes])}>",
    st.sampled_from(_TAGS),
    st.lists(_attribute, max_size=2),
)
_closing = st.builds("</{}>".format, st.sampled_from(_TAGS))
_markup = st.lists(st.one_of(st.sampled_from(_WORDS), _opening, _closing), max_size=25).map("".join)


def words(html: str) -> str:
    """The text of a fragment, as an independent HTML5 parser reads it, without its white space."""
    # As a document: of a fragment html5lib loses the text that a browser takes out of an open table.
    fragment = html5lib.parse(f"<!DOCTYPE html><body>{html}", namespaceHTMLElements=False)
    return "".join("".join(fragment.itertext()).replace("\ufeff", "").split())


@given(_markup)
@settings(max_examples=300, deadline=None)
def test_the_text_that_goes_in_comes_out(html: str) -> None:
    assert words(sanitize(html, base_url=BASE).html) == words(html), repr(html)


@given(_markup)
@settings(max_examples=300, deadline=None)
def test_what_comes_out_needs_no_cleaning(html: str) -> None:
    once = sanitize(html, base_url=BASE).html
    assert sanitize(once, base_url="https://elsewhere.example/").html == once
    assert KEEPER.clean(once).replace("<pre>\n", "<pre>") == once.replace("<pre>\n", "<pre>")
