"""The chapter list of a novel without one, read again from the archived pages of its chapters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, select

from novel_core.archive.pages import load_page
from novel_core.db.chapters import ChapterRow, TextPageRow
from novel_core.db.engine import session
from novel_core.errors import PluginError, SourceError
from novel_core.ingest.parsing import follows_on, parse_page
from novel_core.ingest.walk import Walk, lines_on
from novel_core.items import ChapterRef
from novel_core.registry import LoadedSource
from novel_core.source import PageKind


def read_walk(
    database: Engine, source: LoadedSource, novel_id: int, walk: Walk
) -> Sequence[ChapterRef]:
    """The lines of the saved chapters; `walk` knows the novel's own page already.

    A page that cannot be read now leaves its line as it is.
    """
    parser = source.parser()
    with session(database) as opened:
        known = set(
            opened.scalars(
                select(ChapterRow.source_chapter_id).where(ChapterRow.novel_id == novel_id)
            )
        )
        page_ids = opened.scalars(
            select(TextPageRow.page_id)
            .join(ChapterRow, ChapterRow.text_id == TextPageRow.text_id)
            .where(ChapterRow.novel_id == novel_id)
            .order_by(ChapterRow.number, TextPageRow.part)
        ).all()
    found: dict[int, list[ChapterRef]] = {}
    for page_id in dict.fromkeys(page_ids):
        with session(database) as opened:
            page = load_page(opened, page_id)
        if page.kind is not PageKind.CHAPTER:
            continue
        try:
            parsed = parse_page(parser, source.name, page)
            follows = follows_on(parser, source.name, page, parsed)
        except (SourceError, PluginError):
            continue
        walk.note(page_id, page, parsed, follows)
        found[page_id] = list(lines_on(parsed, follows))
    return [line for line in walk.lines(found, known) if line.source_id in known]
