"""What of a file is news to the library. Nothing held is ever replaced by something older, nor by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, TextPageRow
from novel_core.db.pages import PageRow
from novel_core.errors import IncompleteWarc
from novel_core.source import PageKind
from novel_core.warc.index import Entry


@dataclass(slots=True)
class Held:
    """The library's state of one novel: the age of its chapter list, of each text, the images; all empty for a new one.

    `index` are the ids of the pages of the newest chapter list, in order.
    """

    index_at: datetime | None = None
    index: list[int] = field(default_factory=list)
    texts: dict[str, datetime] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Plan:
    """The pages of one job: entries of the file, and before them pages the library has (`held_index`, by id)."""

    entries: tuple[Entry, ...]
    held_index: tuple[int, ...] = ()


def generations(entries: Iterable[Entry]) -> list[list[Entry]]:
    """A novel's entries by the crawl they came from, oldest first; of one address in one crawl, the last counts."""

    def number(entry: Entry) -> int:
        return entry.note.generation

    return [
        list({entry.note.requested_url: entry for entry in group}.values())
        for _, group in groupby(sorted(entries, key=number), key=number)
    ]


def plan(crawl: Sequence[Entry], later: Sequence[Sequence[Entry]], held: Held) -> Plan | None:
    """What to save of one crawl's pages; None when all of it is held. `later` are the crawls that came after it."""
    index = _index(crawl)
    is_newer = index and (held.index_at is None or _age(index) > held.index_at)
    chapters = [
        entry
        for group in _chapters(crawl)
        if _is_news(group, held) and (is_newer or not _is_broken(group))
        for entry in group
    ]
    images = [
        entry
        for entry in crawl
        if entry.note.kind is PageKind.IMAGE and entry.note.requested_url not in held.images
    ]
    if is_newer:
        return Plan((*index, *chapters, *images))
    if not chapters and not images:
        return None
    if held.index:
        return Plan((*chapters, *images), tuple(held.index))
    borrowed = next(filter(None, map(_index, later)), None)
    if borrowed is None:
        raise IncompleteWarc("The file does not hold the novel's own page.")
    return Plan((*borrowed, *chapters, *images))


def _index(crawl: Sequence[Entry]) -> list[Entry]:
    """The pages of the crawl's chapter list; none where the novel's own page is not among them."""
    pages = [
        entry for entry in crawl if entry.note.kind is PageKind.INDEX and entry.note.problem is None
    ]
    return pages if any(not entry.note.position for entry in pages) else []


def _age(index: Sequence[Entry]) -> datetime:
    return min(entry.note.fetched_at for entry in index if not entry.note.position)


def _chapters(crawl: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Pages of chapters, those of one chapter together."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in crawl:
        if entry.note.kind is PageKind.CHAPTER:
            key = entry.note.chapters or (f"page {entry.note.requested_url}",)
            groups.setdefault(key, []).append(entry)
    yield from groups.values()


def _is_broken(group: Sequence[Entry]) -> bool:
    """Whether these pages were known to give no text when they were archived."""
    return any(entry.note.problem is not None for entry in group)


def _is_news(group: Sequence[Entry], held: Held) -> bool:
    """Whether no text of these pages is held that is as new: then none would be set back by them."""
    newest = max(entry.note.fetched_at for entry in group)
    chapters = group[0].note.chapters
    if not chapters:  # the page a job began with; which chapter it is, its text will tell
        return held.index_at is None or newest > held.index_at
    return all(chapter not in held.texts or held.texts[chapter] < newest for chapter in chapters)


def load_held(opened: Session, novel_id: int | None) -> Held:
    if novel_id is None:
        return Held()
    held = Held()
    is_index = (
        (PageRow.novel_id == novel_id)
        & (PageRow.kind == PageKind.INDEX)
        & PageRow.problem.is_(None)
    )
    newest = opened.execute(
        select(PageRow.id, PageRow.job_id, PageRow.fetched_at)
        .where(is_index, PageRow.position == 0)
        .order_by(PageRow.fetched_at.desc(), PageRow.id.desc())
        .limit(1)
    ).first()
    if newest is not None:
        held.index_at = newest.fetched_at
        same = PageRow.id == newest.id if newest.job_id is None else PageRow.job_id == newest.job_id
        held.index = list(
            opened.scalars(select(PageRow.id).where(is_index, same).order_by(PageRow.position))
        )
    rows = opened.execute(
        select(ChapterRow.source_chapter_id, func.max(PageRow.fetched_at))
        .join(TextPageRow, TextPageRow.text_id == ChapterRow.text_id)
        .join(PageRow, PageRow.id == TextPageRow.page_id)
        .where(ChapterRow.novel_id == novel_id)
        .group_by(ChapterRow.source_chapter_id)
    )
    held.texts = {row[0]: row[1] for row in rows}
    images = select(PageRow.requested_url).where(
        PageRow.novel_id == novel_id, PageRow.kind == PageKind.IMAGE
    )
    held.images = set(opened.scalars(images))
    return held
