"""`novel export --format warc`: a novel's archived pages, for web archives and `novel import`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from novel_core.cli.output import STANDARD_OUTPUT, output_file, print_either
from novel_core.db.engine import session
from novel_core.errors import UsageError
from novel_core.library.novels import NovelSummary, describe_novel, find_novel
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
        path = path_of(output, f"{summary.slug}.warc.gz")
        compress = path.suffix.lower() != ".warc"
        with output_file(path, force=force) as target:
            counts = write_warc(
                runtime.database, novel_id, target, compress=compress, name=path.name
            )
    pages = f"{several(counts.pages, 'page')}, {counts.images:,} of them images"
    text = f"{summary.title}: {pages}, in {path}"
    result = about(summary, path) | dataclasses.asdict(counts)
    print_either(result, text, as_json=as_json, err=path == STANDARD_OUTPUT)


def path_of(output: Path | None, name: str) -> Path:
    """Return the path to write: `name` in the current folder, or in `output` if that is one."""
    if output is None:
        return Path(name)
    return output / name if output.is_dir() else output


def about(summary: NovelSummary, path: Path) -> dict[str, object]:
    """Return the first fields of the object that `--json` prints."""
    novel = {"id": summary.id, "slug": summary.slug, "title": summary.title}
    return {"path": str(path), "novel": novel}
