"""Reading held texts anew from the archive, with the parser installed now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, TextPageRow
from novel_core.errors import PluginError, SourceError
from novel_core.hookspecs import SaveContext, SkipItem
from novel_core.items import Chapter
from novel_core.pipeline.archive import load_page
from novel_core.pipeline.chapter_list import KnownChapter
from novel_core.pipeline.chapter_texts import CleanText
from novel_core.pipeline.parsing import parse_page
from novel_core.pipeline.staging import join
from novel_core.registry import LoadedSource


class Rereader:
    """Makes a held text again from the pages it was made of."""

    def __init__(self, session: Session, source: LoadedSource, context: SaveContext) -> None:
        self._session = session
        self._source = source
        self._context = context

    def held_text(self, chapter: KnownChapter) -> CleanText | None:
        """The current text of `chapter` as the present parser reads it; None when its page cannot be read (any more)."""
        if chapter.text_id is None:
            return None
        source_id = self._session.scalars(
            select(ChapterRow.source_chapter_id).where(ChapterRow.id == chapter.id)
        ).one()
        try:
            return self.read(chapter.text_id, source_id)
        except (SourceError, PluginError):
            return None

    def read(self, text_id: int, source_id: str) -> CleanText | None:
        """A text, current or a revision, by its row; raises what the parser raises."""
        page_ids = self._session.scalars(
            select(TextPageRow.page_id)
            .where(TextPageRow.text_id == text_id)
            .order_by(TextPageRow.part)
        ).all()
        parts = self._parts(page_ids, source_id)
        if not parts:
            return None
        try:
            item = self._source.before_save(join(parts), self._context)
        except SkipItem:
            return None
        assert isinstance(item, Chapter)
        return CleanText.of(item)

    def _parts(self, page_ids: Sequence[int], source_id: str) -> list[Chapter]:
        parser = self._source.parser()
        return [
            item
            for page_id in page_ids
            for item in parse_page(
                parser, self._source.name, load_page(self._session, page_id)
            ).items
            if isinstance(item, Chapter) and item.source_id == source_id
        ]
