"""Reading with revisions: a page of the chapter list, and what a chapter's author has changed."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.content import to_text
from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.library.chapters import ChapterSummary, ChapterText, list_chapters

#: Larger texts are compared as a whole, because the time of a comparison grows with paragraphs and
#: with pairs of equal ones.
MOST_PARAGRAPHS, MOST_PAIRS = 3_000, 50_000


@dataclass(frozen=True, slots=True)
class Hunk:
    """Paragraphs of a comparison as plain text; those of kind `same` are counted only."""

    kind: Literal["same", "removed", "added", "changed"]
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """A version of a text, as paragraphs. `changes` are those since the version before."""

    version: int
    saved_at: datetime
    words: int
    is_current: bool
    paragraphs: tuple[str, ...]
    changes: tuple[Hunk, ...] = ()


def page_of_chapters(
    session: Session, novel_id: int, *, offset: int, limit: int
) -> tuple[list[ChapterSummary], int]:
    """A page of the merged list, and the number of chapters."""
    total = session.scalar(
        select(func.count()).select_from(ChapterRow).where(ChapterRow.novel_id == novel_id)
    )
    return list_chapters(session, novel_id, offset=offset, limit=limit), total or 0


def versions(
    session: Session,
    novel_id: int,
    chapter: ChapterText,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> list[Revision]:
    """The held versions, oldest first; `offset` and `limit` count from the newest."""
    rows = session.execute(
        select(ChapterTextRow, ChapterRow.text_id)
        .join(ChapterRow, ChapterRow.id == ChapterTextRow.chapter_id)
        .where(ChapterRow.novel_id == novel_id, ChapterRow.source_chapter_id == chapter.source_id)
        .order_by(ChapterTextRow.version.desc())
        .offset(offset)
        .limit(limit)
    ).all()
    return [
        Revision(
            text.version,
            text.saved_at,
            text.word_count,
            text.id == current_id,
            tuple(paragraphs(text)),
        )
        for text, current_id in reversed(rows)
    ]


def revisions(found: Sequence[Revision]) -> list[Revision]:
    """The revisions, newest first, each compared with the one before. Takes time, no database."""
    compared = [
        replace(new, changes=tuple(compare(old.paragraphs, new.paragraphs)))
        for old, new in pairwise(found)
    ]
    return [*found[:1], *compared][::-1]


def paragraphs(text: ChapterTextRow) -> list[str]:
    """The whole chapter with its notes as plain text, one line for each paragraph."""
    parts = (text.note_before_html, text.content_html, text.note_after_html)
    lines = [line.strip() for part in parts for line in to_text(part, width=None).splitlines()]
    return [line for line in lines if line]


def compare(old: Sequence[str], new: Sequence[str]) -> Iterator[Hunk]:
    """The differences, in the order of the text.

    >>> [hunk.kind for hunk in compare(["a", "b", "c"], ["a", "B", "c", "d"])]
    ['same', 'changed', 'same', 'added']
    """
    counts = Counter(old)
    pairs = sum(counts[line] for line in new)
    if max(len(old), len(new)) > MOST_PARAGRAPHS or pairs > MOST_PAIRS:
        yield Hunk("changed", tuple(old), tuple(new))
        return
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        match kind:
            case "equal":
                yield Hunk("same", count=j - i)
            case "delete":
                yield Hunk("removed", old=tuple(old[i:j]))
            case "insert":
                yield Hunk("added", new=tuple(new[k:m]))
            case _:
                yield Hunk("changed", tuple(old[i:j]), tuple(new[k:m]))
