"""The data of a fiction on its page: everything except the chapters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from novel_core import Author, Novel, NovelStatus, PageChanged, Statistics, Tag, text_of, written
from novel_royalroad.chapter_list import Entry
from novel_royalroad.index_page import IndexPage, cover_of
from novel_royalroad.layouts import (
    LEGACY_FICTION,
    REDESIGN_FICTION,
    FictionLayout,
    layout_of,
    warnings_list,
)
from novel_royalroad.markup import tidy, title_of
from novel_royalroad.raw_html import json_ld
from novel_royalroad.statistics import read_statistics
from novel_royalroad.urls import fiction_url, profile_url
from novel_royalroad.values import moment, moment_of, words
from novel_royalroad.volumes import read_volumes

_PROFILE = re.compile(r"/profile/0*([1-9][0-9]*)")
_TYPES = {"original": "Original", "fan fiction": "Fan Fiction", "fanfiction": "Fan Fiction"}

_NEXT_CHAPTER = "time:not(table *, [class*='description'] *, [data-rr-show-more-content] *)"


class FictionReader:
    """The reader of one page; `warnings` are about missing optional parts."""

    def __init__(self, page: IndexPage) -> None:
        self.page = page
        self.warnings: list[str] = []
        self._document = page.outline()
        self._layout: FictionLayout = layout_of(
            self._document,
            (LEGACY_FICTION, REDESIGN_FICTION),
            page.url,
            f"{LEGACY_FICTION.title_name}, {REDESIGN_FICTION.title_name}",
        )
        self._data = json_ld(self._document)
        if not self._data:
            self.warnings.append("The page has no JSON-LD: dates and language are unknown.")

    def read(self, entries: Iterable[Entry]) -> Novel:
        type_, status = self._type_and_status()
        times = self._next_times()
        return Novel(
            source_id=self.page.fiction_id,
            url=fiction_url(self.page.fiction_id),
            title=self._title(),
            authors=self._authors(),
            description_html=self._description(),
            base_url=self._document.declared_base,
            cover_url=cover_of(self.page, self._document),
            type=type_,
            status=status,
            language=words(self._data.get("inLanguage")) or None,
            tags=self._tags(),
            warnings=tuple(filter(None, map(text_of, warnings_list(self._document)))),
            volumes=read_volumes(self.page.body, entries),
            statistics=self._statistics(),
            published_at=moment(self._data.get("datePublished")),
            updated_at=moment(self._data.get("dateModified")),
            next_chapter_at=times[0] if times else None,
        )

    def _title(self) -> str:
        found = self._document.css_first(self._layout.title)
        title = title_of(found) if found is not None else ""
        if not title:
            raise PageChanged(
                "The fiction has no title", url=self.page.url, selector=self._layout.title_name
            )
        return title

    def _authors(self) -> tuple[Author, ...]:
        authors: dict[str, Author] = {}
        for link in self._document.css(self._layout.authors):
            profile = _PROFILE.search(link.attributes["href"] or "")
            name = title_of(link)
            if profile and name:
                url = profile_url(profile[1])
                authors.setdefault(url, Author(name=name, source_id=profile[1], url=url))
        if authors:
            return tuple(authors.values())
        person = self._data.get("author")
        byline = words(person.get("name")) if isinstance(person, dict) else ""
        if not byline:
            raise PageChanged(
                "The fiction has no author", url=self.page.url, selector="h4 a[href*='/profile/']"
            )
        self.warnings.append("The author's profile is not linked.")
        return (Author(name=byline),)

    def _description(self) -> str:
        found = self._document.css(self._layout.description)
        if found:
            return tidy(found[-1])
        self.warnings.append("The page has no description in the usual place.")
        return words(self._data.get("description"))

    def _type_and_status(self) -> tuple[str | None, NovelStatus | None]:
        """The type and status, by the labels' texts: their order varies."""
        type_: str | None = None
        status: NovelStatus | None = None
        for label in map(text_of, self._document.css(self._layout.labels)):
            word = label.lower()
            if word in _TYPES:
                type_ = type_ or _TYPES[word]
            elif word in set(NovelStatus):
                status = status or NovelStatus(word)
            elif label:
                self.warnings.append(f"The label {label!r} is unknown.")
        return type_, status

    def _tags(self) -> tuple[Tag, ...]:
        tags: dict[str, Tag] = {}
        for link in self._document.css(self._layout.tags):
            href = link.attributes.get("href") or ""
            slugs = parse_qs(urlsplit(href).query).get("tagsAdd", [])
            name = text_of(link)
            if slugs and slugs[0].strip() and name:
                tags.setdefault(slugs[0], Tag(name=name, slug=slugs[0]))
        return tuple(tags.values())

    def _statistics(self) -> Statistics:
        found = self._document.css_first(self._layout.statistics)
        if found is None:
            self.warnings.append("The page has no statistics.")
            return Statistics()
        return read_statistics(found)

    def _next_times(self) -> list[datetime]:
        """The times in a line that names the next chapter."""
        found = self._document.css(_NEXT_CHAPTER)
        named = [time for time in found if time.parent and "Next Chapter" in written(time.parent)]
        return [time for time in map(moment_of, named) if time]
