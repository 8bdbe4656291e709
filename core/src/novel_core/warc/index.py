"""The index of a WARC file: one pass over it, after which single bodies are read at their offsets.

Only notes and URLs are kept in memory, so the size of the file does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from novel_core.crawl.limits import size_limit
from novel_core.errors import FileUnusable, InvalidUrl, PageTooLarge, UnreadableWarc
from novel_core.page import Page
from novel_core.requests import request_key
from novel_core.settings import Settings
from novel_core.urls import normalize_url
from novel_core.warc.http_message import read_body, read_head, read_request
from novel_core.warc.notes import (
    MAX_NOTE,
    NOVEL_TYPE,
    PAGE_TYPE,
    NovelNote,
    PageNote,
    quoted,
    read_note,
)
from novel_core.warc.records import Record, record_at, records

#: Media types of pages; some sites answer with JSON.
PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/json")
_OK = range(200, 300)
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class ForeignResponse:
    """A response without a note, as other programs write them; `key` as `Follow.key`."""

    offset: int
    key: str
    url: str
    date: datetime
    content_type: str


@dataclass(frozen=True, slots=True)
class IndexedPage:
    """A page of the file; `offset` is that of its response, None if it never had one."""

    note: PageNote
    offset: int | None


@dataclass(slots=True)
class WarcIndex:
    """What one file has; `redirects` are target URLs by `url_key`."""

    file: BinaryIO
    settings: Settings
    records: int = 0
    novels: list[NovelNote] = field(default_factory=list)
    pages: list[IndexedPage] = field(default_factory=list)
    foreign: list[ForeignResponse] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)

    def load(self, indexed: IndexedPage) -> Page:
        """The page with its body, as the archive keeps it."""
        note = indexed.note
        body = b""
        if indexed.offset is not None:
            record = record_at(self.file, indexed.offset)
            head = read_head(record)
            if head is None:
                raise UnreadableWarc("The file has changed while it was read.")
            body = read_body(record, head, size_limit(note.kind, self.settings))
        return note.page(body)


@contextmanager
def open_index(path: Path, settings: Settings) -> Iterator[WarcIndex]:
    """Read the whole file once, and keep it open to load its pages."""
    try:
        with path.open("rb") as file:
            index = WarcIndex(file, settings)
            _Indexing(index).run()
            yield index
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror or error}") from error


class _Indexing:
    def __init__(self, index: WarcIndex) -> None:
        self._index = index
        # Notes by the id of the response that follows.
        self._noted: dict[str, PageNote] = {}
        # Responses of other programs by id, and by the same id what was requested of them.
        self._foreign: dict[str, ForeignResponse] = {}
        self._requests: dict[str, tuple[str, bytes]] = {}

    def run(self) -> None:
        for record in records(self._index.file):
            self._index.records += 1
            if record.type == "metadata":
                self._metadata(record)
            elif record.type == "response":
                self._response(record)
            elif record.type == "request" and (request := read_request(record)):
                self._requests[record.concurrent_to] = request
        self._check_complete()
        self._add_foreign()

    def _add_foreign(self) -> None:
        """The requests of most programs stand after their responses."""
        for name, response in self._foreign.items():
            key = request_key(url_key(response.url), *self._requests.get(name, ("GET", b"")))
            self._index.foreign.append(replace(response, key=key))

    def _metadata(self, record: Record) -> None:
        if record.content_type not in (NOVEL_TYPE, PAGE_TYPE):
            return
        if record.length > MAX_NOTE:
            raise UnreadableWarc(f"The note in record {record.number} is too long.")
        block = record.read(record.length)
        record.finish()
        if record.content_type == NOVEL_TYPE:
            self._index.novels.append(read_note(NovelNote, block, record.number))
            return
        note = read_note(PageNote, block, record.number)
        if not record.refers_to:
            self._index.pages.append(IndexedPage(note, None))
        elif record.refers_to in self._noted:
            raise UnreadableWarc(f"Record {record.number} is a second note on one response.")
        else:
            self._noted[record.refers_to] = note

    def _response(self, record: Record) -> None:
        note = self._noted.pop(record.id, None)
        if note is not None:
            self._noted_response(record, note)
            return
        head = read_head(record)
        if head is None or record.date is None or not record.uri or record.is_truncated:
            return
        if head.status in _REDIRECTS and head.headers.get("location"):
            target = urljoin(record.uri, head.headers["location"])
            self._index.redirects[url_key(record.uri)] = target
        is_page = head.content_type in PAGE_TYPES or head.content_type.startswith("image/")
        if head.status in _OK and is_page:
            name = record.id or f"record {record.number}"
            self._foreign[name] = ForeignResponse(
                record.offset, "", record.uri, record.date, head.content_type
            )

    def _noted_response(self, record: Record, note: PageNote) -> None:
        head = read_head(record)
        if head is None or (head.status, record.uri) != (note.status, quoted(note.url)):
            raise UnreadableWarc(f"Record {record.number} is not the response its note is about.")
        limit = size_limit(note.kind, self._index.settings)
        try:
            read_body(record, head, limit)
        except PageTooLarge as error:
            raise PageTooLarge(
                f"The {note.kind} in record {record.number} is over {limit:,} bytes: {note.url}"
            ) from error
        self._index.pages.append(IndexedPage(note, record.offset))

    def _check_complete(self) -> None:
        if self._noted:
            raise UnreadableWarc(
                f"The file lacks {len(self._noted)} responses its notes are about."
            )
        expected = sum(novel.pages for novel in self._index.novels)
        found = len(self._index.pages)
        if expected != found:
            raise UnreadableWarc(
                f"The file should have {expected} pages and has {found}: it was cut or mixed."
            )


def url_key(url: str) -> str:
    """What all forms of one URL share: scheme and fragment do not count.

    >>> url_key("http://Example.org:80/a#b") == url_key("https://example.org/a")
    True
    """
    try:
        return normalize_url(url).partition("://")[2]
    except InvalidUrl:
        return url
