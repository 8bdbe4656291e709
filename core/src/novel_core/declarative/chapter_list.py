"""The rows of a chapter list on one page, and the pages to request for their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from novel_core.declarative.chapter_page import read_chapter
from novel_core.declarative.content import Node
from novel_core.declarative.fields import selectors
from novel_core.declarative.page_numbers import PageNumbers
from novel_core.declarative.reader import PageReader
from novel_core.declarative.tables import ChapterListTable, SiteTable
from novel_core.errors import PageChanged
from novel_core.items import Access, Chapter, ChapterRef
from novel_core.leniency import report
from novel_core.page import Follow, Stated

#: The name under which an open volume goes to the next page of a list that is newest first.
_VOLUME = "volume"
#: The name under which the first chapter goes to the next page of a list whose end is not known.
_FIRST = "first"
#: The name under which the address of a page by POST goes to it, whose URL lacks the parameters.
_ADDRESS = "address"


@dataclass(slots=True)
class ListPage:
    """What one page of a chapter list has: chapters, their texts if it carries them, links."""

    refs: list[ChapterRef] = field(default_factory=list)
    texts: list[Chapter] = field(default_factory=list)
    follow: list[Follow] = field(default_factory=list)
    skipped: int = 0


def follow_list(
    reader: PageReader,
    table: ChapterListTable,
    address: str,
    context: Mapping[str, Any] = MappingProxyType({}),
) -> Follow:
    """The page of a chapter list at `address`, after the reader's page."""
    url, request = table.request_of(address)
    known = reader.context_of(url) | dict(context)
    if table.method == "POST":
        known[_ADDRESS] = address
    newest_first = table.newest_first
    return Follow.next_page(url, reader.page, newest_first=newest_first, context=known, **request)


