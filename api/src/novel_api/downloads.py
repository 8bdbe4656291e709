"""`GET /novels/{slug}.epub` and the other formats: download a novel as a file."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from novel_api.book_files import BookResponse
from novel_api.conditional import HEADERS, KnownDep, KnownETags, validators
from novel_api.context import Api, ApiDep
from novel_api.errors import InvalidRequest, TooBusy
from novel_api.gate import RequireScope
from novel_api.ingestion import Slug
from novel_api.keys import Scope
from novel_api.middleware import is_head
from novel_api.openapi import BYTES, TEXT, error_responses
from novel_core.db.engine import session
from novel_core.errors import NothingToExport, UnknownNovel, UsageError
from novel_core.export import Format, Selection, etag_of, file_name, media_type, write_book
from novel_core.library.novels import describe_novel, find_novel

router = APIRouter(tags=["library"], dependencies=[Depends(RequireScope(Scope.READ))])


def _book(kind: Format) -> dict[int | str, dict[str, Any]]:
    name = media_type(kind).partition(";")[0]
    # Generated clients read text formats as text, the others as bytes.
    shown = {"schema": TEXT if name.startswith("text/") else BYTES, "example": "(the book)"}
    return {
        200: {"headers": HEADERS, "content": {name: shown}},
        304: {"description": "The book has not changed.", "headers": HEADERS},
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
    """Add the route of one format; one route for all would clash with slugs that hold dots."""

    def download(
        slug: Slug,
        api: ApiDep,
        request: Request,
        known: KnownDep,
        chapters: Chapters = None,
        volume: Volume = None,
    ) -> Response:
        """The whole novel, a range of chapters or a volume. Images come from the archive."""
        wanted = Selection.parse(chapters, volume=volume)
        return _send(api, request, slug, kind, wanted, known)

    router.add_api_route(
        f"/novels/{{slug}}.{kind}",
        download,
        name=f"download_{kind}",
        summary=f"Download a novel as {kind.upper()}",
        response_class=Response,
        responses=_book(kind)
        | error_responses(UnknownNovel, NothingToExport, TooBusy, UsageError, InvalidRequest),
    )


def _send(
    api: Api, request: Request, slug: str, kind: Format, wanted: Selection, known: KnownETags
) -> Response:
    runtime = api.runtime
    with session(runtime.database) as opened:
        novel_id = find_novel(opened, runtime.registry, slug)
        novel = describe_novel(opened, novel_id).summary
        tag = etag_of(opened, runtime.registry, novel_id, kind, wanted)
    headers = validators(tag)
    if known.has(tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{file_name(novel.slug, kind, wanted)}"'
    if is_head(request.scope):
        return StreamingResponse(iter(()), media_type=media_type(kind), headers=headers)
    book = api.books.make(
        lambda file: write_book(runtime.database, runtime.registry, novel_id, kind, file, wanted)
    )
    headers["Content-Length"] = str(book.size)
    return BookResponse(book, media_type(kind), headers)


for _kind in Format:
    _add(_kind)
