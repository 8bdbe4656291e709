"""The part of a page with one chapter: its preface, its text, its end notes."""

from __future__ import annotations

from html import escape

from novel_ao3_lookalike import frame
from novel_ao3_lookalike.library import LookalikeChapter, LookalikeWork


def listed_title(chapter: LookalikeChapter) -> str:
    """As the index and the drop-down write it: the number, then the title or the number again."""
    number = chapter.position
    return f"{number}. {chapter.title or f'Chapter {number}'}"


def box(work: LookalikeWork, chapter: LookalikeChapter) -> str:
    number = chapter.position
    title = f": {escape(chapter.title)}" if chapter.title else ""
    byline = (
        f'<h4 class="heading byline">Chapter by {frame.byline(chapter.creators)}</h4>'
        if chapter.creators
        else ""
    )
    text = "\n".join(chapter.paragraphs)
    return f"""<div class="chapter" id="chapter-{number}">
<div class="chapter preface group">
<h3 class="title">
      <a href="/works/{work.id}/chapters/{chapter.id}">Chapter {number}</a>{title}
    </h3>
{byline}{_summary(chapter)}{_notes(chapter, number)}</div>
<div class="userstuff module" role="article">
<h3 class="landmark heading" id="work">Chapter Text</h3>
{text}
</div>
{_end(chapter, number)}</div>"""


def _summary(chapter: LookalikeChapter) -> str:
    if not chapter.summary:
        return ""
    return (
        '<div id="summary" class="summary module"><h3 class="heading">Summary:</h3>'
        f'<blockquote class="userstuff">{chapter.summary}</blockquote></div>'
    )


def _notes(chapter: LookalikeChapter, number: int) -> str:
    if not (chapter.note or chapter.end_note):
        return ""
    note = f'<blockquote class="userstuff">{chapter.note}</blockquote>' if chapter.note else ""
    more = (
        f'<p>(See the end of the chapter for  <a href="#chapter_{number}_endnotes">'
        f"{'more ' if chapter.note else ''}notes</a>.)</p>"
        if chapter.end_note
        else ""
    )
    return f'<div id="notes" class="notes module"><h3 class="heading">Notes:</h3>{note}{more}</div>'


def _end(chapter: LookalikeChapter, number: int) -> str:
    if not chapter.end_note:
        return ""
    return (
        f'<div class="chapter preface group"><div class="end notes module" id="chapter_{number}_endnotes">'
        f'<h3 class="heading">Notes:</h3><blockquote class="userstuff">{chapter.end_note}</blockquote></div></div>'
    )
