"""A book's own words, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from novel_core.export.book import Book, Entry
from novel_core.library.chapters import REASONS
from novel_core.plurals import several

NOTE = "Author's note"
REMOVED = "The author or the site has removed this chapter; this is the copy that was kept."


def reason(entry: Entry) -> str:
    """Why a chapter's text is not held."""
    return REASONS[entry.state]


def by_line(book: Book) -> str:
    return f"by {', '.join(book.authors)}" if book.authors else "by an unknown author"


def gap_title(entries: Sequence[Entry]) -> str:
    if len(entries) == 1:
        return f"Not in this book: {entries[0].title}"
    return f"Not in this book: {several(len(entries), 'chapter')}"


def facts(book: Book) -> Iterator[tuple[str, str]]:
    """The known facts, by name."""
    told = {
        "Source": book.source_title,
        "Type": book.type,
        "Series": ", ".join(series.words for series in book.series),
        "Status": book.status,
        "Tags": ", ".join(book.tags),
        "Warnings": ", ".join(book.warnings),
        "Published": _day(book.published_at),
        "This copy": _day(book.updated_at),
        "Chapters": _chapters(book),
        "Words": f"{sum(entry.words for entry in book.entries):,}",
        "Stated by the site": ", ".join(_stated(book)),
        "Scores": _scores(book),
        "Numbers": _numbers(book),
    }
    return ((name, value) for name, value in told.items() if value)


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d}"


def _chapters(book: Book) -> str:
    removed = sum(entry.is_removed for entry in book.held)
    counts = {
        "removed from the site": removed,
        "not in this book": len(book.lacking),
    }
    return ", ".join(
        [f"{len(book.held):,}", *(f"{count:,} {what}" for what, count in counts.items() if count)]
    )


def _stated(book: Book) -> Iterator[str]:
    """The site's own totals, to compare with what the book has."""
    if book.stated_chapters is not None:
        yield several(book.stated_chapters, "chapter")
    if book.stated_words is not None:
        yield several(book.stated_words, "word")


def _scores(book: Book) -> str:
    scores = book.statistics.get("scores") or {}
    return ", ".join(f"{_named(name)} {scores[name]:g}" for name in sorted(scores))


def _numbers(book: Book) -> str:
    numbers = {
        name: value
        for name, value in book.statistics.items()
        if isinstance(value, int) and name != "words"
    }
    other = book.statistics.get("other") or {}
    numbers |= {name: other[name] for name in sorted(other)}
    return ", ".join(f"{_named(name)} {value:,}" for name, value in numbers.items())


def _named(name: str) -> str:
    return name.replace("_", " ")
