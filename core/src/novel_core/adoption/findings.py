"""What is wrong with a novel that a proof has read, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from novel_core.adoption.proof import Reading
from novel_core.adoption.report import Finding, Level
from novel_core.items import Access, ChapterRef
from novel_core.plurals import several

#: A chapter of fewer words is tiny.
TINY = 50
#: Entries of a list in one sentence.
_SHOWN = 5
#: Chapters that are numbered, of all, before a missing number says anything.
_NUMBERED = 0.6
_NUMBER = re.compile(
    r"\b(?:chapter|chap|ch|episode|ep|part|kapitel|chapitre|cap)\.? {0,3}(\d{1,5})\b"
)
_LEADING = re.compile(r"(\d{1,5})(?!\d)")
_TOLERANCE = timedelta(days=1)


def findings_of(reading: Reading, hosts: Sequence[str]) -> Iterator[Finding]:
    """The findings about the list, then those about the chapters that were read."""
    if not reading.refs and not reading.walked:
        yield _refusal("list", "No chapter was found in the chapter list.")
        return
    yield from _of_count(reading)
    yield from _of_numbers(reading.refs)
    yield from _of_duplicates(reading.refs)
    yield from _of_hosts(reading.refs, hosts)
    yield from _of_dates(reading.refs)
    yield from _of_texts(reading)
    for warning in dict.fromkeys(reading.warnings):
        yield _warning("page", warning)


def stated_chapters(reading: Reading) -> int | None:
    """The number of chapters that the site states, over all of its lists."""
    numbers = [one.chapters for one in reading.stated if one.chapters is not None]
    return sum(numbers) if numbers else None


def _of_count(reading: Reading) -> Iterator[Finding]:
    found, stated = len({ref.source_id for ref in reading.refs}), stated_chapters(reading)
    if reading.walked:
        yield _note(
            "count",
            "The chapters are found one after the other, so nobody knows yet how many there are.",
        )
        return
    if reading.unread:
        pages = several(len(reading.unread), "page")
        of = f" of {stated:,} stated" if stated is not None else ""
        yield _note(
            "count", f"The list was read in part: {found:,} chapters{of}; {pages} or more are left."
        )
        return
    if reading.is_partial:
        yield _warning(
            "count", "The list has the newest chapters only, so older ones may be missing."
        )
    if stated is None:
        yield _note("count", "The site states no number of chapters to compare with.")
    elif stated > found:
        yield _warning(
            "count",
            f"The site states {stated:,} chapters and its list has {found:,}:"
            f" {stated - found:,} are missing.",
        )
    elif stated < found:
        yield _warning(
            "count", f"The list has {found:,} chapters, more than the {stated:,} that are stated."
        )


def _of_numbers(refs: Sequence[ChapterRef]) -> Iterator[Finding]:
    numbers = [number for ref in refs if (number := chapter_number(ref.title)) is not None]
    distinct = set(numbers)
    if (
        not numbers
        or len(numbers) < _NUMBERED * len(refs)
        or len(distinct) < len(numbers) * _NUMBERED
    ):
        return
    low, high = min(distinct), max(distinct)
    if high - low > 2 * len(refs) + 10:
        return
    missing = [number for number in range(low, high) if number not in distinct]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        yield _warning("gaps", f"In the numbering {_listed(map(str, missing))} {verb} missing.")


def chapter_number(title: str) -> int | None:
    """The chapter's number in its title.

    >>> chapter_number("Chapter 12: The 3 Kings"), chapter_number("7. Home"), chapter_number("Home")
    (12, 7, None)
    """
    start = title[:80].lower()
    found = _NUMBER.search(start) or _LEADING.match(start)
    return int(found[1]) if found else None


def _of_duplicates(refs: Sequence[ChapterRef]) -> Iterator[Finding]:
    for what, values in (
        ("chapter ids", Counter(ref.source_id for ref in refs)),
        ("addresses", Counter(ref.url for ref in refs)),
        ("titles", Counter(ref.title for ref in refs)),
    ):
        twice = [value for value, times in values.items() if times > 1]
        if twice:
            level = _note if what == "titles" else _warning
            yield level("duplicates", f"Several chapters have the same {what}: {_listed(twice)}.")


def _of_hosts(refs: Sequence[ChapterRef], hosts: Sequence[str]) -> Iterator[Finding]:
    others = {urlsplit(ref.url).hostname or "" for ref in refs} - set(hosts)
    if others:
        yield _warning(
            "hosts",
            f"Chapters are at other hosts, which are not requested: {_listed(sorted(others))}.",
        )


def _of_dates(refs: Sequence[ChapterRef]) -> Iterator[Finding]:
    dates = [ref.published_at for ref in refs if ref.published_at is not None]
    if not dates:
        if refs:
            yield _note("dates", "The list has no dates.")
        return
    if len(dates) < len(refs):
        yield _note("dates", f"{len(refs) - len(dates):,} of {len(refs):,} chapters have no date.")
    future = sum(date > datetime.now(UTC) + _TOLERANCE for date in dates)
    if future:
        yield _warning("dates", f"{several(future, 'date')} in the list lie in the future.")
    backwards = sum(later < earlier for earlier, later in pairwise(dates))
    if backwards > len(dates) / 2:
        yield _warning("dates", "Most dates of the list go backwards: it may be in reverse order.")
    elif backwards:
        yield _note("dates", f"{several(backwards, 'date')} in the list go backwards.")


def _of_texts(reading: Reading) -> Iterator[Finding]:
    locked = sum(ref.access is Access.LOCKED for ref in reading.refs)
    if locked:
        yield _note("locked", f"{several(locked, 'chapter')} are locked, and are not read.")
    titles = {ref.source_id: ref.title for ref in reading.refs}
    words = [reading.texts[chapter][1] for chapter in reading.chosen if chapter in reading.texts]
    for chapter in reading.chosen:
        title = titles.get(chapter, chapter)
        if chapter in reading.texts:
            count = reading.texts[chapter][1]
            if count == 0:
                yield _warning("texts", f"“{title}” has no text.")
            elif count < TINY:
                yield _warning("texts", f"“{title}” has {several(count, 'word')} only.")
        elif chapter in reading.failed:
            problem = reading.failed[chapter].message
            yield _warning("texts", f"“{title}” could not be read: {problem}")
        else:
            yield _warning("texts", f"No text was found for “{title}”.")
    if reading.chosen and not any(words):
        problem = next((error.message for error in reading.failed.values()), "")
        why = f" {problem}" if problem else ""
        yield _refusal("texts", f"None of the chapters that were requested has a text.{why}")
    elif not reading.chosen:
        yield _refusal("texts", "No chapter can be read: all of them are locked.")
    elif _are_equal(reading):
        yield _refusal("texts", "All chapters that were read have the same text.")


def _are_equal(reading: Reading) -> bool:
    texts = [reading.texts[one][0].content_html for one in reading.chosen if one in reading.texts]
    return len(texts) > 1 and len(set(texts)) == 1


def _listed(values: object) -> str:
    """The first few values, and how many more there are."""
    shown = list(values)  # type: ignore[call-overload]
    more = f" and {len(shown) - _SHOWN:,} more" if len(shown) > _SHOWN else ""
    return f"{', '.join(shown[:_SHOWN])}{more}"


def _note(about: str, text: str) -> Finding:
    return Finding(about=about, level=Level.NOTE, text=text)


def _warning(about: str, text: str) -> Finding:
    return Finding(about=about, level=Level.WARNING, text=text)


def _refusal(about: str, text: str) -> Finding:
    return Finding(about=about, level=Level.REFUSAL, text=text)
