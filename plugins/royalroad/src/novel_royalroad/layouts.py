"""Where things stand in the site's two layouts.

The legacy layout is the one asked for, and known in full; of the redesign only landmarks are known, so what is not
found there is taken from JSON-LD and the scripts, which both layouts share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from novel_core.errors import PageChanged
from novel_core.lxml_document import Element, Elements, elements, with_class


@dataclass(frozen=True, slots=True)
class FictionLayout:
    """`title_name` is the title's place in a message."""

    landmark: Elements
    title: Elements
    title_name: str
    authors: Elements
    labels: Elements
    tags: Elements
    description: Elements
    statistics: Elements


@dataclass(frozen=True, slots=True)
class ChapterLayout:
    landmark: Elements
    title: Elements
    title_name: str
    published: Elements
    edited: Elements


_HEADER = f"//div[{with_class('fic-header')}]"
_INFO = f"//div[{with_class('fiction-info')}]"
_NOT_PROSE = f"not(ancestor::*[{with_class('description')} or @data-rr-show-more-content])"

LEGACY_FICTION = FictionLayout(
    landmark=elements(_HEADER),
    title=elements(f"{_HEADER}//h1"),
    title_name=".fic-header h1",
    authors=elements(f"{_HEADER}//h4//a[contains(@href, '/profile/')]"),
    labels=elements(f"{_INFO}//span[{with_class('bg-blue-hoki')}]"),
    tags=elements(f"{_INFO}//a[{with_class('fiction-tag')}]"),
    description=elements(
        f"({_INFO}//div[{with_class('description')}]/div[{with_class('hidden-content')}]"
        f" | {_INFO}//div[{with_class('description')}])[last()]"
    ),
    statistics=elements(f"//div[{with_class('fiction-stats')}]"),
)

REDESIGN_FICTION = FictionLayout(
    landmark=elements("//*[@id='fiction-hero']"),
    title=elements("//*[@id='fiction-hero']//h1"),
    title_name="#fiction-hero h1",
    authors=elements("//*[@id='fiction-hero']//a[contains(@href, '/profile/')]"),
    labels=elements(f"//span[{with_class('bg-accent')}][{_NOT_PROSE}]"),
    tags=elements(f"//a[contains(@href, 'tagsAdd=')][{_NOT_PROSE}]"),
    description=elements("//*[@id='about-accordion']//*[@data-rr-show-more-content]"),
    statistics=elements("//*[@id='stats-accordion']"),
)

LEGACY_CHAPTER = ChapterLayout(
    landmark=elements(_HEADER),
    title=elements(f"//h1[ancestor::div[{with_class('fic-header')}]]"),
    title_name=".fic-header h1",
    published=elements(
        f"//time[preceding-sibling::i/@title = 'Published'][ancestor::div[{with_class('profile-info')}]]"
    ),
    edited=elements(
        f"//time[preceding-sibling::i/@title = 'Last Edit'][ancestor::div[{with_class('profile-info')}]]"
    ),
)

REDESIGN_CHAPTER = ChapterLayout(
    landmark=elements("//*[@id='chapterHeroData']"),
    title=elements("//*[@id='chapterHeroData']//h1 | //h1[1]"),
    title_name="#chapterHeroData h1",
    published=elements(f"//*[{with_class('chapter')}]//time[@unixtime]"),
    edited=elements("/.."),  # nowhere
)

LayoutT = TypeVar("LayoutT", bound=FictionLayout | ChapterLayout)


def layout_of(tree: Element, layouts: Sequence[LayoutT], url: str, selector: str) -> LayoutT:
    """The layout whose landmark the page has."""
    for layout in layouts:
        if layout.landmark(tree):
            return layout
    raise PageChanged("The page is of no known layout", url=url, selector=selector)


def warnings_list(tree: Element) -> list[Element]:
    """The lines below the word Warning, wherever a layout puts them."""
    return list(_WARNINGS(tree))


_WARNINGS = elements(
    f"//strong[normalize-space() = 'Warning'][{_NOT_PROSE}]/following-sibling::ul[1]/li"
)
