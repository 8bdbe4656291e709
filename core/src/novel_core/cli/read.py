"""`novel read`: a chapter on the terminal."""

from __future__ import annotations

import shutil

import click

from novel_core.cli.output import errors_as_json, json_option, print_json, say
from novel_core.db.engine import session
from novel_core.library.chapters import ChapterText, read_chapter
from novel_core.library.novels import find_novel
from novel_core.runtime import open_runtime

MAX_WIDTH = 88


@click.command()
@click.argument("novel")
@click.argument("number")
@click.option(
    "--version", "version", type=click.IntRange(1, 1_000_000), help="An earlier version, from 1."
)
@click.option("--html", "as_html", is_flag=True, help="Print the sanitised HTML.")
@json_option
@errors_as_json()
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
        chapter = read_chapter(opened, novel_id, number, version=version)
    if as_json:
        print_json(chapter)
    elif as_html:
        say(chapter.note_before_html + chapter.content_html + chapter.note_after_html)
    else:
        _print_text(chapter)


def _print_text(chapter: ChapterText) -> None:
    from novel_core.content import to_text

    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    blocks = [f"{chapter.number}. {chapter.title}"]
    if chapter.versions > 1:
        blocks.append(f"(version {chapter.version} of {chapter.versions})")
    if chapter.note_before_html:
        blocks += ["[Author's note]", to_text(chapter.note_before_html, width=width), "* * *"]
    blocks.append(to_text(chapter.content_html, width=width))
    if chapter.note_after_html:
        blocks += ["* * *", "[Author's note]", to_text(chapter.note_after_html, width=width)]
    say("\n\n".join(blocks))
