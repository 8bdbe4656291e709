"""`novel export --format warc`: a novel's archived pages, for web archives and `novel import`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from novel_core.cli.output import STANDARD_OUTPUT, output_file, print_json, say
from novel_core.db.engine import session
from novel_core.errors import UsageError
from novel_core.library.novels import describe_novel, find_novel
from novel_core.plurals import several
from novel_core.runtime import open_runtime

WARC = "warc"
_ENDINGS = (".warc", ".warc.gz")


def is_warc(output: Path | None, kind: str | None) -> bool:
    """Whether the output is a WARC file.

    >>> is_warc(Path("a.warc.gz"), None), is_warc(Path("a.warc"), "epub"), is_warc(None, "warc")
    (True, False, True)
    """
    if kind is not None:
        return kind == WARC
    return output is not None and output.name.lower().endswith(_ENDINGS)


def export_warc(
    novel: str, output: Path | None, *, in_part: bool, force: bool, as_json: bool
) -> None:
    """Write the file and print a summary; compressed unless its name ends in `.warc`."""
    if in_part:
        raise UsageError(
            "A WARC file contains a whole novel.", hint="Leave out --chapters and --volume."
        )
    # Imported here, because books do not need it.
    from novel_core.warc import write_warc

    with open_runtime() as runtime:
        with session(runtime.database) as opened:
            novel_id = find_novel(opened, runtime.registry, novel)
            summary = describe_novel(opened, novel_id).summary
        path = output or Path()
        if output is None or output.is_dir():
            path /= f"{summary.slug}.warc.gz"
        compress = path.suffix.lower() != ".warc"
        with output_file(path, force=force) as target:
            counts = write_warc(
                runtime.database, novel_id, target, compress=compress, name=path.name
            )
    if as_json:
        about = {"id": summary.id, "slug": summary.slug, "title": summary.title}
        print_json({"path": str(path), "novel": about} | dataclasses.asdict(counts))
        return
    say(
        f"{summary.title}: {several(counts.pages, 'page')}, {counts.images:,} of them images,"
        f" in {path}",
        err=path == STANDARD_OUTPUT,
    )
