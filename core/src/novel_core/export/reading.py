"""Reading a book from the library: its plan, and the texts of its chapters a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.novels import NovelRow, StatisticsRow, VolumeRow
from novel_core.errors import NothingToExport, UnknownNovel
from novel_core.export.book import Book, Entry, Volume
from novel_core.export.language import language_tag
from novel_core.export.selection import Selection, find_volume
from novel_core.export.tree import legal
from novel_core.library.chapters import state_of
from novel_core.library.novels import describe_novel
from novel_core.registry import Registry

#: Texts in memory at once.
BATCH = 20


@dataclass(frozen=True, slots=True)
class Text:
    """The sanitised HTML of a chapter."""

    content_html: str
    note_before_html: str
    note_after_html: str


def read_book(session: Session, registry: Registry, novel_id: int, selection: Selection) -> Book:
    """The plan of a book. Raises NothingToExport, with the reason, if it would hold no text."""
    row = session.get(NovelRow, novel_id)
    if row is None:
        raise UnknownNovel(f"There is no novel {novel_id} in the library.")
    details = describe_novel(session, novel_id)
    entries = _entries(session, novel_id)
    volumes = _volumes(session, novel_id, entries)
    volume = None
    if selection.volume is not None:
        volume = volumes[find_volume(selection.volume, [one.title for one in volumes])]
    chosen = tuple(
        entry
        for entry in entries
        if selection.holds(entry.number) and (volume is None or entry.volume_id == volume.id)
    )
    source_title, source_language = _source_card(registry, row.source)
    book = Book(
        source=row.source,
        source_title=source_title,
        source_id=row.source_novel_id,
        slug=row.slug,
        title=_line(row.title, "Untitled"),
        url=row.url,
        authors=_lines(details.summary.authors),
        description_html=row.description_html,
        cover_url=row.cover_url,
        language=language_tag(row.language, source_language),
        type=row.type,
        status=row.status,
        tags=_lines(tag["name"] for tag in details.tags),
        warnings=_lines(details.warnings),
        series=tuple(replace(one, name=_line(one.name, "Series")) for one in details.series),
        statistics=details.statistics,
        stated_chapters=details.stated_chapters,
        stated_words=details.stated_words,
        published_at=row.published_at,
        updated_at=_last_change(session, row),
        volumes=volumes,
        entries=chosen,
        selection=selection,
        volume=volume,
    )
    _require_text(book, entries)
    return book


def _last_change(session: Session, row: NovelRow) -> datetime:
    """The last change of the novel or of its statistics, which the title page shows."""
    observed_at = session.scalar(
        select(func.max(StatisticsRow.observed_at)).where(StatisticsRow.novel_id == row.id)
    )
    return max(row.updated_at, observed_at or row.updated_at)


def _entries(session: Session, novel_id: int) -> list[Entry]:
    rows = session.execute(
        select(ChapterRow, ChapterTextRow.word_count)
        .outerjoin(ChapterTextRow, ChapterTextRow.id == ChapterRow.text_id)
        .where(ChapterRow.novel_id == novel_id)
        .order_by(ChapterRow.number)
    )
    return [
        Entry(
            number=row.number,
            source_id=row.source_chapter_id,
            title=_line(row.title, f"Chapter {row.number}"),
            url=row.url,
            volume_id=row.volume_id,
            state=state_of(row),
            text_id=row.text_id,
            words=words or 0,
        )
        for row, words in rows
    ]


def _volumes(session: Session, novel_id: int, entries: Sequence[Entry]) -> tuple[Volume, ...]:
    """The volumes that have chapters, in reading order."""
    rows = session.scalars(
        select(VolumeRow).where(VolumeRow.novel_id == novel_id).order_by(VolumeRow.position)
    )
    held = {row.id: Volume(row.id, _line(row.title, "Volume"), row.cover_url) for row in rows}
    used = dict.fromkeys(entry.volume_id for entry in entries if entry.volume_id is not None)
    return tuple(held[volume_id] for volume_id in used if volume_id in held)


def _line(value: str, otherwise: str) -> str:
    """A title without control characters, which XML cannot hold."""
    return " ".join(legal(value).split()) or otherwise


def _lines(values: Iterable[str]) -> tuple[str, ...]:
    """The lines without duplicates."""
    lines = (_line(value, "") for value in values)
    return tuple(dict.fromkeys(line for line in lines if line))


def _source_card(registry: Registry, name: str) -> tuple[str, str | None]:
    """A source's title and language; its name if its plugin is not installed any more."""
    info = registry.info_of(name)
    return (info.title, info.language) if info else (name, None)


def _require_text(book: Book, entries: Sequence[Entry]) -> None:
    if not entries:
        raise NothingToExport(
            f"{book.title!r} has no chapters.", hint=f"Run `novel ingest {book.url}` again later."
        )
    if not book.entries:
        raise NothingToExport(
            f"{book.title!r} has nothing in {book.extent}.",
            hint=f"Its chapters are numbered {entries[0].number} to {entries[-1].number}.",
        )
    if not book.held:
        raise NothingToExport(
            f"No text is held of any chapter of {book.full_title!r}.",
            hint=f"Run `novel ingest {book.url}` to fetch what the site shows.",
        )


def read_texts(session: Session, entries: Sequence[Entry]) -> Iterator[Text]:
    """The text of each of `entries` (all have one); at most BATCH texts are in memory."""
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        rows = session.execute(
            select(
                ChapterTextRow.id,
                ChapterTextRow.content_html,
                ChapterTextRow.note_before_html,
                ChapterTextRow.note_after_html,
            ).where(ChapterTextRow.id.in_([entry.text_id for entry in batch]))
        )
        texts: dict[int | None, Text] = {row[0]: Text(*row[1:]) for row in rows}
        for entry in batch:
            yield texts.pop(entry.text_id)
