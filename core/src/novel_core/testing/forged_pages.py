"""Unexpected pages at every address and of every kind that a source may be given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from novel_core.page import Page
from novel_core.recording import Recording
from novel_core.registry import LoadedSource
from novel_core.source import PageKind, UrlKind
from novel_core.testing.unexpected_pages import UnexpectedPage

#: A longer page is tried at one address of each kind only.
_LONG = 100_000


def forged_at(
    loaded: LoadedSource, recorded: Iterable[Recording], unexpected: UnexpectedPage
) -> Iterator[Page]:
    """The unexpected page in the place of each page that the source may request."""
    seen: set[tuple[object, ...]] = set()
    for place in _places(loaded, recorded):
        kind = (place.kind, bool(place.part), bool(place.position))
        key = kind if len(unexpected.body) > _LONG else (*kind, place.url)
        if key not in seen:
            seen.add(key)
            yield replace(
                place,
                body=unexpected.body,
                status=unexpected.status,
                headers=unexpected.headers,
            )


def _places(loaded: LoadedSource, recorded: Iterable[Recording]) -> Iterator[Page]:
    """Pages as requested: of the recordings, then each address as a page of every kind."""
    addresses: dict[str, tuple[str, ...]] = {}
    pages = [recording.page for recording in recorded]
    yield from pages
    # Of a novel first: a homepage is no page that is requested.
    samples = sorted(loaded.samples(), key=lambda sample: sample.kind is not UrlKind.NOVEL)
    for sample in samples:
        addresses[sample.canonical_url] = (sample.chapter_id,) if sample.chapter_id else ()
    for page in pages:
        addresses.setdefault(page.url, page.chapters)
    for url, chapters in (addresses or {loaded.info.homepage: ()}).items():
        index = Page(url, PageKind.INDEX, b"", requested_url=url)
        chapter = Page(url, PageKind.CHAPTER, b"", requested_url=url, chapters=chapters or ("1",))
        yield index
        yield replace(index, position=1)
        yield replace(index, position=-1)
        yield chapter
        yield replace(chapter, part=1)
