"""`novel reparse`: repair what an earlier parser saved."""

from __future__ import annotations

import sys

import click

from novel_core.cli.output import json_output, print_json, say
from novel_core.db.engine import session
from novel_core.errors import PluginError, UsageError
from novel_core.ingest.reparse import ReparseCounts, reparse_novel
from novel_core.library.catalogue import NovelFilter, find_novels
from novel_core.library.novels import find_novel
from novel_core.plurals import several
from novel_core.runtime import open_runtime

EVERYTHING = 1_000_000


@click.command()
@click.argument("novel", required=False)
@click.option("--source", metavar="NAME", help="All novels of this source.")
@json_output()
def reparse(novel: str | None, source: str | None, as_json: bool) -> None:
    """Rebuild NOVEL, or all novels, from the archived pages with the parsers installed now.

    Nothing is requested, and nothing becomes a revision.
    """
    results = []
    with open_runtime(migrating=True) as runtime:
        with session(runtime.database) as opened:
            if novel is not None:
                ids = [find_novel(opened, runtime.registry, novel)]
            else:
                if source is not None:
                    # An error where there is no such source.
                    runtime.registry.get(source)
                found, _ = find_novels(opened, NovelFilter(source=source), limit=EVERYTHING)
                ids = [summary.id for summary in found]
        for novel_id in ids:
            try:
                counts = reparse_novel(runtime, novel_id)
            except (PluginError, UsageError) as error:
                # The source is gone, or the novel was removed meanwhile: the others are still read.
                counts = ReparseCounts(failed=[error.message])
            results.append({"novel_id": novel_id, "counts": counts})
            if not as_json:
                say(
                    f"novel {novel_id}: {several(counts.texts, 'text')} read,"
                    f" {counts.repaired} repaired"
                )
                for failure in counts.failed:
                    say(f"  could not be read: {failure}", err=True)
    if as_json:
        print_json(results)
    if any(result["counts"].failed for result in results):  # type: ignore[attr-defined]
        sys.exit(1)
