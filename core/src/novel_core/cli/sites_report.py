"""What a command prints of the proof of a site."""

from __future__ import annotations

from novel_core.adoption.report import Level, NovelFacts, Report
from novel_core.cli.output import say
from novel_core.plurals import several

_MARKS = {Level.NOTE: "note", Level.WARNING: "warning", Level.REFUSAL: "refused"}


def print_report(report: Report) -> None:
    """Print the report, a line for each finding."""
    version = f" {report.version}" if report.version else ""
    say(f"  {report.site.base_url} runs {report.software}{version}: {report.verdict}")
    if len(report.hosts) > 1:
        say(f"  hosts: {', '.join(report.hosts)}")
    if report.novel is not None:
        _print_novel(report.novel)
    for chapter in report.chapters:
        state = chapter.problem or several(chapter.words, "word")
        say(f"    {chapter.title}: {state}")
    for finding in report.findings:
        say(f"  {_MARKS[finding.level]}: {finding.text}")
    say(f"  {report.robots} {several(report.requests, 'request')} sent, robots.txt not counted.")


def _print_novel(novel: NovelFacts) -> None:
    by = f" by {', '.join(novel.authors)}" if novel.authors else ""
    stated = "none stated" if novel.stated is None else f"{novel.stated:,} stated"
    say(f"  {novel.title}{by}: {several(novel.found, 'chapter')} found, {stated}")
