"""A series as a novel: each work is one chapter, read from the page with the whole work."""

from __future__ import annotations

import re
from collections.abc import Iterator

from novel_ao3 import follows
from novel_ao3.byline import authors_of
from novel_ao3.header import tags_of
from novel_ao3.markup import address_of, day_of, first_text, html_of, link_of, number_of
from novel_ao3.urls import SiteUrls, page_number
from novel_ao3.views import SitePage
from novel_core import (
    Access,
    ChapterRef,
    Element,
    Follow,
    Item,
    Novel,
    NovelStatus,
    PageChanged,
    PageKind,
    Parsed,
    Statistics,
    TagKind,
    children,
    text_of,
)

_BLURBS = "ul.series.work.index > li[id]"
_BLURB_ID = re.compile(r"work_([0-9]+)")
_CHANGED = re.compile("updated_at=([0-9]+)")


def parse_series(site_page: SitePage) -> Parsed:
    page = site_page.page
    address = site_page.urls.read(page.url)
    if address is None or address.series is None:
        raise PageChanged("The page has no series id", url=page.url)
    series = address.series
    items: list[Item] = []
    follows: list[Follow] = []
    if page.position == 0:
        items.append(_read_novel(site_page, series))
    for blurb in site_page.main.css(_BLURBS):
        ref = _reference(blurb, page.url, site_page.urls)
        items.append(ref)
        if ref.access is Access.FREE:
            follows.append(
                Follow.chapters_on(
                    site_page.urls.whole(ref.source_id.removeprefix("work-")), (ref,)
                )
            )
    return Parsed(
        items=items,
        follow=(*_further(site_page, series), *follows),
        novel=site_page.urls.series_match(series),
    )


def _read_novel(site_page: SitePage, series: str) -> Novel:
    title = first_text(children(site_page.main, "h2.heading"))
    if not title:
        raise PageChanged("The series has no title", url=site_page.page.url, selector="h2.heading")
    facts = _facts(site_page)
    words, works, bookmarks = (_number(facts, name) for name in ("Words", "Works", "Bookmarks"))
    others = {"works": works, "bookmarks": bookmarks}
    fandoms = site_page.main.css(f"{_BLURBS} h5.fandoms > a.tag")
    creators = facts.get("Creator", facts.get("Creators"))
    return Novel(
        source_id=f"series-{series}",
        url=site_page.urls.series(series),
        title=title,
        authors=authors_of(creators, site_page.urls),
        base_url=site_page.document.declared_base,
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


def _facts(site_page: SitePage) -> dict[str, Element]:
    """The values of the series' block by their labels; here the site has no classes."""
    facts: dict[str, Element] = {}
    block = site_page.main.css_first("dl.series.meta")
    for term in block.css("dl > dt") if block is not None else ():
        value = term.next
        while value is not None and not value.is_element_node:
            value = value.next
        if value is not None and value.tag == "dd":
            facts[text_of(term).removesuffix(":")] = value
    return facts


def _quotes(fact: Element | None) -> list[Element]:
    return [] if fact is None else children(fact, "blockquote")


def _words(facts: dict[str, Element], name: str) -> str:
    return text_of(facts[name]) if name in facts else ""


def _number(facts: dict[str, Element], name: str) -> int | None:
    return number_of(_words(facts, name))


def _status(facts: dict[str, Element]) -> NovelStatus | None:
    known = {"Yes": NovelStatus.COMPLETED, "No": NovelStatus.ONGOING}
    return known.get(_words(facts, "Complete"))


def _reference(blurb: Element, url: str, urls: SiteUrls) -> ChapterRef:
    found = _BLURB_ID.fullmatch(blurb.attributes["id"] or "")
    if found is None:
        raise PageChanged("A work of the series has no id", url=url, selector="li#work_…")
    work = found[1]
    heading = next(iter(children(blurb, "div.header", "h4.heading", "a[href]")), None)
    address = address_of(heading, urls)
    if heading is None or address is None or address.work != work:
        # Not revealed yet: it has only a position in the series.
        return ChapterRef(
            source_id=follows.series_work_id(work),
            title="Mystery Work",
            url=urls.work(work),
            access=Access.LOCKED,
        )
    return ChapterRef(
        source_id=follows.series_work_id(work),
        title=text_of(heading),
        url=urls.work(work),
        marker=_marker(blurb) or _spare_marker(blurb),
    )


def _marker(blurb: Element) -> str | None:
    """The time of the work's last change, from a comment in its blurb.

    A new name or skin is a change too; such a work is fetched again and found unchanged.
    """
    comments = (node.comment_content or "" for node in blurb.traverse() if node.is_comment_node)
    found = next(filter(None, map(_CHANGED.fullmatch, comments)), None)
    return found[1] if found else None


def _spare_marker(blurb: Element) -> str | None:
    """Other values that change with the text: its date, length and number of chapters."""
    facts = children(blurb, "div.header", "p.datetime")
    facts += children(blurb, "dl.stats", "dd.words, dd.chapters")
    return " ".join(map(text_of, facts)) or None


def _further(site_page: SitePage, series: str) -> Iterator[Follow]:
    for link in site_page.main.css("ol.pagination > li.next > a[href]")[:1]:
        number = page_number(link_of(link))
        if number is not None and number > site_page.page.position + 1:
            yield Follow(site_page.urls.series(series, number), PageKind.INDEX, position=number - 1)
