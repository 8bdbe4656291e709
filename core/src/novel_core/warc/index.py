"""What lies where in a WARC file: one walk through all of it, after which single bodies are read where they lie.

Only notes and addresses are kept in memory, so the size of the file does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from novel_core.crawl.limits import size_limit
from novel_core.errors import FileUnusable, InvalidUrl, PageTooLarge, UnreadableWarc
from novel_core.page import Page
from novel_core.settings import Settings
from novel_core.urls import normalize_url
from novel_core.warc.extension import (
    MAX_NOTE,
    NOVEL_TYPE,
    PAGE_TYPE,
    NovelNote,
    PageNote,
    quoted,
    read_note,
)
from novel_core.warc.http_message import read_body, read_head
from novel_core.warc.records import Record, record_at, records

#: What a page of a source may be; some sites answer with JSON.
PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/json")
_OK = range(200, 300)
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Capture:
    """A response that no note of ours is about, as other programs write them."""

    offset: int
    url: str
    date: datetime
    content_type: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A page to import: what it is, and where its body lies (None for a page that never had one)."""

    note: PageNote
    offset: int | None


@dataclass(slots=True)
class Catalogue:
    """Everything of use in one file. `moved` are the redirects in it, from address to address."""

    file: BinaryIO
    settings: Settings
    records: int = 0
    novels: list[NovelNote] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)

    def page(self, entry: Entry) -> Page:
        """The page with its body, as the archive is to keep it."""
        note = entry.note
        body, headers = b"", note.headers
        if entry.offset is not None:
            record = record_at(self.file, entry.offset)
            answer = read_head(record)
            if answer is None:
                raise UnreadableWarc("The file has changed while it was read.")
            body = read_body(record, answer, size_limit(note.kind, self.settings))
        return Page(
            url=note.url,
            kind=note.kind,
            body=body,
            status=note.status,
            headers=headers,
            requested_url=note.requested_url,
            # A clock that was ahead must not make what comes later look old.
            fetched_at=min(note.fetched_at, datetime.now(UTC)),
            chapters=note.chapters,
            part=note.part,
            position=note.position,
        )


@contextmanager
def open_catalogue(path: Path, settings: Settings) -> Iterator[Catalogue]:
    """Read the whole file once, and keep it open for its pages."""
    try:
        with path.open("rb") as file:
            catalogue = Catalogue(file, settings)
            _Reading(catalogue).run()
            yield catalogue
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror or error}") from error


class _Reading:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._noted: dict[str, PageNote] = {}  # by the id of the response to come

    def run(self) -> None:
        for record in records(self._catalogue.file):
            self._catalogue.records += 1
            if record.type == "metadata":
                self._metadata(record)
            elif record.type == "response":
                self._response(record)
        self._check_complete()

    def _metadata(self, record: Record) -> None:
        if record.content_type not in (NOVEL_TYPE, PAGE_TYPE):
            return
        if record.length > MAX_NOTE:
            raise UnreadableWarc(f"The note in record {record.number} is absurdly long.")
        block = record.read(record.length)
        record.finish()
        if record.content_type == NOVEL_TYPE:
            self._catalogue.novels.append(read_note(NovelNote, block, record.number))
            return
        note = read_note(PageNote, block, record.number)
        if not record.refers_to:
            self._catalogue.entries.append(Entry(note, None))
        elif record.refers_to in self._noted:
            raise UnreadableWarc(f"Record {record.number} is a second note on one response.")
        else:
            self._noted[record.refers_to] = note

    def _response(self, record: Record) -> None:
        note = self._noted.pop(record.id, None)
        if note is not None:
            self._noted_response(record, note)
            return
        answer = read_head(record)
        if answer is None or record.date is None or not record.uri or record.is_cut:
            return
        if answer.status in _MOVED and answer.headers.get("location"):
            target = urljoin(record.uri, answer.headers["location"])
            self._catalogue.moved[address(record.uri)] = target
        is_page = answer.content_type in PAGE_TYPES or answer.content_type.startswith("image/")
        if answer.status in _OK and is_page:
            self._catalogue.captures.append(
                Capture(record.offset, record.uri, record.date, answer.content_type)
            )

    def _noted_response(self, record: Record, note: PageNote) -> None:
        answer = read_head(record)
        if answer is None or (answer.status, record.uri) != (note.status, quoted(note.url)):
            raise UnreadableWarc(f"Record {record.number} is not the response its note is about.")
        limit = size_limit(note.kind, self._catalogue.settings)
        try:
            read_body(record, answer, limit)
        except PageTooLarge as error:
            raise PageTooLarge(
                f"The {note.kind} in record {record.number} is over {limit:,} bytes: {note.url}"
            ) from error
        self._catalogue.entries.append(Entry(note, record.offset))

    def _check_complete(self) -> None:
        if self._noted:
            raise UnreadableWarc(
                f"The file lacks {len(self._noted)} responses its notes are about."
            )
        promised = sum(novel.pages for novel in self._catalogue.novels)
        held = len(self._catalogue.entries)
        if promised != held:
            raise UnreadableWarc(
                f"The file should hold {promised} pages and holds {held}: it was cut or mixed."
            )


def address(url: str) -> str:
    """What two forms of one address have in common: scheme and fragment do not count.

    >>> address("http://Example.org:80/a#b") == address("https://example.org/a")
    True
    """
    try:
        return normalize_url(url).partition("://")[2]
    except InvalidUrl:
        return url
