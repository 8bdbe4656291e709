"""The notes around a text, as one note before it and one after it.

The site prints a work's own notes with its first chapter and its own end notes with its last, and so do we.
Lines like "See the end of the work for more notes" lead nowhere in a saved text and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from novel_ao3.markup import html_of
from novel_core.lxml_document import Element, elements, inner_html, text_of, with_class

_QUOTE = f"/blockquote[{with_class('userstuff')}]"
_PREFACE = f"./div[{with_class('preface')}]"
_START = f"{_PREFACE}/div[{with_class('notes')}][not({with_class('end')})]"
_NOTES = elements(_START + _QUOTE)
_ASSOCIATIONS = elements(f"{_START}/ul[{with_class('associations')}]/li")
_SUMMARY = elements(f"{_PREFACE}/div[{with_class('summary')}]{_QUOTE}")
_CHAPTER_BYLINE = elements(f"{_PREFACE}/h4[{with_class('byline')}]")
_CHAPTER_END = elements(f"{_PREFACE}/div[{with_class('end')}]{_QUOTE}")
_WORK_END = elements(f"./div[{with_class('afterword')}]/div[@id='work_endnotes']{_QUOTE}")

Part = tuple[str, str]


def joined(parts: Iterable[Part]) -> str:
    """The parts that are there; under their names, where the reader could not tell them apart."""
    there = [(name, html) for name, html in parts if html]
    if len(there) == 1 and there[0][0].endswith("Notes"):
        return there[0][1]
    return "\n".join(f"<h4>{escape(name)}</h4>\n{html}" for name, html in there)


def work_notes(workskin: Element) -> list[Part]:
    """What stands before a work: gifts, translations and inspirations, then its notes."""
    lines = "".join(f"<li>{inner_html(line)}</li>" for line in _ASSOCIATIONS(workskin))
    notes = html_of(_NOTES(workskin))
    return [("Notes", "\n".join(filter(None, (f"<ul>{lines}</ul>" if lines else "", notes))))]


def work_end_notes(workskin: Element) -> list[Part]:
    return [("Notes", html_of(_WORK_END(workskin)))]


def chapter_notes(chapter: Element) -> list[Part]:
    byline = next(map(text_of, _CHAPTER_BYLINE(chapter)), "")
    return [
        ("Author", f"<p>{escape(byline)}</p>" if byline else ""),
        ("Summary", html_of(_SUMMARY(chapter))),
        ("Chapter Notes", html_of(_NOTES(chapter))),
    ]


def chapter_end_notes(chapter: Element) -> list[Part]:
    return [("Chapter Notes", html_of(_CHAPTER_END(chapter)))]
