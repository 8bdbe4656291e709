"""The parser that reads a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from pydantic import ValidationError

from novel_core.declarative.selecting import Selector
from novel_core.declarative.tables import SiteTable
from novel_core.document import Element, clean_body, drop_children, parse_tree, text_of
from novel_core.errors import NotFound, PageChanged
from novel_core.items import (
    Access,
    Author,
    Chapter,
    ChapterRef,
    Item,
    Novel,
    NovelStatus,
    Statistics,
    Tag,
    TagKind,
    Volume,
)
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.source import PageKind, UrlMatch
from novel_core.urls import normalize_url

_Selectors = tuple[Selector, ...]


class DeclarativeParser(Parser):
    """Reads pages as `table` says. `match_url` is the source's own: it gives novels and chapters their ids.

    `version` must change whenever the table does in a way that changes items.
    """

    def __init__(
        self, table: SiteTable, *, match_url: Callable[[str], UrlMatch | None], version: str
    ) -> None:
        self.table = table
        self.version = version
        self._match_url = match_url

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.IMAGE:
            return Parsed()
        reader = _Reader(page, self._match_url)
        try:
            if page.kind is PageKind.CHAPTER:
                return _parse_chapter(reader, self.table)
            return _parse_index(reader, self.table)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in problem["loc"])
            raise PageChanged(
                f"The page's {place} is odd: {problem['msg']}", url=page.url
            ) from error


class _Reader:
    """One page, asked field by field."""

    def __init__(self, page: Page, match_url: Callable[[str], UrlMatch | None]) -> None:
        self.page = page
        self.tree = parse_tree(clean_body(page), page.url)
        self._match_url = match_url
        #: The titles of the volumes the chapter list names, by the ids they are given here.
        self.volumes: dict[str, str] = {}

    def first(self, field: str, selectors: _Selectors, root: Element | None = None) -> str | None:
        return next(iter(self.all(field, selectors, root)), None)

    def all(self, field: str, selectors: _Selectors, root: Element | None = None) -> list[str]:
        """The values of the first selector that finds any."""
        for selector in selectors:
            try:
                values = selector.all(self.tree if root is None else root)
            except ValueError as error:
                raise PageChanged(
                    f"The {field} is not as expected: {error}", url=self.page.url
                ) from error
            if values:
                return values
        return []

    def required(self, field: str, selectors: _Selectors) -> str:
        value = self.first(field, selectors)
        if value is None:
            raise self.lacks(field, selectors)
        return value

    def lacks(self, field: str, selectors: _Selectors) -> PageChanged:
        wanted = " or ".join(selector.text for selector in selectors)
        return PageChanged(f"The page has no {field}", url=self.page.url, selector=wanted)

    def link(self, field: str, selectors: _Selectors, root: Element | None = None) -> str | None:
        """An absolute http(s) address, or None."""
        return self.absolute(self.first(field, selectors, root))

    def absolute(self, link: str | None) -> str | None:
        try:
            url = urljoin(self.page.url, link) if link else ""
        except ValueError:
            return None
        return url if url.startswith(("https://", "http://")) else None

    def moment(
        self, field: str, selectors: _Selectors, root: Element | None = None
    ) -> datetime | None:
        value = self.first(field, selectors, root)
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError as error:
            raise PageChanged(
                f"The {field} {value!r} is no date: end its selector with `| date`.",
                url=self.page.url,
            ) from error

    def has(self, selectors: _Selectors, root: Element | None = None) -> bool:
        return any(selector.elements(self.tree if root is None else root) for selector in selectors)

    def match(self, url: str) -> UrlMatch | None:
        try:
            return self._match_url(normalize_url(url))
        except Exception:  # noqa: BLE001 - a link of the page may be anything
            return None

    def check_wall(self, selectors: _Selectors) -> None:
        for selector in selectors:
            for element in selector.elements(self.tree):
                told = text_of(element) or "an empty notice"
                raise NotFound(f"The site says: {told}", url=self.page.url)


def _parse_index(reader: _Reader, table: SiteTable) -> Parsed:
    reader.check_wall(table.novel.wall)
    match = reader.match(reader.page.url)
    rows = list(_rows(reader, table))
    follow = [
        Follow(ref.url, PageKind.CHAPTER, chapters=(ref.source_id,), marker=ref.marker)
        for ref in rows
        if ref.access is Access.FREE
    ]
    further = reader.link("next page of the chapter list", table.chapters.next_page)
    if reader.page.position == 0:
        further = reader.link("page of the chapter list", table.chapters.page) or further
    if further:
        step = -1 if table.chapters.newest_first else 1
        follow.append(Follow(further, PageKind.INDEX, position=reader.page.position + step))
    items: list[Item] = list(rows)
    if reader.page.position == 0:
        if match is None or match.novel_id is None:
            raise PageChanged("The page's address is no novel's.", url=reader.page.url)
        novel = _novel(reader, table, match)
        items.insert(0, novel)
        if novel.cover_url:
            follow.insert(0, Follow(novel.cover_url, PageKind.IMAGE))
    elif not rows:
        raise reader.lacks("chapter list", (table.chapters.rows,))
    return Parsed(items=items, follow=follow, novel=match)


def _novel(reader: _Reader, table: SiteTable, match: UrlMatch) -> Novel:
    novel = table.novel
    status = reader.first("status", novel.status)
    assert match.novel_id is not None
    return Novel.model_validate(
        {
            "source_id": match.novel_id,
            "url": match.url,
            "title": reader.required("title", novel.title),
            "authors": tuple(_authors(reader, table)),
            "description_html": reader.first("description", novel.description) or "",
            "cover_url": reader.link("cover", novel.cover),
            "type": reader.first("type", novel.type),
            "status": NovelStatus(status) if status in set(NovelStatus) else status,
            "language": reader.first("language", novel.language),
            "tags": tuple(_tags(reader, table)),
            "warnings": tuple(reader.all("warnings", novel.warnings)),
            "volumes": tuple(
                Volume(source_id=volume_id, title=title)
                for volume_id, title in reader.volumes.items()
            ),
            "statistics": _statistics(reader, table),
            "published_at": reader.moment("date of publication", novel.published),
            "updated_at": reader.moment("date of the update", novel.updated),
        }
    )


def _authors(reader: _Reader, table: SiteTable) -> Iterator[Author]:
    attribute = table.novel.author_url
    for selector in table.novel.authors:
        elements = selector.elements(reader.tree)
        for element in elements:
            name = selector.value_of(element)
            if name:
                url = reader.absolute(element.get(attribute)) if attribute else None
                yield Author(name=name, url=url)
        if elements:
            return


def _tags(reader: _Reader, table: SiteTable) -> Iterator[Tag]:
    kinds: dict[TagKind, _Selectors] = {TagKind.TAG: table.novel.tags, **table.novel.kinds}
    for kind, selectors in kinds.items():
        for name in dict.fromkeys(reader.all(f"list of {kind}s", selectors)):
            yield Tag(name=name, slug="-".join(name.lower().split()), kind=kind)


def _statistics(reader: _Reader, table: SiteTable) -> dict[str, Any]:
    known: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for name, selectors in table.novel.statistics.items():
        value = reader.first(name, selectors)
        if value is not None:
            place = known if name in Statistics.model_fields else other
            place[name] = float(value) if "." in value else int(value)
    return known | ({"other": other} if other else {})


def _rows(reader: _Reader, table: SiteTable) -> Iterator[ChapterRef]:
    chapters = table.chapters
    elements = chapters.rows.elements(reader.tree)
    seen: set[str] = set()
    for element in reversed(elements) if chapters.newest_first else elements:
        url = reader.link("chapter's link", chapters.link, element)
        match = reader.match(url) if url else None
        is_locked = bool(chapters.locked) and reader.has(chapters.locked, element)
        if url is None or match is None or match.chapter_id is None:
            continue  # a headline, an advertisement, a link to somewhere else
        if match.chapter_id in seen:
            continue
        seen.add(match.chapter_id)
        volume = reader.first("volume", chapters.volume, element)
        volume_id = "-".join(volume.split())[:200] if volume else None
        if volume and volume_id:
            reader.volumes.setdefault(volume_id, volume)
        yield ChapterRef(
            source_id=match.chapter_id,
            title=reader.first("chapter's title", chapters.title, element) or match.chapter_id,
            url=url,
            volume_id=volume_id,
            published_at=reader.moment("chapter's date", chapters.published, element),
            access=Access.LOCKED if is_locked else Access.FREE,
            marker=reader.first("chapter's marker", chapters.marker, element),
        )


def _parse_chapter(reader: _Reader, table: SiteTable) -> Parsed:
    chapter = table.chapter
    reader.check_wall(chapter.wall)
    page = reader.page
    own = reader.match(page.url)
    chapter_id = page.chapters[0] if page.chapters else (own.chapter_id if own else None)
    if chapter_id is None:
        raise PageChanged("The page's address is no chapter's.", url=page.url)
    for selector in chapter.drop:
        drop_children(set(selector.elements(reader.tree)) - {reader.tree})
    content = reader.required("text", chapter.content)
    title = reader.first("title", chapter.title)
    item = Chapter(
        source_id=chapter_id,
        title=title or chapter_id,
        url=page.requested_url or page.url,
        content_html=content,
        note_before_html=reader.first("note", chapter.note_before) or "",
        note_after_html=reader.first("note", chapter.note_after) or "",
        published_at=reader.moment("date of publication", chapter.published),
        edited_at=reader.moment("date of the edit", chapter.edited),
        part=page.part,
    )
    follow: list[Follow] = []
    rest = reader.link("next part of the chapter", chapter.next_part)
    if rest and rest != page.url:
        follow.append(Follow(rest, PageKind.CHAPTER, chapters=(chapter_id,), part=page.part + 1))
    follow.extend(_images(reader, content))
    return Parsed(items=(item,), follow=follow, novel=_novel_of(reader, table, own))


def _novel_of(reader: _Reader, table: SiteTable, own: UrlMatch | None) -> UrlMatch | None:
    link = reader.link("novel's link", table.chapter.novel)
    match = reader.match(link) if link else None
    if match is None and own is not None and own.novel_url is not None:
        match = reader.match(own.novel_url)
    return match if match is not None and match.chapter_id is None else None


def _images(reader: _Reader, content: str) -> Iterator[Follow]:
    if "<img" not in content:
        return
    tree = parse_tree(f"<div>{content}</div>".encode(), reader.page.url)
    for element in tree.iter("img"):
        url = reader.absolute(element.get("src"))
        if url:
            yield Follow(url, PageKind.IMAGE)
