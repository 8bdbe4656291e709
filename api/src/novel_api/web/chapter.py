"""`/book/{slug}/{number}`: a chapter to read, and its revisions."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from novel_api.context import ApiDep, ReaderDep
from novel_api.ingestion import Slug
from novel_api.web.chapter_html import archived_images, shown_html
from novel_api.web.error_texts import error_text
from novel_api.web.render import page
from novel_core.db.engine import session
from novel_core.library.chapter_place import ChapterPlace, place_of
from novel_core.library.chapters import read_chapter
from novel_core.library.novels import NovelSummary, describe_novel, find_novel
from novel_core.library.revisions import Hunk, revisions, versions

router = APIRouter(include_in_schema=False)

_MAX_ID = 2**63 - 1
#: Words of a paragraph that are compared; a longer one is marked as a whole (quadratic time).
_MOST_WORDS = 400
#: Similarity below which two paragraphs are shown as removed and added, not as changed.
_ALIKE = 0.4

Number = Annotated[int, Path(ge=1, le=_MAX_ID)]
Version = Annotated[int | None, Query(ge=1, le=_MAX_ID)]


@router.get("/book/{slug}/{number}")
def read(
    request: Request,
    slug: Slug,
    number: Number,
    api: ApiDep,
    _caller: ReaderDep,
    version: Version = None,
) -> Response:
    """The chapter with its notes, or why it has no text, with links to its neighbours."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        novel = describe_novel(opened, novel_id).summary
        place = place_of(opened, novel_id, str(number))
        if place.reason is not None and version is None:
            return _gap(request, novel, place)
        text = read_chapter(opened, novel_id, str(number), version=version)
        parts = (text.note_before_html, text.content_html, text.note_after_html)
        images = archived_images(opened, novel_id, *parts)
    before, content, after = (shown_html(part, novel.slug, images) for part in parts)
    return page(
        request,
        "chapter.html",
        novel=novel,
        chapter=text,
        place=place,
        before=before,
        content=content,
        after=after,
    )


def _gap(request: Request, novel: NovelSummary, place: ChapterPlace) -> Response:
    """Return the page of a chapter without a text."""
    why = error_text(*place.failure) if place.failure else None
    return page(request, "gap.html", status=404, novel=novel, chapter=place, place=place, why=why)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of a paragraph, in pieces with whether they changed; a missing side is empty."""

    old: tuple[tuple[str, bool], ...]
    new: tuple[tuple[str, bool], ...]


def paired(hunk: Hunk) -> Iterator[Pair]:
    """Yield the paragraphs of a hunk side by side.

    >>> [pair.new for pair in paired(Hunk("changed", ("It burnt high.",), ("It burnt low.",)))]
    [(('It burnt ', False), ('low.', True))]
    """
    for old, new in zip_longest(hunk.old, hunk.new):
        yield _compared(old or "", new or "")


def _compared(old: str, new: str) -> Pair:
    before, after = _words(old), _words(new)
    whole = Pair(((old, True),) if old else (), ((new, True),) if new else ())
    if not before or not after or max(len(before), len(after)) > _MOST_WORDS:
        return whole
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return whole
    codes = matcher.get_opcodes()
    return Pair(
        tuple(("".join(before[i:j]), kind != "equal") for kind, i, j, _, _ in codes if j > i),
        tuple(("".join(after[k:m]), kind != "equal") for kind, _, _, k, m in codes if m > k),
    )


def _words(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:] if text else []


@router.get("/book/{slug}/{number}/revisions")
def compare(
    request: Request, slug: Slug, number: Number, api: ApiDep, _caller: ReaderDep
) -> Response:
    """The versions of a chapter, each beside the previous one."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        novel = describe_novel(opened, novel_id).summary
        text = read_chapter(opened, novel_id, str(number))
        held = versions(opened, novel_id, text)
    found = revisions(held)
    return page(
        request, "revisions.html", novel=novel, chapter=text, revisions=found, paired=paired
    )
