"""A chapter's page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from novel_core.errors import LoginRequired, PageChanged
from novel_core.items import Chapter
from novel_core.lxml_document import Element, elements, parse_tree, strings, text_of, with_class
from novel_core.page import Page
from novel_royalroad.hidden import Removal, hidden_classes, remove_hidden
from novel_royalroad.identity import canonical_url, chapter_id_of
from novel_royalroad.layouts import LEGACY_CHAPTER, REDESIGN_CHAPTER, layout_of
from novel_royalroad.markup import image_urls, is_blank, tidy, title_of
from novel_royalroad.urls import read_address, short_chapter_url
from novel_royalroad.values import moment_of

_CONTENT = ".chapter-content"
_LOCKED = re.compile(
    r"\b(?:log ?in to|sign ?in to|subscri\w+|premium|early access|(?:un)?lock(?:ed)?|purchase)\b",
    re.IGNORECASE,
)
_LONGEST_NOTICE = 2000
_LOCKED_SCRIPT = re.compile(rb"\"?\bisUnlocked\"?\s*[:=]\s*false\b")

# The redesign's containers need not be divs.
_BLOCK = "(self::div or self::article or self::section or self::main)"
_REGIONS = elements(
    f"//*[{_BLOCK}][{with_class('chapter-content')} or {with_class('author-note')}]"
)
_STYLES = strings("//style/text()")
_BOX = elements(f"//*[{_BLOCK}][{with_class('chapter')}]")


@dataclass(frozen=True, slots=True)
class Regions:
    """The parts of the page that an author wrote, without what nobody sees."""

    tree: Element
    content: Element
    notes_before: list[Element]
    notes_after: list[Element]
    removal: Removal

    def images(self, base: str) -> list[str]:
        """In reading order, each once."""
        regions = (*self.notes_before, self.content, *self.notes_after)
        return list(dict.fromkeys(url for region in regions for url in image_urls(region, base)))


def read_regions(body: bytes, url: str) -> Regions:
    tree = parse_tree(body, url)
    found = _REGIONS(tree)
    contents = [region for region in found if "chapter-content" in region.get("class", "").split()]
    if not contents:
        raise _no_content(tree, body, url)
    content = contents[0]
    at = found.index(content)
    notes_after = [
        region
        for region in found[at + 1 :]
        if region not in contents and not _is_inside(region, content)
    ]
    regions = Regions(tree, content, found[:at], notes_after, Removal())
    classes = hidden_classes(_STYLES(tree))
    for region in (content, *regions.notes_before, *regions.notes_after):
        removal = remove_hidden(region, classes)
        regions.removal.count += removal.count
        regions.removal.spared |= removal.spared
    return regions


def _is_inside(region: Element, content: Element) -> bool:
    return any(ancestor is content for ancestor in region.iterancestors())


def _no_content(tree: Element, body: bytes, url: str) -> LoginRequired | PageChanged:
    words = " ".join(map(text_of, _BOX(tree)[:1]))
    # A long text is prose under another name, and people in stories lock doors.
    says_locked = len(words) <= _LONGEST_NOTICE and _LOCKED.search(words)
    if says_locked or _LOCKED_SCRIPT.search(body):
        return LoginRequired("The chapter is locked: early access, or for subscribers.", url=url)
    return PageChanged("The page has no chapter text", url=url, selector=_CONTENT)


def read_chapter(page: Page, body: bytes) -> tuple[Chapter, list[str], list[str]]:
    """The chapter, the addresses of its images, and what is odd about the page."""
    regions = read_regions(body, page.url)
    layout = layout_of(
        regions.tree,
        (LEGACY_CHAPTER, REDESIGN_CHAPTER),
        page.url,
        f"{LEGACY_CHAPTER.title_name}, {REDESIGN_CHAPTER.title_name}",
    )
    titles = layout.title(regions.tree)
    title = title_of(titles[0]) if titles else ""
    if not title:
        raise PageChanged("The chapter has no title", url=page.url, selector=layout.title_name)
    if is_blank(regions.content):
        raise PageChanged("The chapter's text is empty", url=page.url, selector=_CONTENT)
    images = regions.images(page.url)
    chapter_id = _chapter_id(page, body)
    chapter = Chapter(
        source_id=chapter_id,
        title=title,
        url=canonical_url(body) or short_chapter_url(chapter_id),
        content_html=tidy(regions.content),
        note_before_html=_joined(regions.notes_before),
        note_after_html=_joined(regions.notes_after),
        published_at=_time(layout.published(regions.tree)),
        edited_at=_time(layout.edited(regions.tree)),
    )
    return chapter, images, _warnings(regions.removal)


def _chapter_id(page: Page, body: bytes) -> str:
    address = read_address(page.url)
    chapter_id = chapter_id_of(body) or (address.chapter_id if address else None)
    if chapter_id is None:
        raise PageChanged(
            "The page does not tell which chapter it is",
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


def _time(found: list[Element]) -> datetime | None:
    return moment_of(found[0]) if found else None


def _warnings(removal: Removal) -> list[str]:
    warnings = []
    if removal.count != 1:
        warnings.append(f"The page has {removal.count} hidden sentences instead of one.")
    warnings += [
        f"A rule hides the class {name!r}, which is not of the hidden sentence's kind: its text is kept."
        for name in sorted(removal.spared)
    ]
    return warnings
