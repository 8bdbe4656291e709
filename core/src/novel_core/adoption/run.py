"""A job that proves a site, and the proof before the first job of an unverified one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from novel_core.adoption.added import add_site, is_proved, load_wishes, mark_proved, show_hosts
from novel_core.adoption.candidate import REQUESTS, Search
from novel_core.adoption.recognition import Inquiry, Recognised
from novel_core.adoption.recordings import record, save_proof
from novel_core.adoption.report import Report
from novel_core.adoption.reporting import report_of
from novel_core.adoption.requester import Requester
from novel_core.adoption.wishes import Wishes
from novel_core.crawl.allowance import Allowance
from novel_core.db.engine import session
from novel_core.errors import HostsUnconfirmed, LeaseLost, NotRecognised, ProofFailed, StorageError
from novel_core.jobs import events, lifecycle
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Page
from novel_core.processes.event_loop import run_async
from novel_core.recording import Recording
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import UrlKind, UrlMatch
from novel_core.states import JobState
from novel_core.steps import with_beat


@dataclass(frozen=True, slots=True)
class Proved:
    """The report of a proof, and the pages that it saw."""

    report: Report
    recordings: list[Recording]


def adopt(runtime: Runtime, claim: Claim, switch: StopSwitch) -> None:
    """Prove the site of the job's URL, and end the job; ProofFailed where the verdict is against it.

    With the wish `yes` the site is added in the same transaction.
    """
    with session(runtime.database) as opened:
        wishes = load_wishes(opened, claim.job_id)
    requester = Requester(runtime, switch)
    try:
        proved = run_async(with_beat(_adopted(requester, claim.url, wishes)))
    except HostsUnconfirmed as error:
        with session(runtime.database) as opened:
            lifecycle.hold(opened, claim)
            show_hosts(opened, claim.job_id, error.hosts)
        raise
    finally:
        _write_counts(requester, claim)
    report = proved.report
    with session(runtime.database) as opened:
        lifecycle.hold(opened, claim)
        save_proof(opened, claim.job_id, report, proved.recordings)
        if not report.refusals:
            what = f"{report.software}: {report.verdict}"
            lifecycle.enter(opened, claim, JobState.DONE, what, run_after=None)
            if wishes.yes:
                name = add_site(opened, claim.job_id)
                events.record(opened, claim.job_id, "note", f"added as {name}")
    _require(report)


def prove_first_use(
    runtime: Runtime, claim: Claim, source: LoadedSource, switch: StopSwitch
) -> Claim:
    """Prove an unverified site, once for all machines; the claim with the requests that this cost.

    Raise ProofFailed where the verdict is against it.
    """
    site = source.site
    assert site is not None
    with session(runtime.database) as opened:
        if is_proved(opened, claim.source):
            return claim
        told = f"{site.title or site.host} is unverified, so it is proved first"
        events.record(opened, claim.job_id, "note", told)
    requester = Requester(runtime, switch)
    kind = UrlKind(claim.kind)
    match = UrlMatch(kind, claim.url, claim.source_novel_id, claim.source_chapter_id)
    try:
        proved = run_async(with_beat(_proved(requester, source, match)))
    finally:
        _write_counts(requester, claim)
    with session(runtime.database) as opened:
        lifecycle.hold(opened, claim)
        save_proof(opened, claim.job_id, proved.report, proved.recordings)
        if not proved.report.refusals:
            mark_proved(opened, claim.job_id, claim.source)
            what = f"{claim.source}: {proved.report.verdict}"
            events.record(opened, claim.job_id, "note", what)
    _require(proved.report)
    return replace(claim, requests_before=claim.requests_before + requester.counts.requests)


async def _adopted(requester: Requester, url: str, wishes: Wishes) -> Proved:
    allowance = Allowance(REQUESTS)
    found = await Search(requester, wishes, allowance).candidate(url)
    reading, seen, sent = await requester.novel(found.source, found.match, found.page)
    sent += REQUESTS - allowance.left
    robots = await requester.robots(found.source)
    report = report_of(url, found.known, found.source, reading, robots=robots, requests=sent)
    return Proved(report, record(found.source, seen, found.match))


async def _proved(requester: Requester, source: LoadedSource, match: UrlMatch) -> Proved:
    reading, seen, sent = await requester.novel(source, match)
    known = recognised_again(requester.runtime, source, seen)
    robots = await requester.robots(source)
    report = report_of(match.url, known, source, reading, robots=robots, requests=sent)
    return Proved(report, record(source, seen, match))


def recognised_again(runtime: Runtime, source: LoadedSource, pages: list[Page]) -> Recognised:
    """What the source's own family says of its pages; NotRecognised where it knows none of them."""
    site = source.site
    assert site is not None
    family = runtime.registry.families[site.family]
    inquiry = Inquiry([family], [])
    for page in pages:
        if found := inquiry.about(page):
            return found[0]
    faults = f" {' '.join(inquiry.faults)}" if inquiry.faults else ""
    raise NotRecognised(
        f"{site.host} does not run {family.title} as far as its pages tell.{faults}",
        hint="The site may have changed its software: open it in a browser.",
    )


def _require(report: Report) -> None:
    if report.refusals:
        raise ProofFailed(" ".join(report.refusals), url=report.url)


def _write_counts(requester: Requester, claim: Claim) -> None:
    """Write what was requested so far to the job."""
    counts = requester.counts
    with suppress(LeaseLost, StorageError), session(requester.runtime.database) as opened:
        lifecycle.progress(
            opened, claim, requests=counts.requests, pages=counts.pages, expected=counts.pages
        )
