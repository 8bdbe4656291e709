"""The pages of a work: one chapter, all chapters, or a work without chapters."""

from __future__ import annotations

from html import escape

from novel_ao3_lookalike import chapter_part, frame, meta_block
from novel_ao3_lookalike.library import LookalikeChapter, LookalikeWork
from novel_ao3_lookalike.switches import SiteSwitches

_SELECTED = ' selected="selected"'


def one_shot(work: LookalikeWork, switches: SiteSwitches) -> str:
    [chapter] = work.chapters
    text = "\n".join(chapter.paragraphs)
    chapters = (
        '<div id="chapters" role="article"><h3 class="landmark heading" id="work">Work Text:</h3>'
        f'<div class="userstuff">{text}</div></div>'
    )
    return _page(
        "works-show", work, _workskin(work, chapters, "#work_endnotes", has_end=True), switches
    )


def full(work: LookalikeWork, switches: SiteSwitches) -> str:
    boxes = "\n".join(chapter_part.box(work, chapter) for chapter in work.chapters)
    chapters = f'<div id="chapters" role="article">{boxes}</div>'
    return _page(
        "works-show", work, _workskin(work, chapters, "#work_endnotes", has_end=True), switches
    )


def one_chapter(work: LookalikeWork, chapter: LookalikeChapter, switches: SiteSwitches) -> str:
    is_first, is_last = chapter is work.chapters[0], chapter is work.chapters[-1]
    chapters = f'<div id="chapters">{chapter_part.box(work, chapter)}</div>'
    end = f"/chapters/{work.chapters[-1].id}#work_endnotes"
    skin = _workskin(work, chapters, end, has_start=is_first, has_end=is_last)
    return _page("chapters-show", work, skin, switches, chapter)


def _page(
    view: str,
    work: LookalikeWork,
    workskin: str,
    switches: SiteSwitches,
    chapter: LookalikeChapter | None = None,
) -> str:
    style = f'<style type="text/css">{work.skin}</style>\n' if work.skin else ""
    skin = f"{style}{workskin}"
    if not switches.has_workskin:
        skin = skin.replace('<div id="workskin">', "<div>")
    if switches.wraps_skin and not switches.is_older:
        skin = f'<div id="work-skin" class="wrapper">\n{skin}\n</div>'
    fandoms = work.tags.get("fandom", [])
    is_multi = len(fandoms) > 2  # noqa: PLR2004 - the site's rule
    fandom = "Multifandom" if is_multi else ", ".join(fandoms)
    part = f" - Chapter {chapter.position}" if chapter else ""
    names = ", ".join(creator.name for creator in work.creators) or "Anonymous"
    title = f"{work.title}{part} - {names} - {fandom} [Archive of Our Own]"
    shown = f"""{_navigation(work, chapter)}
<h3 class="landmark heading">Work Header</h3>
<div class="wrapper">{meta_block.block(work)}</div>
{skin}"""
    if not switches.is_older:
        shown = f'<div class="work">\n{shown}\n</div>'
    main = f"""{shown}
<div id="feedback" class="feedback"><h3 class="landmark heading">Actions</h3><ul class="actions" role="navigation"></ul></div>"""
    return frame.page(escape(title), f"{view} region", main, has_jsd=switches.has_jsd)


def _navigation(work: LookalikeWork, chapter: LookalikeChapter | None) -> str:
    lines: list[str] = []
    base = f"/works/{work.id}"
    if len(work.chapters) > 1 and chapter is None:
        lines.append(
            f'<li class="chapter bychapter"><a href="{base}/chapters/{work.chapters[0].id}">Chapter by Chapter</a></li>'
        )
    if len(work.chapters) > 1 and chapter is not None:
        place = work.chapters.index(chapter)
        lines.append(
            f'<li class="chapter entire"><a href="{base}?view_full_work=true">Entire Work</a></li>'
        )
        if place > 0:
            before = work.chapters[place - 1].id
            lines.append(
                f'<li class="chapter previous"><a href="{base}/chapters/{before}#workskin">&#8592; Previous Chapter</a></li>'
            )
        if place + 1 < len(work.chapters):
            after = work.chapters[place + 1].id
            lines.append(
                f'<li class="chapter next"><a href="{base}/chapters/{after}#workskin">Next Chapter &#8594;</a></li>'
            )
        lines.append(_drop_down(work, chapter))
    if work.skin:
        lines.append(
            f'<li class="style"><a href="{base}?style=disable">Hide Creator&#39;s Style</a></li>'
        )
    lines.append(
        '<li class="download"><button class="hidden">Download</button><ul class="expandable secondary"><li>'
        f'<a href="/downloads/{work.id}/work.epub?updated_at={work.updated_at}">EPUB</a></li></ul></li>'
    )
    return f'<ul class="work navigation actions">{"".join(lines)}</ul>'


def _drop_down(work: LookalikeWork, current: LookalikeChapter) -> str:
    options = "".join(
        f'<option{_SELECTED if chapter is current else ""} value="{chapter.id}">'
        f"{escape(_cut(chapter_part.listed_title(chapter)))}</option>"
        for chapter in work.chapters
    )
    return (
        f'<li class="chapter"><noscript><a href="/works/{work.id}/navigate">Chapter Index</a></noscript>'
        '<ul id="chapter_index" class="expandable secondary hidden"><li><form>'
        f'<select name="selected_id" id="selected_id">{options}</select></form></li></ul></li>'
    )


def _cut(title: str) -> str:
    return title if len(title) <= 50 else f"{title[:51]}..."  # noqa: PLR2004 - the site's rule


def _workskin(
    work: LookalikeWork, chapters: str, end: str, *, has_start: bool = True, has_end: bool
) -> str:
    start = _summary(work) + _notes(work, end) if has_start else ""
    byline = work.byline or frame.byline(work.creators)
    return f"""<div id="workskin">
<div class="preface group">
<h2 class="title heading">
      {escape(work.title)}
    </h2>
<h3 class="byline heading">
      {byline}
    </h3>
{start}</div>
{chapters}
{_afterword(work) if has_end else ""}</div>"""


def _summary(work: LookalikeWork) -> str:
    if not work.summary:
        return ""
    return (
        '<div class="summary module"><h3 class="heading">Summary:</h3>'
        f'<blockquote class="userstuff">{work.summary}</blockquote></div>\n'
    )


def _notes(work: LookalikeWork, end: str) -> str:
    if not (work.note or work.end_note or work.associations or work.inspired):
        return ""
    lines = "".join(f"<li>{line}</li>" for line in work.associations)
    links = f'<ul class="associations">{lines}</ul>' if lines else ""
    note = f'<blockquote class="userstuff">{work.note}</blockquote>' if work.note else ""
    more = "more notes" if work.note else "notes"
    jump = (
        f'<p class="jump">(See the end of the work for <a href="{end}">{more}</a>.)</p>'
        if work.end_note
        else ""
    )
    return f'<div class="notes module"><h3 class="heading">Notes:</h3>{links}{note}{jump}</div>\n'


def _afterword(work: LookalikeWork) -> str:
    notes = (
        '<div id="work_endnotes" class="end notes module"><h3 class="heading">Notes:</h3>'
        f'<blockquote class="userstuff">{work.end_note}</blockquote></div>'
        if work.end_note
        else ""
    )
    lines = "".join(f"<li>{line}</li>" for line in work.inspired)
    children = (
        '<div id="children" class="children module"><h3 class="heading">Works inspired by this one:</h3>'
        f"<ul>{lines}</ul></div>"
        if lines
        else ""
    )
    return f'<div class="afterword preface group">{notes}{children}</div>\n'
