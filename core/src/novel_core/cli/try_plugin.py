"""`novel try`: one run of a plugin under development through the whole pipeline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from novel_core import intake
from novel_core.cli.ingest_result import print_error
from novel_core.cli.job_run import drive
from novel_core.cli.output import json_output, moment, numbers, print_json, say
from novel_core.cli.plugin_source import (
    confirm_gates_option,
    found_source,
    source_option,
    tell_gates,
)
from novel_core.cli.progress import showing_progress
from novel_core.content import to_text, word_count
from novel_core.db.engine import session
from novel_core.errors import (
    Locked,
    NotFound,
    NotYet,
    NovelError,
    PluginError,
    exit_code_of,
)
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import get_job, list_failures, list_warnings
from novel_core.logs import about_page
from novel_core.plurals import enumerated, several
from novel_core.registry import own_frames
from novel_core.runtime import Runtime
from novel_core.settings import load_settings

if TYPE_CHECKING:
    from novel_core.authoring.chapter_limit import ChapterLimit
    from novel_core.authoring.try_run import Faults

_LINES, _WIDTH = 5, 100
#: Hints that speak of later jobs, which a trial does not have, and those in their place.
_HINTS = {
    NotFound.default_hint: "Check the address in a browser.",
    Locked.default_hint: "Only public pages are read.",
    NotYet.default_hint: "Try it again when the site shows it.",
}


@click.command("try")
@click.argument("plugin", metavar="PATH|MODULE")
@click.argument("url")
@click.option(
    "--chapters",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="How many chapters to fetch, in the order of the list.",
)
@click.option("--all", "everything", is_flag=True, help="Fetch all chapters.")
@confirm_gates_option
@source_option
@json_output()
def try_plugin(
    plugin: str,
    url: str,
    chapters: int,
    everything: bool,
    confirm_gates: bool,
    source: str | None,
    as_json: bool,
) -> None:
    """Run the plugin at PATH (the folder of a project or package, or a .py file) or MODULE on URL,
    the address of a novel or chapter, and print what would be saved.

    The plugin need not be installed. Of several sources or sites in it the one that matches URL is run. A site that a family does not list is tried too
    if the family's recognise knows the page. The chapter that was given is fetched first. The whole pipeline runs (spider, archive, parser, save hooks,
    sanitiser, database), with servers and data that are deleted afterwards.

    Exit codes: 0 saved, also where a chapter is missing; else those of `novel ingest`.
    """
    from novel_core.authoring.chapter_limit import ChapterLimit
    from novel_core.authoring.local_plugin import load_sources
    from novel_core.authoring.try_run import Faults, temporary_runtime, try_source

    faults, settings = Faults(), load_settings()
    # Before any server is started: a URL that the plugin does not match is an error at once.
    with _own_frames():
        found, _ = found_source(load_sources(plugin, settings), url, source, settings)
        limit = ChapterLimit.around(found.match, sys.maxsize if everything else chapters)
        registry = try_source(found.source, limit, faults)
        target = intake.resolve(registry, url)
    if confirm_gates:
        settings = settings.confirming_gates(found.source.name, found.source.info.family)
    say("Starting a temporary database, which takes most of the time of a short trial.", err=True)
    with temporary_runtime(settings, registry) as runtime:
        with session(runtime.database) as opened:
            submission = intake.submit(opened, runtime.settings, target, JobOptions())
        with showing_progress(runtime.database, submission.job_id):
            drive(runtime, submission.job_id)
        result = _saved(runtime, submission.job_id, limit, faults)
    if as_json:
        print_json(result)
    else:
        _print(result, url)
    codes = [failure["code"] for failure in result["failures"]]
    tell_gates([*codes, result["error_code"]], confirm=confirm_gates)
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


def _saved(runtime: Runtime, job_id: int, limit: ChapterLimit, faults: Faults) -> dict[str, Any]:
    """The saved novel and chapters, as the items of the plugin contract, and the job's problems."""
    from novel_core.authoring.try_run import saved_chapters, saved_novel

    with session(runtime.database) as opened:
        job = get_job(opened, job_id)
        novel = saved_novel(opened, job_id)
        listed = saved_chapters(opened, job_id)
        warnings = list_warnings(opened, job_id)
        failures = list_failures(opened, job_id)
    explained = {chapter for failure in failures for chapter in failure.chapter_ids}
    explained |= limit.left_out | faults.skipped
    return {
        "status": job.status,
        "error_code": job.error_code,
        "error_message": job.error_message,
        "hint": _HINTS.get(job.error_hint or "", job.error_hint),
        "requests": job.requests,
        "novel": novel.model_dump(mode="json") if novel else None,
        "chapters": listed,
        "warnings": warnings_of_plugin(warnings, listed, explained),
        "failures": [
            {
                "url": failure.url,
                "kind": failure.kind,
                "code": failure.code,
                "message": failure.message,
            }
            for failure in failures
        ],
        "left_out": [
            chapter["source_id"] for chapter in listed if chapter["source_id"] in limit.left_out
        ],
        "faults": list(faults.lines),
    }


