"""The notes around a text, joined to one note before it and one after it.

The site shows a work's notes with its first chapter and its end notes with its last one; they are
saved there. Lines such as "See the end of the work for more notes" are left out, since their links
lead nowhere in a saved text.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from novel_ao3.markup import html_of
from novel_core import Element, children, inner_html, text_of

_QUOTE = "blockquote.userstuff"
_START = ("div.preface", "div.notes:not(.end)")

Part = tuple[str, str]


def joined(parts: Iterable[Part]) -> str:
    """The parts that are not empty, with headings unless there is only one note."""
    present = [(name, html) for name, html in parts if html]
    if len(present) == 1 and present[0][0].endswith("Notes"):
        return present[0][1]
    return "\n".join(f"<h4>{escape(name)}</h4>\n{html}" for name, html in present)


def work_notes(workskin: Element) -> list[Part]:
    """The notes before a work: gifts, translations and inspirations, then the author's notes."""
    associations = children(workskin, *_START, "ul.associations", "li")
    lines = "".join(f"<li>{inner_html(line)}</li>" for line in associations)
    notes = html_of(children(workskin, *_START, _QUOTE))
    return [("Notes", "\n".join(filter(None, (f"<ul>{lines}</ul>" if lines else "", notes))))]


def work_end_notes(workskin: Element) -> list[Part]:
    return [("Notes", html_of(children(workskin, "div.afterword", "div#work_endnotes", _QUOTE)))]


def chapter_notes(chapter: Element) -> list[Part]:
    byline = next(map(text_of, children(chapter, "div.preface", "h4.byline")), "")
    return [
        ("Author", f"<p>{escape(byline)}</p>" if byline else ""),
        ("Summary", html_of(children(chapter, "div.preface", "div.summary", _QUOTE))),
        ("Chapter Notes", html_of(children(chapter, *_START, _QUOTE))),
    ]


def chapter_end_notes(chapter: Element) -> list[Part]:
    return [("Chapter Notes", html_of(children(chapter, "div.preface", "div.end", _QUOTE)))]