class ListReader:
    """The reader of a chapter list; `rows` are its rows in the order of the page."""

    def __init__(self, reader: PageReader, table: SiteTable) -> None:
        assert table.chapters is not None
        self._reader = reader
        self._table: ChapterListTable = table.chapters
        self._site = table
        self._open_volume: str | None = None
        self._first_id: str | None = None
        self.rows = self._of_chapters(list(self._rows()))

    def read(self) -> ListPage:
        """The chapters in reading order, each once, with what to request."""
        page = ListPage()
        refs: dict[str, ChapterRef] = {}
        requests: dict[str, list[ChapterRef]] = {}
        batch: list[ChapterRef] = []
        unmatched: list[str] = []
        volume: str | None = None
        skipped: set[str] = set()
        for row, title in reversed(self.rows) if self._table.newest_first else self.rows:
            chapter_id, url = self._identity(row, unmatched)
            if chapter_id is None or url is None or chapter_id in refs:
                # An advertisement, a link to another site; a chapter listed twice.
                continue
            self._first_id = self._first_id or chapter_id
            if self._reader.has("mark of a row that is no chapter", self._table.skip, row):
                skipped.add(chapter_id)
                continue
            ref = self._ref(row, chapter_id, url, title if title != volume else None)
            refs[chapter_id], volume = ref, title
            if ref.access is not Access.FREE:
                continue
            if (text := self._text(row, ref)) is not None:
                page.texts.append(text)
            elif self._table.batch:
                batch.append(ref)
            else:
                request = self._reader.essential_link("request", self._table.request, row) or url
                requests.setdefault(request.partition("#")[0], []).append(ref)
        self._check_unmatched(unmatched, len(refs) + len(skipped))
        page.refs, page.skipped = list(refs.values()), len(skipped)
        page.follow = list(self._texts(requests, batch))
        return page

    def _texts(
        self, requests: Mapping[str, Sequence[ChapterRef]], batch: Sequence[ChapterRef]
    ) -> Iterator[Follow]:
        """The requests of the texts."""
        chapter = self._site.chapter
        for address, several in requests.items():
            url, fields = chapter.request_of(address)
            yield Follow.chapters_on(url, several, **fields)
        texts = self._reader.address("batch", self._table.batch)
        if batch and texts:
            url, fields = chapter.request_of(texts)
            yield Follow.in_batches(url, batch, size=self._table.batch_size, **fields)

    def _rows(self) -> Iterator[tuple[Node, str | None, bool]]:
        """The rows, each with the title of its volume, None if the page says nothing of it, and
        whether it is the heading of a volume."""
        table, reader = self._table, self._reader
        if table.newest_first:
            self._open_volume = reader.page.context.get(_VOLUME)
        groups = [
            node for one in selectors(table.groups) for node in reader.nodes("list's groups", one)
        ]
        for group in groups if table.groups else [reader.root]:
            if table.groups:
                self._open_volume = reader.first("volume's title", table.heading, group) or ""
            for selector in selectors(table.rows):
                for row in reader.nodes("chapter list", selector, group):
                    yield self._row(row)

    def _row(self, row: Node) -> tuple[Node, str | None, bool]:
        table, reader = self._table, self._reader
        heading = None if table.groups else reader.first("volume's title", table.heading, row)
        title = heading or reader.first("volume", table.volume, row)
        if title is not None or table.volume_in_each_row:
            self._open_volume = title or ""
        volume = self._open_volume
        if self._goes_on and table.newest_first:
            # In reading order these rows come after those of the volume below them.
            volume = volume or ""
        return row, volume, heading is not None

    @property
    def _goes_on(self) -> bool:
        """Whether rows are in the volume of a row above them, also of one on the page before."""
        table = self._table
        return bool(table.heading or table.volume) and not table.volume_in_each_row

    def _of_chapters(
        self, found: Sequence[tuple[Node, str | None, bool]]
    ) -> list[tuple[Node, str | None]]:
        """The rows without the headings that are no chapters.

        A heading may only link to the first chapter below it, which has its own row.
        """
        ids = {
            place: self._identity(row, [])[0]
            for place, (row, _, is_heading) in enumerate(found)
            if is_heading
        }
        if any(ids.values()):
            others = {self._identity(row, [])[0] for row, _, is_heading in found if not is_heading}
            ids = {place: None if one in others else one for place, one in ids.items()}
        return [
            (row, volume)
            for place, (row, volume, is_heading) in enumerate(found)
            if not is_heading or ids[place] is not None
        ]

    def _identity(self, row: Node, unmatched: list[str]) -> tuple[str | None, str | None]:
        """The chapter's id and address."""
        table, reader = self._table, self._reader
        url = reader.essential_link("chapter's link", table.link, row)
        if table.id:
            chapter_id = reader.essential("chapter's id", table.id, row)
            if chapter_id is None:
                unmatched.append(url or "a row without an id")
            return chapter_id, url or self._address(row, chapter_id)
        match = reader.match(url) if url else None
        if match is not None and match.chapter_id is not None:
            return match.chapter_id, url
        if url is not None and urlsplit(url).hostname == urlsplit(reader.page.url).hostname:
            # A link to a page of the site that is no chapter.
            unmatched.append(url)
        return None, None

    def _address(self, row: Node, chapter_id: str | None) -> str | None:
        """The address of a chapter without a link: where its text is requested."""
        table, reader = self._table, self._reader
        if chapter_id is None:
            return None
        batch = table.batch.replace("{ids}", chapter_id)
        request = reader.essential_link("request", table.request, row)
        return request or reader.address("batch", batch) or reader.page.url

    def _ref(self, row: Node, chapter_id: str, url: str, volume: str | None) -> ChapterRef:
        table, reader = self._table, self._reader
        published_at, is_approximate = reader.date("chapter's date", table.published, row)
        is_locked = reader.has("mark of a locked chapter", table.locked, row)
        statistics = reader.statistics(table.statistics, row) if table.statistics else None
        return ChapterRef.model_validate(
            {
                "source_id": chapter_id,
                "title": reader.first("chapter's title", table.title, row) or chapter_id,
                "url": url,
                "volume": volume,
                "published_at": published_at,
                "is_approximate": is_approximate,
                "edited_at": reader.exact_date("date of the edit", table.edited, row),
                "access": Access.LOCKED if is_locked else Access.FREE,
                "marker": reader.first("chapter's marker", table.marker, row),
                "statistics": statistics,
            }
        )

    def _text(self, row: Node, ref: ChapterRef) -> Chapter | None:
        """The text that the row carries, if it does."""
        if not self._table.texts:
            return None
        reader, chapter = self._reader, self._site.chapter
        if reader.first("text", chapter.content, row) is None:
            return None
        return read_chapter(reader, chapter, row, chapter_id=ref.source_id, ref=ref)

    def _check_unmatched(self, unmatched: list[str], found: int) -> None:
        if not unmatched:
            return
        what = "have no id" if self._table.id else "link to no chapter"
        message = f"{len(unmatched)} of the {len(self.rows)} rows of the chapter list {what}"
        if not found:
            raise PageChanged(f"{message}: {unmatched[0]}", url=self._reader.page.url)
        report("rows", f"{message}, such as {unmatched[0]}.")

    def next_page(self) -> Follow | None:
        """The next page of the list."""
        written = self._table.next_page
        if isinstance(written, PageNumbers):
            url = self._next_number(written)
        else:
            url = self._reader.essential_link("next page of the chapter list", written)
        if url is None:
            return None
        context: dict[str, Any] = {}
        if self._table.newest_first and self._goes_on and self._open_volume:
            context[_VOLUME] = self._open_volume
        if self.may_be_empty:
            if self._first_id == self._reader.page.context.get(_FIRST):
                # The site shows its last page for every number after it.
                return None
            context[_FIRST] = self._first_id
        return follow_list(self._reader, self._table, url, context)

    def _next_number(self, numbers: PageNumbers) -> str | None:
        return numbers.next_url(
            self._reader.page.context.get(_ADDRESS) or self._reader.page.url,
            rows=len(self.rows),
            last=self._reader.essential_count("number of pages", numbers.last),
            total=self._reader.essential_count("number of rows", numbers.total),
            more=self._reader.has("mark of a further page", numbers.more) if numbers.more else None,
        )

    @property
    def may_be_empty(self) -> bool:
        """Whether a page without rows is the end of the list, and no mistake."""
        numbers = self._table.next_page
        return isinstance(numbers, PageNumbers) and not numbers.last and not numbers.total

    def stated(self) -> list[Stated]:
        """The site's own totals."""
        chapters = self._reader.count("stated number of chapters", self._table.stated)
        words = self._reader.count("stated number of words", self._table.stated_words)
        return [Stated(chapters, words)] if chapters is not None or words is not None else []
