"""The records of our WARC files, one method for each kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from novel_core import __version__
from novel_core.archive.pages import as_page
from novel_core.db.novels import NovelRow
from novel_core.db.pages import PageRow, SiteRow
from novel_core.source import PageKind
from novel_core.warc import digests
from novel_core.warc.extension import (
    NOVEL_TYPE,
    PAGE_TYPE,
    NovelNote,
    PageNote,
    as_warc_date,
    quoted,
)

_DESCRIPTION = (
    "One web novel: every page its texts were made of, its newest chapter lists and its images, as archived. Bodies are decoded:"
    " Content-Encoding and Transfer-Encoding were undone, and Content-Length is the decoded length. Of the response headers those"
    " that matter to a reader were kept, and no cookies. The HTTP version was not kept: 1.1 stands for whatever it was. Request"
    " records are made up from method and address, all that is known of them. Metadata records of the types"
    f" {NOVEL_TYPE} and {PAGE_TYPE} (JSON) tell what a page was requested as."
)


class RecordWriter:
    """Writes to one file, in the order of the calls: `begin` first."""

    def __init__(self, file: BinaryIO, *, compress: bool) -> None:
        self._writer = WARCWriter(file, gzip=compress, warc_version="1.1")

    def begin(self, novel: NovelRow, name: str, pages: int) -> None:
        """The record about the file, and the one about the novel."""
        about = {
            "software": f"novel-core/{__version__}",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "robots": "obey",
            "description": _DESCRIPTION,
        }
        self._writer.write_record(self._writer.create_warcinfo_record(name, about))
        note = NovelNote(
            source=novel.source,
            novel_id=novel.source_novel_id,
            url=novel.url,
            title=novel.title,
            pages=pages,
        )
        self._note(novel.url, NOVEL_TYPE, note.model_dump(mode="json"), {})

    def page(self, novel: NovelRow, row: PageRow, generation: int) -> str:
        """A page's note, response and request; what it was."""
        page = as_page(row)
        note = PageNote(
            source=novel.source,
            novel_id=novel.source_novel_id,
            kind=page.kind,
            url=page.url,
            requested_url=page.requested_url,
            chapters=page.chapters,
            part=page.part,
            position=page.position,
            generation=generation,
            status=page.status,
            headers=dict(page.headers),
            problem=row.problem,
            fetched_at=page.fetched_at,
        )
        date = as_warc_date(page.fetched_at)
        links = {"WARC-Date": date}
        if not page.status:
            self._note(page.url, PAGE_TYPE, note.model_dump(mode="json"), links)
            return "silent"
        response = self._response(page.url, page.status, page.headers, page.body, date)
        about = response.rec_headers.get_header("WARC-Record-ID")
        note_json = note.model_dump(mode="json")
        self._note(page.url, PAGE_TYPE, note_json, links | {"WARC-Refers-To": about})
        self._pair(response)
        return "image" if page.kind is PageKind.IMAGE else "page"

    def robots(self, site: SiteRow) -> None:
        """robots.txt as it was held; of its headers nothing is known."""
        assert site.robots_fetched_at is not None
        self._pair(
            self._response(
                f"{site.origin}/robots.txt",
                site.robots_status or HTTPStatus.OK,
                {},
                site.robots_body or b"",
                as_warc_date(site.robots_fetched_at),
            )
        )

    def _note(self, url: str, kind: str, note: Mapping[str, Any], headers: dict[str, str]) -> None:
        block = json.dumps(note).encode()
        self._writer.write_record(
            self._writer.create_warc_record(
                quoted(url),
                "metadata",
                payload=BytesIO(block),
                length=len(block),
                warc_content_type=kind,
                warc_headers_dict=headers | {"WARC-Payload-Digest": digests.label(block)},
            )
        )

    def _response(
        self, url: str, status: int, headers: Mapping[str, str], body: bytes, date: str
    ) -> Any:
        kept = [(name.title(), " ".join(value.split())) for name, value in headers.items()]
        http = StatusAndHeaders(
            _status_line(status), [*kept, ("Content-Length", str(len(body)))], protocol="HTTP/1.1"
        )
        return self._writer.create_warc_record(
            quoted(url),
            "response",
            payload=BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": date, "WARC-Payload-Digest": digests.label(body)},
        )

    def _pair(self, response: Any) -> None:
        parts = urlsplit(response.rec_headers.get_header("WARC-Target-URI"))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        http = StatusAndHeaders(
            f"{path} HTTP/1.1", [("Host", parts.netloc)], protocol="GET", is_http_request=False
        )
        request = self._writer.create_warc_record(
            parts.geturl(), "request", http_headers=http, payload=BytesIO(), length=0
        )
        self._writer.write_request_response_pair(request, response)


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
