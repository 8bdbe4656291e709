"""The records of our WARC files, a method for each kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import urlsplit
from uuid import uuid4

from fastwarc import GzipWriter, WarcRecord, WarcRecordType
from pydantic import BaseModel

from novel_core.archive.pages import as_page
from novel_core.db.novels import NovelRow
from novel_core.db.pages import OriginRow, PageRow
from novel_core.page import Page
from novel_core.source import PageKind
from novel_core.version import __version__
from novel_core.warc.notes import (
    NOVEL_TYPE,
    PAGE_TYPE,
    NovelNote,
    PageNote,
    as_warc_date,
    quoted,
)

_ABOUT = {
    "software": f"novel-core/{__version__}",
    "format": "WARC File Format 1.1",
    "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "robots": "obey",
    "description": (
        "One web novel: every page of its texts, its newest chapter lists and its images, as"
        " archived. Bodies are decoded: Content-Encoding and Transfer-Encoding were undone, and"
        " Content-Length is the decoded length. Some of the response headers were kept, and no"
        " cookies. The HTTP version was not kept: it is always given as 1.1. Request records are"
        " made from method, address and body, all that is known of them. Metadata records of the types"
        f" {NOVEL_TYPE} and {PAGE_TYPE} (JSON) say what a page was requested as."
    ),
}


class RecordWriter:
    """Writes to one file, in the order of the calls: `begin` first."""

    def __init__(self, file: BinaryIO, *, compress: bool) -> None:
        self._file = file
        self._gzip = GzipWriter(file) if compress else None

    def begin(self, novel: NovelRow, name: str, pages: int) -> None:
        """Write the record about the file, and the one about the novel."""
        fields = "".join(f"{name}: {value}\r\n" for name, value in _ABOUT.items())
        headers = {"WARC-Filename": name, "Content-Type": "application/warc-fields"}
        self._write(WarcRecordType.warcinfo, fields.encode(), headers)
        note = NovelNote(
            source=novel.source,
            novel_id=novel.source_novel_id,
            url=novel.url,
            title=novel.title,
            pages=pages,
        )
        self._note(novel.url, NOVEL_TYPE, note, {})

    def page(self, novel: NovelRow, row: PageRow, generation: int) -> str:
        """Write a page's note, response and request; "image", "page", or "silent" without them."""
        page = as_page(row)
        note = PageNote.of(
            page,
            source=novel.source,
            novel_id=novel.source_novel_id,
            generation=generation,
            problem=row.problem,
        )
        links = {"WARC-Date": as_warc_date(page.fetched_at)}
        if not page.status:
            self._note(page.url, PAGE_TYPE, note, links)
            return "silent"
        response_id = _new_id()
        self._note(page.url, PAGE_TYPE, note, links | {"WARC-Refers-To": response_id})
        self._pair(response_id, page, links)
        return "image" if page.kind is PageKind.IMAGE else "page"

    def robots(self, row: OriginRow) -> None:
        """Write robots.txt as saved; its headers are not known."""
        assert row.robots_fetched_at is not None
        page = Page(
            f"{row.origin}/robots.txt",
            PageKind.INDEX,
            row.robots_body or b"",
            status=row.robots_status or HTTPStatus.OK,
        )
        self._pair(_new_id(), page, {"WARC-Date": as_warc_date(row.robots_fetched_at)})

    def _note(self, url: str, media_type: str, note: BaseModel, headers: dict[str, str]) -> None:
        block = json.dumps(note.model_dump(mode="json")).encode()
        about = {
            "WARC-Target-URI": quoted(url),
            "Content-Type": media_type,
            "WARC-Payload-Digest": _digest(block),
        }
        self._write(WarcRecordType.metadata, block, headers | about)

    def _pair(self, response_id: str, page: Page, links: dict[str, str]) -> None:
        body, target = page.body, quoted(page.url)
        lines = [f"HTTP/1.1 {_status(page.status)}"]
        lines += [
            f"{name.title()}: {' '.join(value.split())}" for name, value in page.headers.items()
        ]
        lines.append(f"Content-Length: {len(body)}")
        about = links | {"WARC-Target-URI": target}
        self._write(
            WarcRecordType.response,
            _head(lines) + body,
            about
            | {
                "WARC-Record-ID": response_id,
                "Content-Type": "application/http; msgtype=response",
                "WARC-Payload-Digest": _digest(body),
            },
        )
        length = [f"Content-Length: {len(page.request_body)}"] if page.request_body else []
        parts = urlsplit(target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._write(
            WarcRecordType.request,
            _head([f"{page.method} {path} HTTP/1.1", f"Host: {parts.netloc}", *length])
            + page.request_body,
            about
            | {
                "WARC-Concurrent-To": response_id,
                "Content-Type": "application/http; msgtype=request",
            },
        )

    def _write(self, kind: WarcRecordType, block: bytes, headers: Mapping[str, str]) -> None:
        record = WarcRecord()
        record.init_headers(kind)
        for name, value in headers.items():
            record.headers[name] = value
        record.set_bytes_content(block)
        record.write(self._gzip or self._file, checksum_data=True)
        if self._gzip is not None:
            # Each record is compressed by itself.
            self._gzip.finish()


def _new_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _head(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
