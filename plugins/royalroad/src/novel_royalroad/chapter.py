"""The chapter on a chapter's page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from novel_core import (
    Chapter,
    Document,
    Element,
    Locked,
    Page,
    PageChanged,
    ancestors,
    parse_html,
    text_of,
)
from novel_royalroad.hidden import Removal, remove_hidden
from novel_royalroad.layouts import LEGACY_CHAPTER, REDESIGN_CHAPTER, layout_of
from novel_royalroad.markup import is_blank, tidy, title_of
from novel_royalroad.page_ids import canonical_url, chapter_id_of
from novel_royalroad.urls import read_address, short_chapter_url
from novel_royalroad.values import moment_of

_CONTENT = ".chapter-content"
_LOCKED = re.compile(
    r"\b(?:log ?in to|sign ?in to|subscri\w+|premium|early access|(?:un)?lock(?:ed)?|purchase)\b",
    re.IGNORECASE,
)
_LONGEST_NOTICE = 2000
_LOCKED_SCRIPT = re.compile(rb"\"?\bisUnlocked\"?\s*[:=]\s*false\b")

# The containers of the redesign may be other elements than div.
_BLOCK = ":is(div, article, section, main)"
_REGIONS = f"{_BLOCK}:is(.chapter-content, .author-note)"
_BOX = f"{_BLOCK}.chapter"


@dataclass(frozen=True, slots=True)
class Regions:
    """The parts of the page that the author wrote, without hidden elements."""

    document: Document
    content: Element
    notes_before: list[Element]
    notes_after: list[Element]
    removal: Removal


def read_regions(body: bytes, url: str) -> Regions:
    document = parse_html(body.decode("utf-8", "replace"), url)
    found = document.css(_REGIONS)
    places = [place for place, region in enumerate(found) if _is_content(region)]
    if not places:
        raise _no_content(document, body, url)
    content = found[places[0]]
    notes_after = [
        region
        for region in found[places[0] + 1 :]
        if not _is_content(region) and not _is_inside(region, content)
    ]
    notes_before = list(found[: places[0]])
    removal = remove_hidden(document, (content, *notes_before, *notes_after))
    return Regions(document, content, notes_before, notes_after, removal)


def _is_content(region: Element) -> bool:
    return "chapter-content" in (region.attributes.get("class") or "").split()


def _is_inside(region: Element, content: Element) -> bool:
    return any(ancestor.mem_id == content.mem_id for ancestor in ancestors(region))


def _no_content(document: Document, body: bytes, url: str) -> Locked | PageChanged:
    words = " ".join(map(text_of, document.css(_BOX)[:1]))
    # A long text is prose under another class, and may have such words too.
    is_notice = len(words) <= _LONGEST_NOTICE and _LOCKED.search(words)
    if is_notice or _LOCKED_SCRIPT.search(body):
        return Locked("The chapter is locked: early access, or for subscribers.", url=url)
    return PageChanged("The page has no chapter text", url=url, selector=_CONTENT)


def read_chapter(page: Page, body: bytes) -> tuple[Chapter, list[str]]:
    """The chapter, and warnings about the page."""
    regions = read_regions(body, page.url)
    layout = layout_of(
        regions.document,
        (LEGACY_CHAPTER, REDESIGN_CHAPTER),
        page.url,
        f"{LEGACY_CHAPTER.title_name}, {REDESIGN_CHAPTER.title_name}",
    )
    heading = regions.document.css_first(layout.title)
    title = title_of(heading) if heading is not None else ""
    if not title:
        raise PageChanged("The chapter has no title", url=page.url, selector=layout.title_name)
    if is_blank(regions.content):
        raise PageChanged("The chapter's text is empty", url=page.url, selector=_CONTENT)
    chapter_id = _chapter_id(page, body)
    chapter = Chapter(
        source_id=chapter_id,
        title=title,
        url=canonical_url(body) or short_chapter_url(chapter_id),
        content_html=tidy(regions.content),
        note_before_html=_joined(regions.notes_before),
        note_after_html=_joined(regions.notes_after),
        base_url=regions.document.declared_base,
        published_at=_time(regions.document, layout.published),
        edited_at=_time(regions.document, layout.edited),
    )
    return chapter, _warnings(regions.removal)


def _chapter_id(page: Page, body: bytes) -> str:
    address = read_address(page.url)
    chapter_id = chapter_id_of(body) or (address.chapter_id if address else None)
    if chapter_id is None:
        raise PageChanged(
            "The page has no chapter id",
            url=page.url,
            selector="link[rel=canonical]",
        )
    if page.chapters and chapter_id not in page.chapters:
        raise PageChanged(
            f"The page is chapter {chapter_id}, not {', '.join(page.chapters)}", url=page.url
        )
    return chapter_id


def _joined(notes: list[Element]) -> str:
    return "\n".join(filter(None, (tidy(note) for note in notes if not is_blank(note))))


def _time(document: Document, selector: str | None) -> datetime | None:
    found = document.css_first(selector) if selector else None
    return moment_of(found) if found is not None else None


def _warnings(removal: Removal) -> list[str]:
    warnings = []
    if removal.count != 1:
        warnings.append(f"The page has {removal.count} hidden sentences instead of one.")
    warnings += [
        f"A style rule hides the class {name!r}, which is not a class of hidden sentences."
        for name in sorted(removal.kept_classes)
    ]
    return warnings
