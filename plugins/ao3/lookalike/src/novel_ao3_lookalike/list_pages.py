"""The chapter index of a work, and the list of a series."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from novel_ao3_lookalike import chapter_part, frame, meta_block
from novel_ao3_lookalike.library import LookalikeSeries, LookalikeWork, State


def navigate(work: LookalikeWork) -> str:
    rows = "\n".join(
        f'  <li><a href="/works/{work.id}/chapters/{chapter.id}">'
        f"{escape(chapter_part.listed_title(chapter))}</a> "
        f'<span class="datetime">({chapter.day.isoformat()})</span></li>'
        for chapter in work.chapters
    )
    main = f"""<h2 class="heading">Chapter Index for <a href="/works/{work.id}">{escape(work.title)}</a> by {frame.byline(work.creators)}</h2>
<ol class="chapter index group" role="navigation">
{rows}
</ol>"""
    return frame.page("Navigate Work | Archive of Our Own", "works-navigate region", main)


def series(one: LookalikeSeries, works: Sequence[LookalikeWork], number: int) -> str:
    """The page `number` of a series' list; `works` are all that are listed."""
    start = (number - 1) * one.per_page
    shown = works[start : start + one.per_page]
    blurbs = "\n".join(map(blurb, shown))
    is_anonymous = any(not work.creators for work in works)
    creators = "Anonymous" if is_anonymous else frame.byline(one.creators)
    main = f"""<h2 class="heading">
    {escape(one.title)}
  </h2>
<div class="wrapper"><dl class="series meta group">{_facts(one, works, creators)}</dl></div>
{_paging(one, len(works), number)}
<ul class="series work index group">
{blurbs}
</ul>
{_paging(one, len(works), number)}"""
    title = f"{escape(one.title)} | Archive of Our Own"
    return frame.page(title, "series-show region", main)


def _facts(one: LookalikeSeries, works: Sequence[LookalikeWork], creators: str) -> str:
    days = [chapter.day for work in works for chapter in work.chapters]
    rows = [
        ("Creators" if len(one.creators) > 1 else "Creator", creators),
        ("Series Begun", min(days).isoformat()),
        ("Series Updated", max(days).isoformat()),
    ]
    rows += [
        (name, f'<blockquote class="userstuff">{text}</blockquote>')
        for name, text in (("Description", one.description), ("Notes", one.notes))
        if text
    ]
    facts = "".join(f"<dt>{name}:</dt><dd>{value}</dd>" for name, value in rows)
    words = f"{sum(work.words for work in works):,}"
    return (
        f'{facts}<dt class="stats">Stats:</dt><dd class="stats"><dl class="stats">'
        f'<dt class="words">Words:</dt><dd class="words">{words}</dd>'
        f'<dt class="works">Works:</dt><dd class="works">{len(works)}</dd>'
        f"<dt>Complete:</dt><dd>{'Yes' if one.is_complete else 'No'}</dd></dl></dd>"
    )


def _paging(one: LookalikeSeries, total: int, number: int) -> str:
    last = max(1, -(-total // one.per_page))
    if last == 1:
        return ""
    base = f"/series/{one.id}?page="
    before = (
        f'<a rel="prev" href="{base}{number - 1}">&#8592; Previous</a>'
        if number > 1
        else '<span class="disabled">&#8592; Previous</span>'
    )
    after = (
        f'<a rel="next" href="{base}{number + 1}">Next &#8594;</a>'
        if number < last
        else '<span class="disabled">Next &#8594;</span>'
    )
    return (
        '<ol class="pagination actions" role="navigation" title="pagination">'
        f'<li class="previous">{before}</li><li><span class="current">{number}</span></li>'
        f'<li class="next">{after}</li></ol>'
    )


def blurb(work: LookalikeWork) -> str:
    if work.state is State.UNREVEALED:
        return (
            f'<li id="work_{work.id}" class="mystery work blurb group" role="article"><div class="mystery header picture module">'
            '<h4 class="heading">Mystery Work</h4></div></li>'
        )
    fandoms = "".join(frame.tag_link(tag) for tag in work.tags.get("fandom", ()))
    last = work.chapters[-1]
    day = max(chapter.day for chapter in work.chapters)
    posted, _, planned = meta_block.chapters_of(work).partition("/")
    return f"""<li id="work_{work.id}" class="work blurb group work-{work.id} user-1" role="article">
<!-- updated_at={work.updated_at} -->
<div class="header module">
<h4 class="heading"><a href="/works/{work.id}">{escape(work.title)}</a> by {frame.byline(work.creators)}</h4>
<h5 class="fandoms heading"><span class="landmark">Fandoms:</span> {fandoms}</h5>
<p class="datetime">{day.strftime("%d %b %Y")}</p>
</div>
<blockquote class="userstuff summary">{work.summary}</blockquote>
<dl class="stats"><dt class="language">Language:</dt><dd class="language" lang="{work.language[0]}">{work.language[1]}</dd>
<dt class="words">Words:</dt><dd class="words">{work.words:,}</dd>
<dt class="chapters">Chapters:</dt><dd class="chapters"><a href="/works/{work.id}/chapters/{last.id}">{posted}</a>/{planned}</dd>
<dt class="hits">Hits:</dt><dd class="hits">{work.hits:,}</dd></dl>
</li>"""
