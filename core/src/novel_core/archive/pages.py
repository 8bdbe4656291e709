"""Archived pages: their rows, and loading them as the parser reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import zstandard
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from novel_core.content import EmbeddedPicture
from novel_core.db.pages import REQUEST, PageRow
from novel_core.errors import StorageError
from novel_core.page import Follow, Page
from novel_core.source import PageKind

T = TypeVar("T")

ZSTD = "zstd"
IDENTITY = "identity"
NOT_MODIFIED = 304
#: Response headers that are kept, for parsing, conditional requests and provenance; never cookies.
KEPT_HEADERS = (
    "content-type",
    "content-language",
    "date",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "server",
)
#: How the names of headers begin that say how many pages or entries a list has.
COUNTS_OF_LISTS = ("x-wp-", "x-total", "x-page", "x-pagination", "x-per-page", "x-next", "x-prev")
#: Bytes of one batch; a larger entry is a batch of its own.
BATCH_BYTES = 8 * 2**20


def in_batches(
    sized: Iterable[tuple[T, int]], *, count: int, size: int = BATCH_BYTES
) -> Iterator[list[T]]:
    """Batches of entries, each given with its bytes: up to `count` entries and `size` bytes.

    >>> list(in_batches([("a", 3), ("b", 3), ("c", 9), ("d", 1)], count=2, size=6))
    [['a', 'b'], ['c'], ['d']]
    """
    batch: list[T] = []
    total = 0
    for entry, weight in sized:
        if batch and (len(batch) >= count or total + weight > size):
            yield batch
            batch, total = [], 0
        batch.append(entry)
        total += weight
    if batch:
        yield batch


def pack(body: bytes, kind: PageKind) -> tuple[str, bytes]:
    """The codec a body is stored with, and its stored form; images are compressed already."""
    if kind is PageKind.IMAGE:
        return IDENTITY, body
    return ZSTD, zstandard.ZstdCompressor(level=3).compress(body)


def unpack(codec: str, body: bytes, size: int) -> bytes:
    if codec == IDENTITY:
        return body
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=max(size, 1))


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a response's headers that are kept; their names are lower-case.

    >>> kept_headers({"content-type": "text/html", "set-cookie": "a=1", "x-wp-total": "312"})
    {'content-type': 'text/html', 'x-wp-total': '312'}
    """
    return {
        name: value
        for name, value in headers.items()
        if name in KEPT_HEADERS or name.startswith(COUNTS_OF_LISTS)
    }


def as_row(
    page: Page, problem: str | None, *, job_id: int | None, novel_id: int | None
) -> dict[str, Any]:
    """A page as a row of the archive; `problem` is the code of the page's error."""
    codec, body = pack(page.body, page.kind)
    return {
        "job_id": job_id,
        "novel_id": novel_id,
        "kind": page.kind,
        "url": page.url,
        "requested_url": page.requested_url or page.url,
        "chapter_ids": list(page.chapters),
        "part": page.part,
        "position": page.position,
        "status": page.status,
        "headers": kept_headers(page.headers),
        "codec": codec,
        "body": body,
        "size": len(page.body),
        "problem": problem,
        "fetched_at": page.fetched_at,
        "context": dict(page.context),
        "method": page.method,
        "request_body": page.request_body,
        "is_optional": page.is_optional,
    }


def as_page(row: PageRow) -> Page:
    return Page(
        url=row.url,
        kind=PageKind(row.kind),
        body=unpack(row.codec, row.body, row.size),
        status=row.status,
        headers=row.headers,
        requested_url=row.requested_url,
        fetched_at=row.fetched_at,
        chapters=tuple(row.chapter_ids),
        part=row.part,
        position=row.position,
        context=row.context,
        method=row.method,
        request_body=row.request_body,
        is_optional=row.is_optional,
    )


