"""The page of a chapter: its text and the notes around it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from novel_core import (
    Chapter,
    Element,
    Locked,
    NotFound,
    Page,
    PageChanged,
    Parsed,
    drop,
    fragment,
    inner_html,
    text_of,
)
from novel_wordpress.fictioneer.urls import FictioneerUrls

_CONTENT = "#chapter-content > .chapter-formatting"


def parse_chapter(page: Page, main: Element, urls: FictioneerUrls) -> Parsed:
    number = main.attributes.get("data-fictioneer-chapter-chapter-id-value") or ""
    story = main.attributes.get("data-fictioneer-chapter-story-id-value") or ""
    if not story.isdecimal() or not int(story):
        raise PageChanged("The chapter belongs to no story", url=page.url)
    if page.chapters and number not in page.chapters:
        raise NotFound(f"The site shows chapter {number} instead.", url=page.url)
    novel = urls.story(story)
    if not page.chapters:
        # A pasted address: only its story counts here, the list has its title and place.
        return Parsed(novel=novel)
    article = main.css_first("article.chapter__article")
    text = main.css_first(_CONTENT)
    if article is None or text is None:
        raise PageChanged("The chapter has no text", url=page.url, selector=_CONTENT)
    if is_locked(text) or "_password" in (article.attributes.get("class") or "").split():
        raise Locked("The chapter asks for a password.", url=page.url)
    title = main.css_first("h1.chapter__title")
    alternatives = main.css(f"{_CONTENT} .sensitive-alternative")
    notes_after = [*_notes(main, "#chapter-afterword"), *_alternatives(alternatives)]
    drop(alternatives)
    chapter = Chapter(
        source_id=number,
        title=text_of(title) if title is not None else number,
        url=page.url,
        content_html=with_footnotes(text),
        note_before_html="\n".join(_notes(main, *_notes_before(main, number))),
        note_after_html="\n".join(notes_after),
    )
    return Parsed(items=[chapter], novel=novel)


def is_locked(text: Element) -> bool:
    """Whether a form for a password is in the place of the text, beside an excerpt or not."""
    return text.css_first("form.post-password-form") is not None


def _notes_before(main: Element, number: str) -> Iterator[str]:
    """A story's own note is the same on every page: it is read with the first chapter only."""
    first = main.css_first("#chapter-index-list li[data-id]")
    if first is not None and first.attributes.get("data-id") == number:
        yield "#chapter-global-note"
    yield "#chapter-foreword"


def _notes(main: Element, *selectors: str) -> Iterator[str]:
    for selector in selectors:
        for note in main.css(selector)[:1]:
            yield inner_html(note)


def _alternatives(passages: list[Element]) -> Iterator[str]:
    if passages:
        yield "<h4>Instead of sensitive passages</h4>"
        yield from (f"<p>{inner_html(one)}</p>" for one in passages)


def with_footnotes(text: Element) -> str:
    """The text; notes that the site shows in a window only are put below it."""
    if text.css_first(".footnotes") is not None:
        return inner_html(text)
    notes = [
        f"<li>{escape(text_of(link))}: {_note(link)}</li>"
        for link in text.css("a.modal-tooltip[data-dialog-content]")
    ]
    below = f"<h3>Footnotes</h3><ol>{''.join(notes)}</ol>" if notes else ""
    return inner_html(text) + below


def _note(link: Element) -> str:
    content = fragment(link.attributes.get("data-dialog-content") or "")
    drop(content.css("sup.tooltip-counter"))
    return inner_html(content)
