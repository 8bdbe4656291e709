"""The selectors of the site's two layouts.

The legacy layout is the one requested, and is known completely. Of the redesign only landmarks are
known; the rest is read from JSON-LD and the scripts, which both layouts share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from novel_core import Document, Element, PageChanged, children, text_of


@dataclass(frozen=True, slots=True)
class FictionLayout:
    """Selectors; `title_name` is the title's in messages. The last description found counts."""

    landmark: str
    title: str
    title_name: str
    authors: str
    labels: str
    tags: str
    description: str
    statistics: str


@dataclass(frozen=True, slots=True)
class ChapterLayout:
    landmark: str
    title: str
    title_name: str
    published: str
    edited: str | None


_PROSE = ".description *, [data-rr-show-more-content] *"

LEGACY_FICTION = FictionLayout(
    landmark="div.fic-header",
    title="div.fic-header h1",
    title_name=".fic-header h1",
    authors="div.fic-header h4 a[href*='/profile/']",
    labels="div.fiction-info span.bg-blue-hoki",
    tags="div.fiction-info a.fiction-tag",
    description=(
        "div.fiction-info div.description > div.hidden-content, div.fiction-info div.description"
    ),
    statistics="div.fiction-stats",
)

REDESIGN_FICTION = FictionLayout(
    landmark="#fiction-hero",
    title="#fiction-hero h1",
    title_name="#fiction-hero h1",
    authors="#fiction-hero a[href*='/profile/']",
    labels=f"span.bg-accent:not({_PROSE})",
    tags=f"a[href*='tagsAdd=']:not({_PROSE})",
    description="#about-accordion [data-rr-show-more-content]",
    statistics="#stats-accordion",
)

LEGACY_CHAPTER = ChapterLayout(
    landmark="div.fic-header",
    title="div.fic-header h1",
    title_name=".fic-header h1",
    published="div.profile-info i[title='Published'] ~ time",
    edited="div.profile-info i[title='Last Edit'] ~ time",
)

REDESIGN_CHAPTER = ChapterLayout(
    landmark="#chapterHeroData",
    title="h1",
    title_name="#chapterHeroData h1",
    published=".chapter time[unixtime]",
    edited=None,
)

LayoutT = TypeVar("LayoutT", bound=FictionLayout | ChapterLayout)


def layout_of(document: Document, layouts: Sequence[LayoutT], url: str, selector: str) -> LayoutT:
    """The layout whose landmark the page has."""
    for layout in layouts:
        if document.css_first(layout.landmark) is not None:
            return layout
    raise PageChanged("The page is of no known layout", url=url, selector=selector)


def warnings_list(document: Document) -> list[Element]:
    """The lines below the word Warning, in both layouts."""
    lines: list[Element] = []
    for heading in document.css(f"strong:not({_PROSE})"):
        if text_of(heading) == "Warning":
            below = heading.next
            while below is not None and below.tag != "ul":
                below = below.next
            lines += children(below, "li") if below is not None else ()
    return lines
