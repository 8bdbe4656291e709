"""Markup of every kind, as an author's editor may leave it: strategies of hypothesis."""

from __future__ import annotations

from html import escape
from random import Random

from hypothesis import strategies as st

from novel_core.document.elements import names

#: Whatever Markdown knows, letters with and without spaces between them, signs of several kinds, and odd spaces.
SIGNS = [
    *"*_`[]()!#-+.>~|\\&<:=\"'/;{}^$@",
    *["1.", "2)", "***", "```", "~~~", "---", "&amp;", "&#42;", "<b>", "</p>", "<!--", "](", "!["],
    *["\u2026", "\u2014", "\u201c", "\u201d", "\u300c", "\u300d", "\u3002", "\u2605", "\u20ac"],
]
SPACES = [" ", "  ", "\n", "\u00a0", "\u3000", "\u200b", "\t"]
WORDS = ["Ann", "go", "x", "7", "12", "\u96e8", "\u964d\u308b", "\u00e9t\u00e9"]


def _texts(count: int) -> list[str]:
    """Up to five words, signs and spaces each, the short ones first."""
    random = Random(7)
    pieces = (WORDS, SIGNS, SPACES)
    made = (
        "".join(random.choice(random.choice(pieces)) for _ in range(random.randint(1, 5)))
        for _ in range(count)
    )
    return sorted({*WORDS, *SIGNS, *SPACES, *made}, key=len)


#: Chosen from many made beforehand: one decision each, where Hypothesis would take a dozen to put one together.
TEXTS = st.sampled_from(_texts(2000))
INLINE_TAGS = sorted(names("em strong i b u s sup sub code mark q span small del cite"))
CLASSES = [
    "",
    *sorted(names("italic bold underline strike not-italic not-bold pre-wrap")),
    "bold italic",
]


def _element(tag: str, classes: str, inner: str) -> str:
    return f'<{tag} class="{classes}">{inner}</{tag}>' if classes else f"<{tag}>{inner}</{tag}>"


def _inline(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    many = st.lists(children, min_size=1, max_size=4).map("".join)
    link = st.builds(
        '<a href="https://e.example/{}" title="{}">{}</a>'.format,
        st.sampled_from(["a", "a_(b)", "?a=1&amp;copy;=2", "*x*", "a)b"]),
        TEXTS.map(escape),
        many,
    )
    return st.one_of(
        st.builds(_element, st.sampled_from(INLINE_TAGS), st.sampled_from(CLASSES), many),
        st.builds(_element, st.sampled_from(["em", "strong"]), st.just(""), many),
        link,
    )


PICTURES = TEXTS.map(lambda alt: f'<img src="https://e.example/x(1).png" alt="{escape(alt)}">')
INLINE = st.recursive(
    TEXTS.map(lambda text: escape(text, quote=False))
    | st.sampled_from(["<br>", "<ruby>\u96e8<rp>[</rp><rt>ame</rt><rp>]</rp></ruby>"])
    | PICTURES,
    _inline,
    max_leaves=8,
)
PARAGRAPHS = st.lists(INLINE, min_size=1, max_size=4).map("".join)


def _blocks(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    many = st.lists(children, min_size=1, max_size=3).map("".join)
    wrapped = st.builds(
        _element,
        st.sampled_from(["p", "div", "blockquote", "details", "figure", "address"]),
        st.sampled_from(CLASSES),
        many,
    )
    items = st.lists(many.map(lambda inner: f"<li>{inner}</li>"), min_size=1, max_size=3)
    listed = st.builds(
        lambda start, end, inner: f"<{start}>{''.join(inner)}</{end}>",
        st.sampled_from(["ul", "ol", 'ol start="4"', "ol reversed"]),
        st.just("ul"),
        items,
    ).map(lambda html: html if html.startswith("<ul") else f"{html[:-5]}</ol>")
    lines = st.lists(PARAGRAPHS.map(lambda inner: f"<p>{inner}</p>"), min_size=1, max_size=2)
    cells = st.lists(
        (PARAGRAPHS | lines.map("".join)).map(lambda inner: f"<td>{inner}</td>"),
        min_size=1,
        max_size=3,
    )
    rows = st.lists(cells.map(lambda row: f"<tr>{''.join(row)}</tr>"), min_size=1, max_size=3)
    return st.one_of(
        wrapped,
        wrapped,
        st.builds(
            _element, st.sampled_from(["h2", "h4", "pre"]), st.sampled_from(CLASSES), PARAGRAPHS
        ),
        listed,
        rows.map(lambda made: f"<table>{''.join(made)}</table>"),
        st.builds("<details><summary>{}</summary>{}</details>".format, PARAGRAPHS, many),
        st.just("<hr>"),
    )


CHAPTERS = st.recursive(PARAGRAPHS, _blocks, max_leaves=6)
#: A whole text.
TEXT_HTML = st.lists(CHAPTERS, min_size=1, max_size=3).map("".join)
