"""`GET /novels/{slug}.epub` and the other kinds: a novel as a file, made from the library while it is sent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response, StreamingResponse

from novel_api.conditional import HEADERS, TheKnown, validators
from novel_api.context import TheApi
from novel_api.documents import refusals
from novel_api.gate import Needs
from novel_api.ingestion import Slug
from novel_api.keys import Scope
from novel_core.db.engine import session
from novel_core.errors import InvalidRequest, NothingToExport, UnknownNovel, UsageError
from novel_core.export import Format, Selection, etag_of, file_name, media_type, stream_book
from novel_core.library.novels import describe_novel, find_novel

router = APIRouter(tags=["library"], dependencies=[Depends(Needs(Scope.READ))])

_MEDIA = {media_type(kind).partition(";")[0] for kind in Format}
_BOOK: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": HEADERS,
        "content": {
            name: {"schema": {"type": "string", "format": "binary"}, "example": "(the book)"}
            for name in sorted(_MEDIA)
        },
    },
    304: {"description": "The book would be the same.", "headers": HEADERS},
}

Kind = Annotated[Format, Path(description="the kind of book", examples=["epub"])]
Chapters = Annotated[
    str | None, Query(max_length=40, description="a range of numbers", examples=["1-50"])
]
Volume = Annotated[
    str | None,
    Query(max_length=200, pattern=r"^[^\x00]*$", description="a volume, by title or place from 1"),
]


@router.get(
    "/novels/{slug}.{kind}",
    summary="Download a novel",
    response_class=Response,
    responses=_BOOK | refusals(UnknownNovel, NothingToExport, UsageError, InvalidRequest),
)
def download(
    slug: Slug,
    kind: Kind,
    api: TheApi,
    known: TheKnown,
    chapters: Chapters = None,
    volume: Volume = None,
) -> Response:
    """The whole novel, a range of its chapters or a volume. Images are those of the archive: nothing is fetched."""
    runtime = api.runtime
    wanted = Selection.parse(chapters, volume=volume)
    with session(runtime.database) as opened:
        novel_id = find_novel(opened, runtime.registry, slug)
        novel = describe_novel(opened, novel_id).summary
        tag = etag_of(opened, runtime.registry, novel_id, kind, wanted)
    headers = validators(tag, novel.updated_at)
    if known.has(tag, None):
        return Response(status_code=304, headers=headers)
    pieces = stream_book(runtime.database, runtime.registry, novel_id, kind, wanted)
    name = file_name(novel.slug, kind, wanted)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return StreamingResponse(pieces, media_type=media_type(kind), headers=headers)
