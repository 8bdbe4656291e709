"""`novel export`: a novel as a file."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

import click

from novel_core.cli.export_warc import WARC, about, export_warc, is_warc, path_of
from novel_core.cli.output import (
    STANDARD_OUTPUT,
    json_output,
    output_file,
    print_json,
    say,
)
from novel_core.db.engine import session
from novel_core.errors import UsageError
from novel_core.export import (
    Format,
    Selection,
    WrittenBook,
    file_name,
    format_of,
    write_book,
)
from novel_core.library.novels import describe_novel, find_novel
from novel_core.plurals import several, share
from novel_core.runtime import open_runtime

#: Seconds after which progress is shown, and between two of its lines.
EVERY = 3.0


@click.command()
@click.argument("novel")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write, - for standard output; without it, the novel's slug in the current folder. A folder keeps that name.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice([*(kind.value for kind in Format), WARC]),
    help="What to write; otherwise the file's ending tells, and without a name it is epub.",
)
@click.option("--chapters", metavar="RANGE", help="Only these, by number: 1-50, 51-, -50 or 12.")
@click.option("--volume", metavar="TITLE", help="Only this volume: its title, or its place from 1.")
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@json_output()
def export(
    novel: str,
    output: Path | None,
    kind: str | None,
    chapters: str | None,
    volume: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write NOVEL (its id, slug, source:id or URL) as a book: EPUB, plain text, Markdown or HTML.

    With --format warc, or a name that ends in .warc or .warc.gz, it is the novel's archived pages, which `novel import`
    reads elsewhere.
    """
    if as_json and output == STANDARD_OUTPUT:
        raise UsageError(
            "The book and the JSON cannot both go to standard output.", hint="Leave out --json."
        )
    if is_warc(output, kind):
        in_part = chapters is not None or volume is not None
        export_warc(novel, output, in_part=in_part, force=force, as_json=as_json)
        return
    selection = Selection.parse(chapters, volume=volume)
    wanted = _format(output, kind)
    with open_runtime() as runtime:
        with session(runtime.database) as opened:
            novel_id = find_novel(opened, runtime.registry, novel)
            summary = describe_novel(opened, novel_id).summary
        path = path_of(output, file_name(summary.slug, wanted, selection))
        with output_file(path, force=force) as target:
            written = write_book(
                runtime.database,
                runtime.registry,
                novel_id,
                wanted,
                target,
                selection,
                progress=_Progress(),
            )
    if as_json:
        print_json(about(summary, path) | dataclasses.asdict(written))
    else:
        _print(written, path)


def _format(output: Path | None, kind: str | None) -> Format:
    if kind is not None:
        return Format(kind)
    if output is None or output == STANDARD_OUTPUT or output.is_dir():
        return Format.EPUB
    return format_of(output)


class _Progress:
    """Progress of a long export on standard error; nothing for a short one."""

    def __init__(self) -> None:
        self._shown_at = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._shown_at + EVERY:
            return
        self._shown_at = now
        click.echo(share(done, total, "chapter"), err=True)
        sys.stderr.flush()


def _print(written: WrittenBook, path: Path) -> None:
    counts = f"{several(written.chapters, 'chapter')}, {several(written.words, 'word')}"
    # The book itself goes to standard output.
    err = path == STANDARD_OUTPUT
    say(f"{written.title}: {counts} in {path}", err=err)
    notes = {
        "no longer on the site": written.removed,
        "without a text, which the book names with the reason": written.missing,
        "pictures that are damaged or not in the archive": written.lost_pictures,
    }
    for note, count in notes.items():
        if count:
            say(f"  {count:,} {note}", err=err)
