"""The items of a novel's page, and of further pages of its chapter list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from novel_core.declarative.reader import PageReader, Selectors
from novel_core.declarative.tables import SiteTable
from novel_core.errors import PageChanged
from novel_core.items import (
    MAX_LINE,
    Access,
    Author,
    ChapterRef,
    Item,
    Novel,
    Statistics,
    Tag,
    TagKind,
    Volume,
)
from novel_core.leniency import report
from novel_core.page import Follow, Parsed
from novel_core.source import UrlMatch


def parse_index(reader: PageReader, table: SiteTable) -> Parsed:
    reader.check_wall(table.novel.wall)
    match = reader.match(reader.page.url)
    rows = list(_rows(reader, table))
    follow = [Follow.chapter(ref) for ref in rows if ref.access is Access.FREE]
    further = reader.essential_link("next page of the chapter list", table.chapters.next_page)
    if reader.page.position == 0:
        further = reader.essential_link("page of the chapter list", table.chapters.page) or further
    if further:
        newest_first = table.chapters.newest_first
        follow.append(Follow.next_page(further, reader.page, newest_first=newest_first))
    items: list[Item] = list(rows)
    if reader.page.position == 0:
        if match is None or match.novel_id is None:
            raise PageChanged("The page's URL is not a novel's.", url=reader.page.url)
        novel = _novel(reader, table, match)
        items.insert(0, novel)
        if novel.cover_url:
            follow.insert(0, Follow.image(novel.cover_url))
    elif not rows:
        raise reader.missing("chapter list", (table.chapters.rows,))
    is_complete = reader.has(table.chapters.complete)
    return Parsed(items=items, follow=follow, novel=match, complete_list=is_complete)


def _novel(reader: PageReader, table: SiteTable, match: UrlMatch) -> Novel:
    novel = table.novel
    assert match.novel_id is not None
    return Novel.model_validate(
        {
            "source_id": match.novel_id,
            "url": match.url,
            "base_url": reader.document.declared_base,
            "title": reader.required("title", novel.title),
            "authors": tuple(_authors(reader, table)),
            "description_html": reader.first("description", novel.description) or "",
            "cover_url": reader.link("cover", novel.cover),
            "type": reader.first("type", novel.type),
            "status": reader.first("status", novel.status),
            "language": reader.first("language", novel.language),
            "tags": tuple(_tags(reader, table)),
            "warnings": tuple(reader.all("warnings", novel.warnings)),
            "volumes": tuple(
                Volume(source_id=volume_id, title=title)
                for volume_id, title in reader.volumes.items()
            ),
            "statistics": _statistics(reader, table),
            "published_at": reader.exact_date("date of publication", novel.published),
            "updated_at": reader.exact_date("date of the update", novel.updated),
        }
    )


def _authors(reader: PageReader, table: SiteTable) -> Iterator[Author]:
    attribute = table.novel.author_url
    for selector in table.novel.authors:
        elements = selector.elements(reader.tree)
        for element in elements:
            name = reader.value("author", selector, element)
            if name:
                link = element.attributes.get(attribute) if attribute else None
                url = reader.address("author's address", link)
                yield Author(name=name, url=url)
        if elements:
            return


def _tags(reader: PageReader, table: SiteTable) -> Iterator[Tag]:
    kinds: dict[TagKind, Selectors] = {TagKind.TAG: table.novel.tags, **table.novel.kinds}
    for kind, selectors in kinds.items():
        for name in dict.fromkeys(reader.all(f"list of {kind}s", selectors)):
            yield Tag(name=name, slug="-".join(name.lower().split()), kind=kind)


def _statistics(reader: PageReader, table: SiteTable) -> dict[str, Any]:
    known: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for name, selectors in table.novel.statistics.items():
        value = reader.first(name, selectors)
        if value is not None:
            place = known if name in Statistics.model_fields else other
            place[name] = _figure(value)
    return known | ({"other": other} if other else {})


def _figure(value: str) -> int | float | str:
    """The number, or the text itself, about which the item then warns."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(value)
    return value


def _rows(reader: PageReader, table: SiteTable) -> Iterator[ChapterRef]:
    chapters = table.chapters
    elements = chapters.rows.elements(reader.tree)
    seen: set[str] = set()
    # Links to the site's own pages that `match_url` does not match as chapters.
    unmatched: list[str] = []
    host = urlsplit(reader.page.url).hostname
    for element in reversed(elements) if chapters.newest_first else elements:
        url = reader.essential_link("chapter's link", chapters.link, element)
        match = reader.match(url) if url else None
        is_locked = bool(chapters.locked) and reader.has(chapters.locked, element)
        if url is None or match is None or match.chapter_id is None:
            if url is not None and urlsplit(url).hostname == host:
                unmatched.append(url)
            # A heading, an advertisement, a link to another site.
            continue
        if match.chapter_id in seen:
            continue
        seen.add(match.chapter_id)
        volume = reader.first("volume", chapters.volume, element)
        volume_id = "-".join(volume.split())[:MAX_LINE] if volume else None
        if volume and volume_id:
            reader.volumes.setdefault(volume_id, volume)
        published_at, is_approximate = reader.date("chapter's date", chapters.published, element)
        yield ChapterRef(
            source_id=match.chapter_id,
            title=reader.first("chapter's title", chapters.title, element) or match.chapter_id,
            url=url,
            volume_id=volume_id,
            published_at=published_at,
            is_approximate=is_approximate,
            access=Access.LOCKED if is_locked else Access.FREE,
            marker=reader.first("chapter's marker", chapters.marker, element),
        )
    if unmatched:
        message = (
            f"{len(unmatched)} of the {len(elements)} rows of the chapter list link to no chapter"
        )
        if not seen:
            raise PageChanged(f"{message}: {unmatched[0]}", url=reader.page.url)
        report("rows", f"{message}, such as {unmatched[0]}.")
