"""Checking a site that was proved: its recordings read again, and fetched again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from novel_core.adoption.added import load_adoption, newest_proof
from novel_core.adoption.recognition import Inquiry
from novel_core.adoption.recordings import load_recordings, record
from novel_core.adoption.report import Report
from novel_core.adoption.requester import Requester
from novel_core.db.engine import session
from novel_core.errors import NovelError, RedirectRefused, UsageError
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Page
from novel_core.processes.event_loop import run_async
from novel_core.recording import Recording, differences, outcome_of
from novel_core.registry import LoadedSource, Registry
from novel_core.runtime import Runtime


@dataclass(slots=True)
class PageCheck:
    """A recording, and what is read otherwise now, field by field."""

    recording: str
    url: str
    differences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SiteCheck:
    """The check of one site. `problem` says why it could not be read at all; `requests` were sent."""

    site: str
    pages: list[PageCheck] = field(default_factory=list)
    problem: str | None = None
    requests: int = 0

    @property
    def is_right(self) -> bool:
        return self.problem is None and not any(page.differences for page in self.pages)


def replay(runtime: Runtime, name: str) -> SiteCheck:
    """Read the recordings of the site called `name` with today's parser; nothing is requested.

    Raise UsageError where it has none.
    """
    source = runtime.registry.get(name)
    _, recordings = _recorded(runtime, name)
    check = SiteCheck(name)
    for one in recordings:
        found = differences(one.expected or {}, outcome_of(source, one.page), volatile=False)
        check.pages.append(PageCheck(one.name, one.page.url, list(map(str, found))))
    return check


def fetch_again(runtime: Runtime, name: str, switch: StopSwitch | None = None) -> SiteCheck:
    """Fetch what the proof of the site has fetched, and compare what is read of it.

    Numbers that change from day to day, and chapters that the novel has got since, are no
    difference. Raise UsageError where the site has no recordings.
    """
    source = runtime.registry.get(name)
    report, recordings = _recorded(runtime, name)
    check, requester = SiteCheck(name), Requester(runtime, switch or StopSwitch())
    assert report.novel is not None
    match = source.match(report.novel.url) or source.match(report.url)
    if match is None:
        check.problem = f"The source does not match {report.url} any more."
        return check
    try:
        _, pages, check.requests = run_async(requester.novel(source, match))
    except RedirectRefused as error:
        check.requests = requester.counts.requests
        check.problem = f"The site has moved: {error.message}"
        return check
    except NovelError as error:
        check.requests = requester.counts.requests
        check.problem = error.message
        return check
    check.problem = _other_software(runtime.registry, source, pages)
    check.pages = list(_compared(recordings, record(source, pages, match)))
    return check


def _recorded(runtime: Runtime, name: str) -> tuple[Report, list[Recording]]:
    with session(runtime.database) as opened:
        job_id = newest_proof(opened, name)
        report = load_adoption(opened, job_id).report if job_id is not None else None
        recordings = load_recordings(opened, job_id, name) if job_id is not None else []
    if report is None or not recordings:
        raise UsageError(
            f"The site {name} has no recordings: it was not proved.",
            hint="Sites that were added have some; `novel check` reads those of plugins.",
        )
    return report, recordings


def _other_software(registry: Registry, source: LoadedSource, pages: list[Page]) -> str | None:
    """What runs the site now, where its own family does not know its pages any more."""
    assert source.site is not None
    own = registry.families[source.site.family]
    if any(Inquiry([own], []).about(page) for page in pages):
        return None
    others = Inquiry(list(registry.families.values()), [])
    found = next((known for page in pages for known in others.about(page)), None)
    now = f"; it runs {found.family.title} now" if found else ""
    return f"The site has changed its software: {own.title} does not know its pages{now}."


def _compared(old: list[Recording], new: list[Recording]) -> Iterable[PageCheck]:
    """The pages that were fetched both times; a chapter that was the last is not any more."""
    found = {one.page.key: one for one in new}
    for one in old:
        again = found.get(one.page.key)
        if again is not None and one.expected is not None and again.expected is not None:
            changes = [
                str(change)
                for change in differences(one.expected, again.expected)
                if not _is_news(change.path, change.expected, change.actual)
            ]
            yield PageCheck(one.name, one.page.url, changes)


def _is_news(path: tuple[str, ...], expected: object, actual: object) -> bool:
    """Whether a difference is a chapter that was added to the list, or its place."""
    is_added = path[0] in {"chapter list", "follow"} and expected is None
    is_order = path[0] in {"chapter list", "follow"} and path[1:2] == ("order",)
    if is_order and isinstance(expected, list) and isinstance(actual, list):
        return actual[: len(expected)] == expected
    return is_added
