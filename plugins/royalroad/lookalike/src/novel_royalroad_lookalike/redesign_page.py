"""Both pages in the redesign: only its known landmarks."""

from __future__ import annotations

from random import Random

from novel_royalroad_lookalike import anti_theft, book_data, chapter_lists
from novel_royalroad_lookalike.chapter_text import text_of
from novel_royalroad_lookalike.emails import protect
from novel_royalroad_lookalike.encoding import encode, iso_seconds
from novel_royalroad_lookalike.model import FictionModel, LookalikeChapter
from novel_royalroad_lookalike.places import place_of
from novel_royalroad_lookalike.prose import dice
from novel_royalroad_lookalike.switches import SiteSwitches
from novel_royalroad_lookalike.template import Template
from novel_royalroad_lookalike.vocabulary import NO_COVER

# A script fetches the others.
_SHELL_ROWS = 10


def _page(head: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en" class="scroll-smooth">
<head>
    <meta charset="utf-8"/>
{head}
    <link rel="stylesheet" href="/dist/tailwind-LOOKALIK.css?v=1"/>
    <script>window.royalroad = {{}}; window.royalroad.sitePresentationMode = "Redesign";</script>
</head>
<body class="bg-background text-foreground">
<header class="sticky top-0"><a href="/home" data-rr-tooltip="Home">Royal Road</a></header>
<main class="mx-auto max-w-7xl">
{body}
</main>
<script>window.__CF$cv$params={{r:'a44b8f70fbe51bf1',t:'MTc5MTAyNjQ1NQ=='}};</script>
<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>
</body>
</html>
"""


def fiction(made: FictionModel, switches: SiteSwitches) -> str:
    """The fiction's page; its table is a shell of some rows."""
    title, author = encode(made.title), encode(made.author)
    url = encode(made.url)
    rows = _SHELL_ROWS if switches.list_rows is None else switches.list_rows
    head = f"""    <title>{title} | Royal Road</title>
    <meta property="og:type" content="books.book">
    <meta property="og:url" content="{url}">
    <meta property="og:image" content="{encode(made.cover_url or NO_COVER)}">
    <link rel="canonical" href="{url}"/>
    {book_data.script(made)}"""
    body = f"""<section id="fiction-hero" class="flex gap-6">
    <img class="rounded" data-type="cover" alt="{title}" src="{encode(made.cover_url or NO_COVER)}"/>
    <div><h1 class="text-3xl font-bold">{protect(title)}</h1><a class="text-muted" href="/profile/{made.author_id}">{author}</a></div>
</section>
<div class="flex flex-wrap gap-2"><span class="bg-accent">{made.type}</span><span class="bg-accent">{made.status}</span>
{_tags(made)}</div>
<section id="about-accordion">{_warnings(made)}<div data-rr-show-more-content="">{made.description}</div></section>
<section id="stats-accordion">{_statistics(made)}</section>
<table id="chapters" data-chapters="{len(made.listed)}"><tbody>{_rows(made, rows)}</tbody></table>
{chapter_lists.script(made, with_chapters=switches.list_script)}"""
    return Template(_page(head, body)).fill(dice(made.id))


def _tags(made: FictionModel) -> str:
    return "".join(
        f'<a class="rounded" href="/fictions/search?tagsAdd={slug}">{encode(name)}</a>'
        for name, slug in made.tags
    )


def _warnings(made: FictionModel) -> str:
    if not made.warnings:
        return ""
    lines = "".join(f"<li>{encode(warning)}</li>" for warning in made.warnings)
    return f'<div class="border"><strong>Warning</strong><ul>{lines}</ul></div>'


def _statistics(made: FictionModel) -> str:
    counts = made.counts
    if counts is None:
        return ""
    return "".join(
        f"<div><dt>{name}</dt><dd>{value}</dd></div>"
        for name, value in (
            *((f"{name} Score", f"{score} / 5") for name, score in made.scores.items()),
            ("Total Views", f"{counts.views:,}"),
            ("Average Views", f"{counts.average_views:,}"),
            ("Followers", f"{counts.followers:,}"),
            ("Favorites", f"{counts.favorites:,}"),
            ("Ratings", f"{counts.ratings:,}"),
            ("Pages", f"{counts.pages:,}"),
        )
    )


def _rows(made: FictionModel, count: int) -> str:
    return "".join(
        f'<tr class="chapter-row"><td><a href="{made.chapter_path(chapter)}">{protect(encode(chapter.title), in_link=True)}</a></td>'
        f'<td><time unixtime="{chapter.published.timestamp():.0f}" datetime="{iso_seconds(chapter.published)}.0000000Z"></time></td></tr>'
        for chapter in made.listed[:count]
    )


def chapter(made: FictionModel, this: LookalikeChapter, switches: SiteSwitches, rng: Random) -> str:
    """The chapter's page."""
    place = place_of(made, this)
    text = text_of(this, switches.hidden_style)
    title = encode(this.title)
    url = encode(made.chapter_url(this))
    head = f"""    <title>{title} - {encode(made.title)} | Royal Road</title>
    <meta property="og:type" content="article">
    <link rel="canonical" href="{url}"/>
{anti_theft.rules(switches.hidden_style, this.hidden)}"""
    content = '<div class="locked">This chapter is for subscribers of the author.</div>'
    if text.content is not None:
        content = f'<div class="chapter-content prose">\n{text.content}\n</div>'
    body = f"""<div class="chapter mx-auto">
<div id="chapterHeroData" data-chapter-id="{this.id}"><a href="{made.path}">{encode(made.title)}</a>
<a href="/profile/{made.author_id}">{encode(made.author)}</a><h1 class="text-2xl">{protect(title)}</h1>
<time unixtime="{this.published.timestamp():.0f}" datetime="{iso_seconds(this.published)}.0000000Z"></time></div>
<select id="chapterSelect"><option value="{this.id}" selected="selected">{title}</option></select>
{_link(made, place.previous, "prev")}
{_note(text.before)}{content}{_note(text.after)}
{_link(made, place.following, "next")}
</div>
<script>
        var chapterId = {this.id};
        var fictionId = {made.id};
</script>"""
    page = _page(head, body)
    return Template(page, constant_paragraphs=switches.fast).fill(rng)


def _link(made: FictionModel, neighbour: LookalikeChapter | None, direction: str) -> str:
    if neighbour is None:
        return ""
    return (
        f'<a data-vt-direction="{direction}" href="{made.chapter_path(neighbour)}">{direction}</a>'
    )


def _note(note: str) -> str:
    if not note:
        return ""
    return f'<div class="author-note-card"><div class="author-note">{note}</div></div>\n'