def warnings_of_plugin(
    warnings: list[str], listed: list[dict[str, Any]], explained: set[str]
) -> list[str]:
    """The job's warnings, but for that of the chapters which are `explained`, as by the limit."""
    from novel_core.ingest.save_summary import WITHOUT_PAGE

    others = [warning for warning in warnings if not warning.startswith(WITHOUT_PAGE)]
    if len(others) == len(warnings):
        return warnings
    missing = [
        chapter["source_id"]
        for chapter in listed
        if chapter["content_html"] is None
        and chapter["access"] == "free"
        and chapter["source_id"] not in explained
    ]
    return [*others, f"{WITHOUT_PAGE}: {enumerated(missing)}."] if missing else others


def _print(result: dict[str, Any], url: str) -> None:
    if result["novel"] is None:
        print_error(result["error_message"], result["hint"], url)
    else:
        say("Novel", bold=True)
        empty = [name for name, value in result["novel"].items() if not _shown(value)]
        for name, value in result["novel"].items():
            if text := _shown(value):
                say(f"  {name:<18} {text}")
        say(f"  {'empty':<18} {', '.join(empty) or 'nothing'}")
        _print_chapters(result["chapters"], len(result["left_out"]))
    for warning in result["warnings"]:
        say(f"warning: {warning}", err=True)
    for failure in result["failures"]:
        say(f"could not be fetched: {about_page(failure['url'], failure['message'])}", err=True)
    for lines in result["faults"]:
        say(f"The plugin failed:\n{lines}", err=True)
    say(f"{several(result['requests'], 'request')}. Nothing was kept.")


def _print_chapters(chapters: list[dict[str, Any]], left_out: int) -> None:
    fetched = [chapter for chapter in chapters if chapter["content_html"] is not None]
    say(f"Chapters: {len(chapters)} listed, {len(fetched)} fetched", bold=True)
    for volume, group in groupby(chapters, key=lambda chapter: chapter["volume"]):
        _print_volume(volume, list(group))
    if left_out:
        say(f"  {several(left_out, 'further chapter')} not requested: see --chapters and --all.")
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


def _print_volume(volume: str | None, chapters: list[dict[str, Any]]) -> None:
    """Print the first chapters of a volume; volume None is that of chapters without one."""
    if volume is not None:
        say(f"  {_cut(volume)}: {several(len(chapters), 'chapter')}")
    for chapter in chapters[:_LINES]:
        edited = f", edited {_date(chapter['edited_at'])}" if chapter["edited_at"] else ""
        locked = "" if chapter["access"] == "free" else f"  {chapter['access']}"
        shown = numbers(chapter["statistics"] or {})
        if chapter["marker"] and not chapter["edited_at"]:
            shown.append(f"marker {_cut(chapter['marker'])}")
        more = f"  [{', '.join(shown)}]" if shown else ""
        line = f"{chapter['source_id']:<12} {_date(chapter['published_at'])}{edited}"
        say(f"  {line}  {chapter['title']}{locked}{more}")
    if len(chapters) > _LINES:
        say(f"  and {len(chapters) - _LINES} more")


def _date(value: str | None) -> str:
    return moment(datetime.fromisoformat(value)) if value else "no date"


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
