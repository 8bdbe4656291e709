"""Reading saved texts again from the archive, with the present parser."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, select

from novel_core.archive.pages import load_page
from novel_core.db.chapters import TextPageRow
from novel_core.db.engine import session
from novel_core.errors import PluginError, SourceError
from novel_core.ingest.chapter_texts import CleanText
from novel_core.ingest.parsing import parse_page
from novel_core.ingest.staging import join
from novel_core.items import Chapter
from novel_core.plugin import SaveContext, SkipItem
from novel_core.registry import LoadedSource
from novel_core.steps import limited


class Rereader:
    """Makes a saved text again from its archived pages."""

    def __init__(self, database: Engine, source: LoadedSource, context: SaveContext) -> None:
        self._database = database
        self._source = source
        self._context = context

    def saved_text(self, text_id: int, source_id: str) -> CleanText | None:
        """The text as the present parser reads it; None if its pages cannot be read."""
        try:
            return self.read(text_id, source_id)
        except (SourceError, PluginError):
            return None

    def read(self, text_id: int, source_id: str) -> CleanText | None:
        """The text of one row (a current one or a revision); raises the parser's errors.

        No transaction is open while the parser runs.
        """
        with session(self._database) as opened:
            page_ids = opened.scalars(
                select(TextPageRow.page_id)
                .where(TextPageRow.text_id == text_id)
                .order_by(TextPageRow.part)
            ).all()
        parts = self._parts(page_ids, source_id)
        if not parts:
            return None
        whole = join(parts)
        try:
            return limited(
                "Preparing the saved text of",
                whole.url,
                lambda: CleanText.of(self._source.before_save(whole, self._context)),
            )
        except SkipItem:
            return None

    def _parts(self, page_ids: Sequence[int], source_id: str) -> list[Chapter]:
        parts: list[Chapter] = []
        for page_id in page_ids:
            with session(self._database) as opened:
                page = load_page(opened, page_id)
            items = parse_page(self._source.parser(), self._source.name, page).items
            parts += [
                item for item in items if isinstance(item, Chapter) and item.source_id == source_id
            ]
        return parts
