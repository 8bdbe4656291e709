"""`novel try`: one run of a plugin under development through the whole pipeline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from novel_core import intake
from novel_core.cli.job_run import drive
from novel_core.cli.output import json_output, print_json, say, say_error
from novel_core.cli.progress import showing_progress
from novel_core.cli.record import source_option
from novel_core.content import to_text, word_count
from novel_core.db.engine import session
from novel_core.errors import NovelError, PluginError, exit_code_of
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import get_job, list_failures, list_warnings
from novel_core.plurals import several
from novel_core.registry import own_frames
from novel_core.runtime import Runtime
from novel_core.settings import load_settings

_LINES, _WIDTH = 5, 100


@click.command("try")
@click.argument("plugin", metavar="PATH|MODULE")
@click.argument("url")
@click.option(
    "--chapters",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="How many chapters to fetch.",
)
@click.option("--all", "everything", is_flag=True, help="Fetch all chapters.")
@source_option
@json_output()
def try_plugin(
    plugin: str, url: str, chapters: int, everything: bool, source: str | None, as_json: bool
) -> None:
    """Run the plugin at PATH (a project, package or file) or MODULE on URL, and print the result.

    The plugin need not be installed. Of several sources or sites in it the URL's own is run. The whole pipeline runs (spider, archive, parser, save hooks,
    sanitiser, database), with servers and data that are deleted afterwards.

    Exit codes: 0 done, else those of `novel ingest`.
    """
    from novel_core.authoring.local_plugin import load_sources, resolve
    from novel_core.authoring.try_run import Faults, temporary_runtime, try_source

    faults, settings = Faults(), load_settings()
    # Before any server is started: a URL that the plugin does not match is an error at once.
    with _own_frames():
        found = resolve(load_sources(plugin, settings), url, source)
        registry = try_source(found.source, None if everything else chapters, faults)
        target = intake.resolve(registry, url)
    with temporary_runtime(settings, registry) as runtime:
        with session(runtime.database) as opened:
            submission = intake.submit(opened, runtime.settings, target, JobOptions())
        with showing_progress(runtime.database, submission.job_id):
            drive(runtime, submission.job_id)
        result = _saved(runtime, submission.job_id) | {"faults": list(faults.lines)}
    if as_json:
        print_json(result)
    else:
        _print(result)
    if result["status"] != "done":
        sys.exit(exit_code_of(result["error_code"]))


@contextmanager
def _own_frames() -> Iterator[None]:
    """Print the plugin's own frames of what it raised, before the error that names it."""
    try:
        yield
    except PluginError as error:
        if error.__cause__ is not None and not isinstance(error.__cause__, NovelError):
            say(own_frames(error.__cause__), err=True)
        raise


def _saved(runtime: Runtime, job_id: int) -> dict[str, Any]:
    """The saved novel and chapters, as the items of the plugin contract, and the job's problems."""
    from novel_core.authoring.try_run import saved_chapters, saved_novel

    with session(runtime.database) as opened:
        job = get_job(opened, job_id)
        novel = saved_novel(opened, job_id)
        listed = saved_chapters(opened, job_id)
        warnings = list_warnings(opened, job_id)
        failures = [
            {
                "url": failure.url,
                "kind": failure.kind,
                "code": failure.code,
                "message": failure.message,
            }
            for failure in list_failures(opened, job_id)
        ]
    return {
        "status": job.status,
        "error_code": job.error_code,
        "error_message": job.error_message,
        "hint": job.error_hint,
        "requests": job.requests,
        "novel": novel.model_dump(mode="json") if novel else None,
        "chapters": listed,
        "warnings": warnings,
        "failures": failures,
    }


def _print(result: dict[str, Any]) -> None:
    if result["novel"] is None:
        say_error(result["error_message"], result["hint"])
    else:
        say("Novel", bold=True)
        empty = [name for name, value in result["novel"].items() if not _shown(value)]
        for name, value in result["novel"].items():
            if text := _shown(value):
                say(f"  {name:<18} {text}")
        say(f"  {'empty':<18} {', '.join(empty) or 'nothing'}")
        _print_chapters(result["chapters"])
    for warning in result["warnings"]:
        say(f"warning: {warning}", err=True)
    for failure in result["failures"]:
        say(f"could not be fetched: {failure['url']}: {failure['message']}", err=True)
    for lines in result["faults"]:
        say(f"The plugin failed:\n{lines}", err=True)
    say(f"{several(result['requests'], 'request')}. Nothing was kept.")


def _print_chapters(chapters: list[dict[str, Any]]) -> None:
    fetched = [chapter for chapter in chapters if chapter["content_html"] is not None]
    say(f"Chapters: {len(chapters)} listed, {len(fetched)} fetched", bold=True)
    for chapter in chapters[:_LINES]:
        date = (chapter["published_at"] or "no date")[:10]
        locked = "" if chapter["access"] == "free" else f"  {chapter['access']}"
        say(f"  {chapter['source_id']:<12} {date:<10}  {chapter['title']}{locked}")
    if len(chapters) > _LINES:
        say(f"  and {len(chapters) - _LINES} more")
    for chapter in fetched:
        words = word_count(chapter["content_html"])
        notes = [
            f"{name.replace('_html', '').replace('_', ' ')}: {_cut(to_text(chapter[name]))}"
            for name in ("note_before_html", "note_after_html")
            if chapter[name]
        ]
        say(f"{chapter['title']}: {several(words, 'word')}", bold=True)
        say(f"  {_cut(to_text(chapter['content_html']))}")
        for note in notes:
            say(f"  {note}")


def _shown(value: Any) -> str:
    """A field as one line; empty if the field is."""
    match value:
        case None | "" | []:
            return ""
        case dict():
            inner = {name: _shown(part) for name, part in value.items()}
            return ", ".join(f"{name} {text}" for name, text in inner.items() if text)
        case list():
            names = [
                str(entry.get("name") or entry.get("title"))
                if isinstance(entry, dict)
                else str(entry)
                for entry in value
            ]
            return _cut(", ".join(names))
    return _cut(to_text(value) if isinstance(value, str) and value.startswith("<") else str(value))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"