def keep_embedded(
    opened: Session,
    pictures: Iterable[EmbeddedPicture],
    *,
    job_id: int | None,
    novel_id: int | None,
) -> None:
    """Archive the pictures embedded in a text as images of the novel, each once."""
    found = {picture.url: picture for picture in pictures}
    if not found:
        return
    is_ours = PageRow.job_id == job_id if novel_id is None else PageRow.novel_id == novel_id
    stored = opened.scalars(
        select(PageRow.requested_url).where(
            is_ours, PageRow.kind == PageKind.IMAGE, PageRow.requested_url.in_(found)
        )
    )
    for url in set(stored):
        del found[url]
    rows = [
        as_row(
            Page(
                url=picture.url,
                kind=PageKind.IMAGE,
                body=picture.body,
                headers={"content-type": picture.media_type},
                requested_url=picture.url,
                fetched_at=datetime.now(UTC),
            ),
            None,
            job_id=job_id,
            novel_id=novel_id,
        )
        for picture in found.values()
    ]
    if rows:
        opened.execute(insert(PageRow).on_conflict_do_nothing(index_elements=REQUEST), rows)


def sizes_of_pages(opened: Session, job_id: int, *kinds: PageKind) -> Sequence[tuple[int, int]]:
    """Id and bytes of the job's readable pages of these kinds, one kind after the other, each in
    the order they were fetched.
    """
    rows = opened.execute(
        select(PageRow.id, PageRow.size, PageRow.kind)
        .where(
            PageRow.job_id == job_id,
            PageRow.kind.in_(kinds),
            PageRow.problem.is_(None),
            PageRow.status != NOT_MODIFIED,
        )
        .order_by(PageRow.id)
    ).all()
    return [(row.id, row.size) for kind in kinds for row in rows if row.kind == kind]


def load_pages(opened: Session, page_ids: Sequence[int]) -> Sequence[PageRow]:
    """The pages of these ids, in their order, with their bodies; StorageError if one is gone."""
    query = select(PageRow).options(undefer(PageRow.body)).where(PageRow.id.in_(page_ids))
    rows = {row.id: row for row in opened.scalars(query)}
    if not rows.keys() >= set(page_ids):
        raise StorageError(
            "Pages of the archive are gone: the database has lost them, or the novel was removed.",
            hint="Run it again: the missing pages are fetched again.",
        )
    return [rows[page_id] for page_id in dict.fromkeys(page_ids)]


def is_page_of(job_id: int, follow: Follow) -> tuple[ColumnElement[bool], ...]:
    """The conditions of the page that a job has archived for the request of `follow`."""
    return (
        PageRow.job_id == job_id,
        PageRow.requested_url == follow.url,
        PageRow.method == follow.method,
        PageRow.request_body == follow.body,
    )


def set_chapters(opened: Session, job_id: int, follow: Follow) -> int | None:
    """Write which chapters the job's page of `follow` is read for; its id, if it can be read."""
    return opened.scalar(
        update(PageRow)
        .where(
            *is_page_of(job_id, follow),
            PageRow.kind == follow.kind,
            PageRow.problem.is_(None),
            PageRow.status != NOT_MODIFIED,
        )
        .values(chapter_ids=list(follow.chapters))
        .returning(PageRow.id)
    )


def load_page(opened: Session, page_id: int) -> Page:
    return as_page(load_pages(opened, [page_id])[0])


@dataclass(frozen=True, slots=True)
class IndexPages:
    """The ids of the pages of one archived chapter list, in order; `fetched_at` of the first."""

    ids: list[int] = field(default_factory=list)
    fetched_at: datetime | None = None


def newest_index(opened: Session, novel_id: int) -> IndexPages:
    """The novel's newest archived chapter list."""
    is_index = (
        (PageRow.novel_id == novel_id)
        & (PageRow.kind == PageKind.INDEX)
        & PageRow.problem.is_(None)
    )
    first = opened.execute(
        select(PageRow.id, PageRow.job_id, PageRow.fetched_at)
        .where(is_index, PageRow.position == 0)
        .order_by(PageRow.fetched_at.desc(), PageRow.id.desc())
        .limit(1)
    ).first()
    if first is None:
        return IndexPages()
    same = PageRow.id == first.id if first.job_id is None else PageRow.job_id == first.job_id
    ids = opened.scalars(select(PageRow.id).where(is_index, same).order_by(PageRow.position))
    return IndexPages(list(ids), first.fetched_at)


def image_sizes(opened: Session, novel_id: int) -> dict[str, int]:
    """The bytes of the novel's archived images by requested URL; 0 for one that failed."""
    rows = opened.execute(
        select(PageRow.requested_url, PageRow.size).where(
            PageRow.novel_id == novel_id, PageRow.kind == PageKind.IMAGE
        )
    )
    return {row.requested_url: row.size for row in rows}
