"""Which novels have a cover to show, so that no page asks for one that is not there; the others get a drawn one."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.db.pages import PageRow
from novel_core.library.novels import NovelSummary
from novel_core.source import PageKind

#: Kinds of drawn covers in the style sheet.
_DRAWN = 6


def with_cover(session: Session, novels: Iterable[NovelSummary]) -> set[int]:
    """The ids of those whose present cover is in the archive."""
    wanted = {novel.id: novel.cover_url for novel in novels if novel.cover_url}
    if not wanted:
        return set()
    rows = session.execute(
        select(PageRow.novel_id, PageRow.requested_url).where(
            PageRow.novel_id.in_(wanted),
            PageRow.kind == PageKind.IMAGE,
            PageRow.problem.is_(None),
            PageRow.requested_url.in_(set(wanted.values())),
        )
    )
    return {novel_id for novel_id, url in rows if novel_id and wanted.get(novel_id) == url}


def drawn_cover(title: str) -> int:
    """The kind of cover that is drawn for a title: always the same one.

    >>> drawn_cover("A Tale") == drawn_cover("A Tale")
    True
    """
    return zlib.crc32(title.encode("utf-8", "replace")) % _DRAWN + 1
