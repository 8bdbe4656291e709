"""`novel read`: a chapter on the terminal."""

from __future__ import annotations

import shutil
import sys

import click

from novel_core.cli.output import json_output, print_json, say
from novel_core.cli.titles import numbered
from novel_core.db.engine import session
from novel_core.errors import UnknownNovel
from novel_core.library.chapter_place import ChapterPlace, place_of
from novel_core.library.chapters import ChapterText, read_chapter
from novel_core.library.novels import describe_novel, find_novel
from novel_core.runtime import open_runtime

MAX_WIDTH = 88


@click.command()
@click.argument("novel")
@click.argument("number")
@click.option(
    "--version", "version", type=click.IntRange(1, 1_000_000), help="An earlier version, from 1."
)
@click.option("--html", "as_html", is_flag=True, help="Print the sanitised HTML.")
@json_output()
def read(
    novel: str,
    number: str,
    version: int | None,
    as_html: bool,
    as_json: bool,
) -> None:
    """Print chapter NUMBER of NOVEL. `@ID` in place of NUMBER takes the source's chapter id."""
    with open_runtime() as runtime, session(runtime.database) as opened:
        novel_id = find_novel(opened, runtime.registry, novel)
        place = place_of(opened, novel_id, number)
        if place.reason is not None and version is None and not as_json:
            slug = describe_novel(opened, novel_id).summary.slug
            _print_gap(slug, place)
            sys.exit(UnknownNovel.exit_code)
        chapter = read_chapter(opened, novel_id, number, version=version)
    if as_json:
        print_json(chapter)
    elif as_html:
        say(chapter.note_before_html + chapter.content_html + chapter.note_after_html)
    else:
        _print_text(chapter, place)


def _print_gap(slug: str, place: ChapterPlace) -> None:
    """Print why the chapter's text is missing, and the chapters before and after it."""
    say(numbered(place.number, place.title), bold=True)
    say(f"\nThis chapter is not in the library: {place.reason}.")
    if place.failure:
        say(place.failure[1])
    say(f"At the site: {place.url}\n")
    for name, number in (("Previous", place.previous), ("Next", place.next)):
        if number is not None:
            say(f"{name}: novel read {slug} {number}")


def _print_text(chapter: ChapterText, place: ChapterPlace) -> None:
    from novel_core.content import to_text
    from novel_core.export.wording import REMOVED

    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    blocks = [numbered(chapter.number, chapter.title)]
    if chapter.versions > 1:
        blocks.append(f"(version {chapter.version} of {chapter.versions})")
    if place.state == "removed":
        blocks.append(f"[{REMOVED}]")
    if chapter.note_before_html:
        blocks += ["[Author's note]", to_text(chapter.note_before_html, width=width), "* * *"]
    blocks.append(to_text(chapter.content_html, width=width))
    if chapter.note_after_html:
        blocks += ["* * *", "[Author's note]", to_text(chapter.note_after_html, width=width)]
    say("\n\n".join(blocks))
