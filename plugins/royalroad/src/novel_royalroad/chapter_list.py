"""The chapter list of a fiction: from the page's script, else from its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from novel_core import Element, PageChanged, absolute, fragment
from novel_royalroad.index_page import IndexPage
from novel_royalroad.markup import title_of
from novel_royalroad.raw_html import Span, read_objects
from novel_royalroad.urls import ORIGIN, read_address, slugless_chapter_url
from novel_royalroad.values import identifier, moment, moment_of, words

_ROWS_AT_ONCE = 256 * 1024
_SELECTOR = "window.chapters, table#chapters"


class Entry(NamedTuple):
    """One chapter of the list. A locked one is listed, but not requested."""

    chapter_id: str
    title: str
    url: str
    volume_id: str | None
    published_at: datetime | None
    is_locked: bool


@dataclass(slots=True)
class ChapterList:
    entries: list[Entry]
    warnings: list[str] = field(default_factory=list)


def read_chapters(page: IndexPage) -> ChapterList:
    """The list in reading order, each chapter once."""
    if page.script is None and not page.has_container:
        raise PageChanged("The page has no chapter list", url=page.url, selector=_SELECTOR)
    warnings: list[str] = []
    entries = _read_script(page, warnings)
    if entries is None or len(entries) < page.row_count:
        is_missing = entries is None
        entries = _read_table(page, entries or [], warnings)
        _check_whole(page, entries, is_missing=is_missing)
    if page.declared and not entries:
        raise PageChanged(
            f"No chapter can be read, though the page states {page.declared}",
            url=page.url,
            selector=_SELECTOR,
        )
    undated = sum(entry.published_at is None for entry in entries)
    if undated:
        warnings.append(f"{undated} chapters have no date.")
    return ChapterList(_unique(entries, warnings), warnings)


def _check_whole(page: IndexPage, entries: list[Entry], *, is_missing: bool) -> None:
    """Raise PageChanged unless the page's own number of chapters confirms the table.

    A table may be the start of a longer one, which a script of the page completes; the chapters
    after its end would look removed. Locked chapters count: without the script, nothing shows
    whether the missing ones are locked.
    """
    listed = len({entry.chapter_id for entry in entries})
    script = "is missing or cannot be read" if is_missing else "is not complete either"
    if page.declared is None:
        raise PageChanged(
            f"It is unknown whether the chapter table with its {listed} chapters is complete:"
            f" it has no data-chapters, and window.chapters {script}",
            url=page.url,
            selector=f"{_SELECTOR}[data-chapters]",
        )
    if listed < page.declared:
        raise PageChanged(
            f"The chapter table has {listed} of the {page.declared} chapters that the page states,"
            f" and window.chapters {script}",
            url=page.url,
            selector=_SELECTOR,
        )


def _read_script(page: IndexPage, warnings: list[str]) -> list[Entry] | None:
    if page.script is None:
        warnings.append("The page has no window.chapters: its table is read instead.")
        return None
    try:
        numbered = [
            (_order(value, position), position, _entry(value, page.fiction_id, position))
            for position, value in enumerate(read_objects(page.body, page.script))
        ]
    except ValueError as error:
        warnings.append(f"window.chapters cannot be read ({error}): the table is read instead.")
        return None
    numbered.sort(key=lambda item: item[:2])
    return [item[2] for item in numbered]


def _order(value: dict[str, Any], position: int) -> int:
    order = value.get("order")
    return order if isinstance(order, int) else position


def _entry(value: dict[str, Any], fiction_id: str, position: int) -> Entry:
    chapter_id = identifier(value.get("id"))
    if chapter_id is None:
        raise ValueError(f"chapter {position + 1} has no id")
    return Entry(
        chapter_id=chapter_id,
        title=_titled(words(value.get("title")), position),
        url=chapter_url(fiction_id, chapter_id, words(value.get("url"))),
        volume_id=identifier(value.get("volumeId")),
        published_at=moment(value.get("date")),
        is_locked=value.get("isUnlocked") is False or value.get("visible") in (0, False),
    )


def chapter_url(fiction_id: str, chapter_id: str, link: str) -> str:
    """`link` made absolute if it is an address of that chapter, else one without slugs."""
    url = absolute(link, ORIGIN)
    address = read_address(url) if url else None
    if url and address and address.chapter_id == chapter_id:
        return url
    return slugless_chapter_url(fiction_id, chapter_id)


def _titled(title: str, position: int) -> str:
    return title or f"Chapter {position + 1}"


def _read_table(page: IndexPage, known: list[Entry], warnings: list[str]) -> list[Entry]:
    """The entries of the table; for a chapter in the script, the script's entry."""
    if page.rows is None:
        raise PageChanged("The chapter list cannot be read", url=page.url, selector=_SELECTOR)
    if known:
        warnings.append(
            f"window.chapters has {len(known)} of the table's {page.row_count} chapters:"
            " the table is read."
        )
    by_id = {entry.chapter_id: entry for entry in known}
    entries: list[Entry] = []
    for row in _rows(page, page.rows):
        entry = _row_entry(row, page.fiction_id, len(entries))
        if entry is None:
            warnings.append(f"Row {len(entries) + 1} of the chapter table links to no chapter.")
        else:
            entries.append(by_id.get(entry.chapter_id, entry))
    return entries


def _rows(page: IndexPage, rows: Span) -> Iterator[Element]:
    """The rows, parsed a few hundred at a time: a tree needs 10 times the memory of its text."""
    at = rows.start
    while at < rows.end:
        end = page.body.find(b"</tr>", at + _ROWS_AT_ONCE, rows.end)
        end = rows.end if end == -1 else end + len(b"</tr>")
        piece = page.body[at:end].decode("utf-8", "replace")
        yield from fragment(f"<table>{piece}</table>", page.url).css("tr[class*='chapter-row']")
        at = end


def _row_entry(row: Element, fiction_id: str, position: int) -> Entry | None:
    anchor = row.css_first("a[href]")
    attributes = row.attributes
    link = attributes.get("data-url") or (anchor.attributes["href"] if anchor is not None else None)
    url = absolute(link, ORIGIN)
    address = read_address(url) if url else None
    if url is None or address is None or address.chapter_id is None:
        return None
    time = row.css_first("time")
    return Entry(
        chapter_id=address.chapter_id,
        title=_titled(title_of(anchor) if anchor is not None else "", position),
        url=chapter_url(fiction_id, address.chapter_id, url),
        volume_id=identifier(attributes.get("data-volume-id")),
        published_at=moment_of(time) if time is not None else None,
        is_locked=False,
    )


def _unique(entries: Iterable[Entry], warnings: list[str]) -> list[Entry]:
    unique: dict[str, Entry] = {}
    repeated = [
        entry.chapter_id
        for entry in entries
        if unique.setdefault(entry.chapter_id, entry) is not entry
    ]
    if repeated:
        warnings.append(f"Chapters listed more than once: {', '.join(repeated[:10])}")
    return list(unique.values())
