"""`GET /novels/{slug}.epub` and the other kinds: a novel as a file, made from the library, then sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, cast

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response, StreamingResponse

from novel_api.conditional import HEADERS, Known, TheKnown, validators
from novel_api.context import Api, TheApi
from novel_api.documents import refusals
from novel_api.gate import Needs
from novel_api.ingestion import Slug
from novel_api.keys import Scope
from novel_core.db.engine import session
from novel_core.errors import InvalidRequest, NothingToExport, TooBusy, UnknownNovel, UsageError
from novel_core.export import Format, Selection, etag_of, file_name, media_type, write_book
from novel_core.library.novels import describe_novel, find_novel

_PIECE = 1 << 16
#: Seconds after which a book that could not be made is worth another try.
_PAUSE = 2.0
router = APIRouter(tags=["library"], dependencies=[Depends(Needs(Scope.READ))])


def _book(kind: Format) -> dict[int | str, dict[str, Any]]:
    name = media_type(kind).partition(";")[0]
    shown = {"schema": {"type": "string", "format": "binary"}, "example": "(the book)"}
    return {
        200: {"headers": HEADERS, "content": {name: shown}},
        304: {"description": "The book would be the same.", "headers": HEADERS},
    }


Chapters = Annotated[
    str | None,
    Query(
        max_length=40,
        pattern=r"^([0-9]{1,9}(-([0-9]{1,9})?)?|-[0-9]{1,9})$",
        description="a range of numbers: 12, 1-50, 51- or -50",
        examples=["1-50"],
    ),
]
Volume = Annotated[
    str | None,
    Query(max_length=200, pattern=r"^[^\x00]*$", description="a volume, by title or place from 1"),
]


def _add(kind: Format) -> None:
    """A route for each kind: a novel's own address may hold dots."""

    def download(
        slug: Slug, api: TheApi, known: TheKnown, chapters: Chapters = None, volume: Volume = None
    ) -> Response:
        """The whole novel, a range of its chapters or a volume. Images are those of the archive: nothing is fetched."""
        return _send(api, slug, kind, Selection.parse(chapters, volume=volume), known)

    router.add_api_route(
        f"/novels/{{slug}}.{kind}",
        download,
        name=f"download_{kind}",
        operation_id=f"download_{kind}",
        summary=f"Download a novel as {kind.upper()}",
        response_class=Response,
        responses=_book(kind)
        | refusals(UnknownNovel, NothingToExport, TooBusy, UsageError, InvalidRequest),
    )


def _send(api: Api, slug: str, kind: Format, wanted: Selection, known: Known) -> Response:
    runtime = api.runtime
    with session(runtime.database) as opened:
        novel_id = find_novel(opened, runtime.registry, slug)
        novel = describe_novel(opened, novel_id).summary
        tag = etag_of(opened, runtime.registry, novel_id, kind, wanted)
    headers = validators(tag, novel.updated_at)
    if known.has(tag, None):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{file_name(novel.slug, kind, wanted)}"'
    book = _made(api, novel_id, kind, wanted)
    headers["Content-Length"] = str(book.seek(0, os.SEEK_END))
    book.seek(0)
    return StreamingResponse(_pieces(book), media_type=media_type(kind), headers=headers)


def _made(api: Api, novel_id: int, kind: Format, wanted: Selection) -> BinaryIO:
    """The whole book in a file without a name: a reader who is slow holds no connection to the database."""
    if not api.making.acquire(blocking=False):
        raise TooBusy("Other books are being made at this moment.", retry_after=_PAUSE)
    book = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed when it is sent, or forgotten
    try:
        write_book(api.runtime.database, api.runtime.registry, novel_id, kind, book, wanted)
    except BaseException:
        book.close()
        raise
    finally:
        api.making.release()
    return book


def _pieces(book: BinaryIO) -> Iterator[bytes]:
    with book:
        while piece := book.read(_PIECE):
            yield piece


for _kind in Format:
    _add(_kind)
