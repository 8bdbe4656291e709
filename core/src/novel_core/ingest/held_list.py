"""A list whose first page shows what has changed: when its other pages need not be requested."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.db.pages import PageRow
from novel_core.ingest.first_markers import markers_on
from novel_core.ingest.known_content import KnownContent
from novel_core.items import Access
from novel_core.page import Follow, Page
from novel_core.requests import request_key
from novel_core.source import PageKind


@dataclass(slots=True)
class HeldPages:
    """The pages of a job's list that were not requested; `start` is the first page if it names them."""

    start: str | None = None
    _named: dict[str, str] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)

    def note(self, page: Page, follows: Iterable[Follow]) -> None:
        """Note a page of the list that was read, and the further ones that it names."""
        self._read.add(page.key)
        for follow in follows:
            if follow.unless_held:
                self.start = self.start if page.position else page.url
                self._named[follow.key] = follow.url

    @property
    def urls(self) -> list[str]:
        return [url for key, url in self._named.items() if key not in self._read]


@dataclass(frozen=True, slots=True)
class HeldList:
    """The site's list as the library has it.

    `chapters` are those on it; `lacks_text` if one of them has no text and is not locked; `pages`
    are the keys of its archived pages, the first one apart.
    """

    chapters: frozenset[str] = frozenset()
    lacks_text: bool = False
    pages: frozenset[str] = frozenset()


def load_held_list(session: Session, novel_id: int) -> HeldList:
    """Return the list of the novel as the library has it."""
    rows = session.execute(
        select(ChapterRow.source_chapter_id, ChapterRow.text_id, ChapterRow.access).where(
            ChapterRow.novel_id == novel_id, ChapterRow.removed_at.is_(None)
        )
    ).all()
    pages = session.execute(
        select(PageRow.requested_url, PageRow.method, PageRow.request_body).where(
            PageRow.novel_id == novel_id,
            PageRow.kind == PageKind.INDEX,
            PageRow.position != 0,
            PageRow.problem.is_(None),
        )
    )
    return HeldList(
        chapters=frozenset(row.source_chapter_id for row in rows),
        lacks_text=any(row.text_id is None and row.access != Access.LOCKED for row in rows),
        pages=frozenset(request_key(*row) for row in pages),
    )


def without_held(
    follows: Sequence[Follow], known: KnownContent, load: Callable[[], HeldList]
) -> list[Follow]:
    """The Follows of one page, less the pages of the list whose chapters the library holds.

    `load` is called only where there are such pages.
    """
    rest = [follow for follow in follows if follow.unless_held]
    if not rest or not _is_held(rest, markers_on(follows), known, load()):
        return list(follows)
    return [follow for follow in follows if not follow.unless_held]


def _is_held(
    rest: Sequence[Follow], shown: dict[str, str | None], known: KnownContent, held: HeldList
) -> bool:
    """Whether the library, with the chapters that are `shown`, has all that the site states.

    Where the list has markers, one of those shown has to be unchanged: the page shows the latest
    changes first, so all that is changed is above it. A copy of each page left out has to be in
    the archive.
    """
    options = known.options
    if options.rechecks_all or options.accept_removals or held.lacks_text:
        return False
    if options.recheck and not known.recheck.issubset(shown):
        return False
    if len(held.chapters.union(shown)) != rest[0].unless_held:
        return False
    if not held.pages.issuperset(follow.key for follow in rest):
        return False
    markers = {chapter: marker for chapter, marker in shown.items() if marker is not None}
    return not markers or any(
        (saved := known.chapters.get(chapter)) and saved.marker == marker
        for chapter, marker in markers.items()
    )
