"""The archive of pages: durable writes in groups, and reading them back as the parser sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import zstandard
from sqlalchemy import Engine, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from novel_core.content import EmbeddedPicture
from novel_core.db.engine import session
from novel_core.db.pages import PageRow
from novel_core.errors import StorageError
from novel_core.jobs.lifecycle import Claim
from novel_core.page import Page
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
    "location",
    "server",
)
#: The two columns that identify a page within its job.
CONFLICT = ("job_id", "requested_url")
#: Bytes of one batch; a larger entry is a batch of its own.
BATCH_BYTES = 8 * 2**20
#: For servers that may confirm a commit before it is on disk: archived pages survive a crash.
_DURABLE = text(
    "SELECT set_config('synchronous_commit', 'on', true)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)


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


def as_row(claim: Claim, page: Page, problem: str | None) -> dict[str, Any]:
    codec, body = pack(page.body, page.kind)
    return {
        "job_id": claim.job_id,
        "novel_id": claim.novel_id,
        "kind": page.kind,
        "url": page.url,
        "requested_url": page.requested_url or page.url,
        "chapter_ids": list(page.chapters),
        "part": page.part,
        "position": page.position,
        "status": page.status,
        "headers": {name: page.headers[name] for name in KEPT_HEADERS if name in page.headers},
        "codec": codec,
        "body": body,
        "size": len(page.body),
        "problem": problem,
        "fetched_at": page.fetched_at,
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
    )


@dataclass(slots=True)
class _Waiting:
    page: Page
    problem: str | None
    written: asyncio.Future[None]


class ArchiveWriter:
    """Writes pages in groups: the pages that arrive during one commit form the next group.

    A page that arrives alone is durable at once; at full speed one commit serves many.
    `also` runs in the same transaction (the job's counters, and with them the fence).
    """

    def __init__(self, database: Engine, claim: Claim, also: Callable[[Session], None]) -> None:
        self._database = database
        self._claim = claim
        self._also = also
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        #: The addresses whose pages the database has confirmed.
        self._confirmed: set[str] = set()

    async def store(self, page: Page, problem: str | None) -> None:
        """Archive a page, with the code of its problem; returns when it is durable."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(page, problem, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())
        await written

    async def _drain(self) -> None:
        try:
            while self._waiting:
                sizes = ((waiting, len(waiting.page.body)) for waiting in self._waiting)
                group = next(in_batches(sizes, count=len(self._waiting)))
                del self._waiting[: len(group)]
                try:
                    await asyncio.to_thread(self._write, group)
                except Exception as error:  # noqa: BLE001 - passed to each page's waiter
                    for waiting in group:
                        if not waiting.written.done():
                            waiting.written.set_exception(error)
                else:
                    for waiting in group:
                        if not waiting.written.done():
                            waiting.written.set_result(None)
        finally:
            self._writer = None

    def _write(self, group: Sequence[_Waiting]) -> None:
        rows = {
            waiting.page.requested_url: as_row(self._claim, waiting.page, waiting.problem)
            for waiting in group
        }
        statement = insert(PageRow)
        replace = statement.on_conflict_do_update(
            index_elements=CONFLICT,
            set_={
                name: statement.excluded[name]
                for name in next(iter(rows.values()))
                if name not in CONFLICT
            },
        )
        with session(self._database) as opened:
            opened.execute(_DURABLE)
            opened.execute(replace, list(rows.values()))
            self._also(opened)
        self._confirmed.update(rows)

    def check(self, opened: Session) -> None:
        """StorageError if a confirmed page is gone: after a crash without fsync, or a failover."""
        if not self._confirmed:
            return
        held = opened.scalars(
            select(PageRow.requested_url).where(PageRow.job_id == self._claim.job_id)
        )
        if lost := self._confirmed.difference(held):
            raise StorageError(
                f"The database has lost {len(lost)} pages that it had confirmed.",
                hint="Run it again: the missing pages are fetched again.",
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
    held = opened.scalars(
        select(PageRow.requested_url).where(
            is_ours, PageRow.kind == PageKind.IMAGE, PageRow.requested_url.in_(found)
        )
    )
    for url in set(held):
        del found[url]
    rows: list[dict[str, Any]] = [
        {
            "job_id": job_id,
            "novel_id": novel_id,
            "kind": PageKind.IMAGE,
            "url": picture.url,
            "requested_url": picture.url,
            "chapter_ids": [],
            "part": 0,
            "position": 0,
            "status": 200,
            "headers": {"content-type": picture.media_type},
            "codec": IDENTITY,
            "body": picture.body,
            "size": len(picture.body),
            "problem": None,
            "fetched_at": datetime.now(UTC),
        }
        for picture in found.values()
    ]
    if rows:
        opened.execute(insert(PageRow).on_conflict_do_nothing(index_elements=CONFLICT), rows)


def sizes_of_pages(
    opened: Session, job_id: int, kinds: Sequence[PageKind]
) -> Sequence[tuple[int, int]]:
    """Id and bytes of the job's readable pages of these kinds, in the order they were fetched."""
    rows = opened.execute(
        select(PageRow.id, PageRow.size)
        .where(
            PageRow.job_id == job_id,
            PageRow.kind.in_(list(kinds)),
            PageRow.problem.is_(None),
            PageRow.status != NOT_MODIFIED,
        )
        .order_by(PageRow.id)
    )
    return [(row.id, row.size) for row in rows]


def load_pages(opened: Session, page_ids: Sequence[int]) -> Sequence[PageRow]:
    """The pages of these ids with their bodies; StorageError if one is gone."""
    rows = opened.scalars(
        select(PageRow)
        .options(undefer(PageRow.body))
        .where(PageRow.id.in_(page_ids))
        .order_by(PageRow.id)
    ).all()
    if len(rows) != len(set(page_ids)):
        raise StorageError(
            "Pages of the archive are gone: the database has lost them, or the novel was removed.",
            hint="Run it again: the missing pages are fetched again.",
        )
    return rows


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
