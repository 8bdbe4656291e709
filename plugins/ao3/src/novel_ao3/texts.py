"""The texts on a page: of one chapter, of all chapters, or of a work without chapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from novel_ao3 import notes
from novel_ao3.follows import series_work_id
from novel_ao3.header import read_meta, summary_of, title_of
from novel_ao3.markup import address_of
from novel_ao3.urls import SiteUrls
from novel_ao3.views import SitePage
from novel_core import Chapter, Element, PageChanged, children, drop, inner_html, text_of

_TEXT = "div.userstuff"
_DOCUMENTS = (".pdf", ".epub")
_DOCUMENT_TYPES = {"application/pdf", "application/epub+zip"}


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter's part of a page. `title` is None for a work of one chapter, which has none."""

    work: str | None
    chapter_id: str | None
    title: str | None
    box: Element
    text: Element

    def read(self) -> str:
        return inner_html(self.text)

    @property
    def is_attachment(self) -> bool:
        """Whether the text is only a document, such as a PDF, shown in a frame."""
        shown = self.text.css("embed, iframe, object")
        if len(shown) != 1 or text_of(self.text) != text_of(shown[0]):
            return False
        values = shown[0].attributes
        address = (values.get("src") or values.get("data") or "").lower()
        path = address.partition("?")[0].partition("#")[0]
        return path.endswith(_DOCUMENTS) or (values.get("type") or "").lower() in _DOCUMENT_TYPES


def read_parts(site_page: SitePage) -> list[Part]:
    """The parts of a page. Only children count: authors may use these classes in a text."""
    url = site_page.page.url
    parts = []
    for box in children(site_page.workskin, "div#chapters"):
        parts += [Part(None, None, None, box, _headless(one)) for one in children(box, _TEXT)[:1]]
        for chapter in children(box, "div.chapter") if not parts else ():
            parts.append(_chapter_part(chapter, url, site_page.urls))
    if not parts:
        raise PageChanged("The work has no text", url=url, selector="#chapters .userstuff")
    return parts


def _chapter_part(chapter: Element, url: str, urls: SiteUrls) -> Part:
    heading = next(iter(children(chapter, "div.preface", "h3.title")), None)
    link = next(iter(children(heading, "a[href]")), None) if heading is not None else None
    text = next(iter(children(chapter, _TEXT)), None)
    address = address_of(link, urls)
    if link is None or heading is None or address is None or address.chapter is None:
        raise PageChanged("A chapter has no title", url=url, selector="h3.title > a")
    if text is None:
        raise PageChanged("A chapter has no text", url=url, selector=".chapter > .userstuff")
    name = text_of(link)
    title = text_of(heading).removeprefix(name).removeprefix(":").strip()
    return Part(address.work, address.chapter, title or name, chapter, _headless(text))


def _headless(text: Element) -> Element:
    """The author's text, without the site's heading for screen readers."""
    first = next(text.iter(), None)
    if first is not None and first.tag == "h3" and first.id == "work":
        drop([first])
    return text


def work_of(site_page: SitePage, parts: list[Part]) -> str:
    """The work's id, from its chapters or from the URL of a work without chapters."""
    address = site_page.urls.read(site_page.page.url)
    work = parts[0].work or (address.work if address else None)
    if work is None:
        raise PageChanged(
            "The page has no work id",
            url=site_page.page.url,
            selector="h3.title",
        )
    return work


def is_at_start(site_page: SitePage) -> bool:
    """Whether the page starts with the first chapter, and so has the work's summary and notes."""
    return site_page.main.css_first("ul.work.navigation > li.previous") is None


def read_chapters(site_page: SitePage, work: str, parts: list[Part]) -> Iterator[Chapter]:
    """The chapters: the first with the work's notes, a finished work's last with its end notes.

    The end notes of an unfinished work move with each new chapter, and would be saved twice.
    """
    is_complete = read_meta(site_page).is_complete
    for part in parts:
        before, after = notes.chapter_notes(part.box), notes.chapter_end_notes(part.box)
        # Only the page with a work's first chapter has any.
        if part is parts[0]:
            before = [*notes.work_notes(site_page.workskin), *before]
        if part is parts[-1] and is_complete:
            after = [*after, *notes.work_end_notes(site_page.workskin)]
        chapter_id = part.chapter_id or _only_id(site_page)
        yield Chapter(
            source_id=chapter_id,
            title=part.title or "Chapter 1",
            url=site_page.urls.chapter(work, chapter_id),
            content_html=part.read(),
            note_before_html=notes.joined(before),
            note_after_html=notes.joined(after),
            base_url=site_page.document.declared_base,
        )


def _only_id(site_page: SitePage) -> str:
    """The id of a work's only chapter, which is not on the page but in the index."""
    requested = site_page.page.chapters
    if len(requested) != 1:
        raise PageChanged(
            "The page has no chapter id", url=site_page.page.url, selector="h3.title > a"
        )
    return requested[0]


def read_as_one(site_page: SitePage, work: str, parts: list[Part]) -> Chapter:
    """A whole work as one chapter of a series."""
    pieces = [part.read() if part.title is None else _headed(part) for part in parts]
    before = [("Summary", summary_of(site_page)), *notes.work_notes(site_page.workskin)]
    return Chapter(
        source_id=series_work_id(work),
        title=title_of(site_page),
        url=site_page.urls.work(work),
        content_html="\n".join(pieces),
        note_before_html=notes.joined(before),
        note_after_html=notes.joined(notes.work_end_notes(site_page.workskin)),
        base_url=site_page.document.declared_base,
    )


def _headed(part: Part) -> str:
    before = notes.joined(notes.chapter_notes(part.box))
    after = notes.joined(notes.chapter_end_notes(part.box))
    quoted = [f"<blockquote>{note}</blockquote>" if note else "" for note in (before, after)]
    pieces = (f"<h2>{escape(part.title or '')}</h2>", quoted[0], part.read(), quoted[1])
    return "\n".join(filter(None, pieces))
