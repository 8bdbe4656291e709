"""A series as a novel: each of its works is a chapter, read from the page that shows the work whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from novel_ao3 import plan
from novel_ao3.byline import authors_of
from novel_ao3.header import tags_of
from novel_ao3.markup import day_of, first_text, html_of, link_of, number_of
from novel_ao3.urls import (
    absolute,
    page_number,
    read_address,
    series_match,
    series_url,
    whole_url,
    work_url,
)
from novel_ao3.views import Opened
from novel_core.errors import PageChanged
from novel_core.items import Access, ChapterRef, Item, Novel, NovelStatus, Statistics, TagKind
from novel_core.lxml_document import Element, elements, text_of, with_class
from novel_core.page import Follow, Parsed
from novel_core.source import PageKind

_TITLE = elements(f"./h2[{with_class('heading')}]")
_META = elements(f".//dl[{with_class('series')}][{with_class('meta')}]")
_TERMS = elements("./dt | .//dl/dt")
_QUOTE = elements("./blockquote")
_BLURBS = elements(
    f".//ul[{with_class('series')}][{with_class('work')}][{with_class('index')}]/li[@id]"
)
_HEADING = elements(f"./div[{with_class('header')}]/h4[{with_class('heading')}]/a[@href]")
_FANDOMS = elements(f".//h5[{with_class('fandoms')}]/a[{with_class('tag')}]")
_FACTS = elements(
    f"./dl[{with_class('stats')}]/dd | ./div[{with_class('header')}]/p[{with_class('datetime')}]"
)
_NEXT = elements(f".//ol[{with_class('pagination')}]/li[{with_class('next')}]/a[@href]")
_BLURB_ID = re.compile(r"work_([0-9]+)")
_BLURB_START = re.compile(rb'<li\b[^>]*\bid="work_([0-9]+)"')
_CHANGED = re.compile(rb"<!--\s*updated_at=([0-9]+)\s*-->")
_CHAPTERS = re.compile("chapters|words")


def parse_series(opened: Opened) -> Parsed:
    page = opened.page
    address = read_address(page.url)
    if address is None or address.series is None:
        raise PageChanged("The page does not tell which series it is", url=page.url)
    series = address.series
    items: list[Item] = []
    follows: list[Follow] = []
    if page.position == 0:
        items.append(_read_novel(opened, series))
    markers = _markers(opened.body)
    for blurb in _BLURBS(opened.main):
        ref = _reference(blurb, markers, page.url)
        items.append(ref)
        if ref.access is Access.FREE:
            follows.append(
                Follow(
                    whole_url(ref.source_id.removeprefix("work-")),
                    PageKind.CHAPTER,
                    chapters=(ref.source_id,),
                    marker=ref.marker,
                )
            )
    return Parsed(
        items=items, follow=(*_further(opened, series), *follows), novel=series_match(series)
    )


def _read_novel(opened: Opened, series: str) -> Novel:
    title = first_text(_TITLE(opened.main))
    if not title:
        raise PageChanged("The series has no title", url=opened.page.url, selector="h2.heading")
    facts = _facts(opened)
    words, works, bookmarks = (_number(facts, name) for name in ("Words", "Works", "Bookmarks"))
    others = {"works": works, "bookmarks": bookmarks}
    fandoms = [link for blurb in _BLURBS(opened.main) for link in _FANDOMS(blurb)]
    creators = facts.get("Creator", facts.get("Creators"))
    return Novel(
        source_id=f"series-{series}",
        url=series_url(series),
        title=title,
        authors=authors_of(creators),
        description_html=html_of(
            quote for name in ("Description", "Notes") for quote in _quotes(facts.get(name))
        ),
        type="Series",
        status=_status(facts),
        tags=tags_of(fandoms, TagKind.FANDOM),
        statistics=Statistics(
            words=words,
            other={name: number for name, number in others.items() if number is not None},
        ),
        published_at=day_of(_words(facts, "Series Begun")),
        updated_at=day_of(_words(facts, "Series Updated")),
    )


def _facts(opened: Opened) -> dict[str, Element]:
    """What the series' block says, by its labels: here the site gives no classes."""
    facts: dict[str, Element] = {}
    for block in _META(opened.main)[:1]:
        for term in _TERMS(block):
            value = term.getnext()
            if value is not None and value.tag == "dd":
                facts[text_of(term).removesuffix(":")] = value
    return facts


def _quotes(fact: Element | None) -> list[Element]:
    return [] if fact is None else _QUOTE(fact)


def _words(facts: dict[str, Element], name: str) -> str:
    return text_of(facts[name]) if name in facts else ""


def _number(facts: dict[str, Element], name: str) -> int | None:
    return number_of(_words(facts, name))


def _status(facts: dict[str, Element]) -> NovelStatus | None:
    known = {"Yes": NovelStatus.COMPLETED, "No": NovelStatus.ONGOING}
    return known.get(_words(facts, "Complete"))


def _markers(body: bytes) -> dict[str, str]:
    """When each work of the list was last changed: written in a comment of its blurb.

    Changes of a name or a skin count as well; such a work is read again and found unchanged.
    """
    starts = list(_BLURB_START.finditer(body))
    ends = [start.start() for start in starts[1:]] + [len(body)]
    markers = {}
    for start, end in zip(starts, ends, strict=True):
        if found := _CHANGED.search(body, start.end(), end):
            markers[start[1].decode()] = found[1].decode()
    return markers


def _reference(blurb: Element, markers: dict[str, str], url: str) -> ChapterRef:
    found = _BLURB_ID.fullmatch(blurb.get("id", ""))
    if found is None:
        raise PageChanged("A work of the series has no id", url=url, selector="li#work_…")
    work = found[1]
    heading = next(iter(_HEADING(blurb)), None)
    address = read_address(absolute(link_of(heading)) or "") if heading is not None else None
    if heading is None or address is None or address.work != work:
        # Not revealed yet: it has a place in the series, and nothing else.
        return ChapterRef(
            source_id=plan.series_work_id(work),
            title="Mystery Work",
            url=work_url(work),
            access=Access.LOCKED,
        )
    return ChapterRef(
        source_id=plan.series_work_id(work),
        title=text_of(heading),
        url=work_url(work),
        marker=markers.get(work) or _spare_marker(blurb),
    )


def _spare_marker(blurb: Element) -> str | None:
    """What else changes with a text: its date, its length, its number of chapters."""
    facts = [
        text_of(fact)
        for fact in _FACTS(blurb)
        if fact.tag == "p" or _CHAPTERS.fullmatch(fact.get("class", ""))
    ]
    return " ".join(facts) or None


def _further(opened: Opened, series: str) -> Iterator[Follow]:
    for link in _NEXT(opened.main)[:1]:
        number = page_number(link_of(link))
        if number is not None and number > opened.page.position + 1:
            yield Follow(series_url(series, number), PageKind.INDEX, position=number - 1)
