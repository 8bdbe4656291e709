"""`novel novels`, `show` and `remove`: the library."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import groupby

import click

from novel_core.cli.output import json_output, moment, numbers, print_json, print_list, say
from novel_core.db.engine import session
from novel_core.library.catalogue import NovelFilter, find_novels
from novel_core.library.chapters import ChapterSummary, list_chapters
from novel_core.library.novels import NovelDetails, NovelSummary, describe_novel, find_novel
from novel_core.plurals import several
from novel_core.runtime import open_runtime


@click.command()
@click.option(
    "--search",
    metavar="TEXT",
    help="Words of the title, an author, a tag or the description; typing errors are tolerated.",
)
@click.option("--source", metavar="NAME", help="Only novels of this source.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_output()
def novels(search: str | None, source: str | None, limit: int, as_json: bool) -> None:
    """List the novels of the library, most recently updated first (search: best match first)."""
    with open_runtime() as runtime, session(runtime.database) as opened:
        wanted = NovelFilter(search=search, source=source)
        found, _ = find_novels(opened, wanted, limit=limit)
    columns: dict[str, Callable[[NovelSummary], str]] = {
        "id": lambda novel: str(novel.id),
        "title": lambda novel: novel.title,
        "author": lambda novel: ", ".join(novel.authors),
        "source": lambda novel: novel.source,
        "status": lambda novel: novel.status or "-",
        "chapters": lambda novel: f"{novel.chapters:,}",
        "saved": lambda novel: f"{novel.held:,}",
        "words": lambda novel: f"{novel.words:,}",
        "updated": lambda novel: moment(novel.updated_at),
    }
    empty = "No novel found." if search or source else "The library is empty: novel ingest URL"
    print_list(found, columns, as_json=as_json, empty=empty)


@click.command()
@click.argument("novel")
@json_output()
def show(novel: str, as_json: bool) -> None:
    """Show NOVEL (its id, slug, source:id or URL) and its chapters."""
    with open_runtime() as runtime, session(runtime.database) as opened:
        novel_id = find_novel(opened, runtime.registry, novel)
        details = describe_novel(opened, novel_id)
        chapters = list_chapters(opened, novel_id)
    if as_json:
        flat = dataclasses.asdict(details)
        print_json(flat.pop("summary") | flat | {"chapter_list": chapters})
        return
    _print_details(details)
    for volume, group in groupby(chapters, key=lambda chapter: chapter.volume):
        if volume is not None:
            say(volume, bold=True)
        for chapter in group:
            say(_chapter_line(chapter))


def _print_details(novel: NovelDetails) -> None:
    from novel_core.content import to_text

    summary, shown = novel.summary, novel.statistics
    scores = (f"{name} score {score}" for name, score in (shown.get("scores") or {}).items())
    say(summary.title, bold=True)
    say(f"by {', '.join(summary.authors) or 'unknown'}  ·  {summary.url}")
    facts = {
        "Status": summary.status,
        "Type": novel.type,
        "Language": novel.language,
        "Tags": ", ".join(tag["name"] for tag in novel.tags),
        "Warnings": ", ".join(novel.warnings),
        "Series": ", ".join(series.words for series in novel.series),
        "Words": f"{summary.words:,}{_stated(novel.stated_words, summary.words)}",
        "Published": moment(novel.published_at),
        "Checked": moment(summary.checked_at),
        "Next": moment(novel.next_chapter_at) if novel.next_chapter_at else None,
        "Chapters": f"{summary.held} saved, {summary.chapters} on the site"
        f"{f', {novel.removed} removed there' if novel.removed else ''}"
        f"{f', {novel.locked} locked' if novel.locked else ''}"
        f"{f', {novel.missing} missing' if novel.missing else ''}"
        f"{_stated(novel.stated_chapters, summary.chapters)}",
        "Numbers": ", ".join((*scores, *numbers(shown))),
    }
    for name, value in facts.items():
        if value:
            say(f"{name + ':':<11}{value}")
    say()
    if novel.description_html:
        say(to_text(novel.description_html))
        say()


def _stated(stated: int | None, found: int) -> str:
    return f" (the site states {stated:,})" if stated is not None and stated != found else ""


def _chapter_line(chapter: ChapterSummary) -> str:
    notes = [] if chapter.state == "held" else [chapter.state]
    if chapter.revisions:
        notes.append(several(chapter.revisions, "earlier version"))
    if chapter.edited_at:
        notes.append(f"edited {moment(chapter.edited_at)[:10]}")
    notes += numbers(chapter.statistics)
    suffix = f"  [{', '.join(notes)}]" if notes else ""
    date = moment(chapter.published_at)[:10] if chapter.published_at else ""
    return f"{chapter.number:>5}  {date:<10}  {chapter.title}{suffix}"


@click.command()
@click.argument("novel")
@click.option("--yes", is_flag=True, help="Delete without a question.")
def remove(novel: str, yes: bool) -> None:
    """Delete NOVEL with its chapters, revisions and archived pages. This cannot be undone."""
    from novel_core import intake

    with open_runtime(migrating=True) as runtime:
        with session(runtime.database) as opened:
            novel_id = find_novel(opened, runtime.registry, novel)
            details = describe_novel(opened, novel_id).summary
        if not yes:
            click.confirm(
                f"Delete {details.title!r} with {several(details.held, 'chapter')}?"
                " This cannot be undone.",
                abort=True,
            )
        with session(runtime.database) as opened:
            removed = intake.remove(opened, novel_id)
    say(f"{removed.title} is deleted.")
