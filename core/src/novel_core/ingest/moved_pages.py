"""Pages of several chapters that a job has archived under the address of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import update

from novel_core.archive.pages import NOT_MODIFIED, load_page
from novel_core.db.engine import session
from novel_core.db.pages import PageRow
from novel_core.errors import PluginError, SourceError
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.known_content import KnownContent
from novel_core.items import Chapter
from novel_core.page import Follow, Page
from novel_core.source import PageKind


class MovedPages:
    """The pages that were requested for one chapter, and redirected to an address of many.

    So it is where a job begins at the address of one post of a thread. The page stands for the
    other chapters too, once the list has named them.
    """

    def __init__(self, attempt: Attempt, known: KnownContent) -> None:
        self._attempt = attempt
        self._known = known
        #: By the key of the Follow.
        self.reused: dict[str, int] = {}

    def page_of(self, follow: Follow) -> int | None:
        """The id of the page at the address of `follow`, if it has the texts of its chapters."""
        page_id = self._known.moved.get(follow.key)
        is_shared = follow.kind is PageKind.CHAPTER and len(follow.chapters) > 1
        if page_id is None or not is_shared or follow.part or follow.context:
            return None
        with session(self._attempt.database) as opened:
            page = load_page(opened, page_id)
        chapters = _joined(page.chapters, follow.chapters)
        if not texts_of(self._attempt, replace(page, chapters=chapters)).issuperset(chapters):
            return None
        self.reused[follow.key] = page_id
        return page_id

    def keep(self, planned: Iterable[Follow]) -> None:
        """Write which chapters the reused pages stand for, by all that was planned."""
        if not self.reused:
            return
        named = {follow.key: follow.chapters for follow in planned}
        with self._attempt.transaction() as opened:
            for key, page_id in self.reused.items():
                chapters = _joined(load_page(opened, page_id).chapters, named[key])
                opened.execute(
                    update(PageRow).where(PageRow.id == page_id).values(chapter_ids=list(chapters))
                )


def texts_of(attempt: Attempt, page: Page) -> set[str]:
    """The ids of the chapters whose text the archived page has; none if it cannot be read."""
    if page.status == NOT_MODIFIED:
        return set()
    # Here, because the sanitiser is not needed before the first request.
    from novel_core.ingest.parsing import parse_page

    source = attempt.source
    try:
        parsed = parse_page(source.parser(), source.name, page)
    except (SourceError, PluginError):
        return set()
    return {item.source_id for item in parsed.items if isinstance(item, Chapter)}


def _joined(own: tuple[str, ...], named: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *named)))
