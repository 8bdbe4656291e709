"""A job that reads a site's list of recent changes, for all of its watched novels at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.adoption.pages import SitePages
from novel_core.crawl.delegate import CrawlCounts
from novel_core.crawl.politeness import make_pacer
from novel_core.db.engine import session
from novel_core.db.service import RecentListRow
from novel_core.errors import LeaseLost, PageChanged, StorageError
from novel_core.jobs import lifecycle
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.leniency import shown
from novel_core.page import ChangedNovel, Follow, Page, parse_reported
from novel_core.plurals import several
from novel_core.processes.event_loop import run_async
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind
from novel_core.states import JobState
from novel_core.steps import limited, with_beat


def read_list(runtime: Runtime, claim: Claim, switch: StopSwitch) -> None:
    """Read the list at the claim's URL, keep what it says, and end the job.

    PageChanged where it names no novel: an empty list tells nothing.
    """
    source = runtime.registry.get(claim.source)
    counts = CrawlCounts()
    try:
        page = run_async(with_beat(_fetched(runtime, source, claim.url, switch, counts)))
    finally:
        with suppress(LeaseLost, StorageError), session(runtime.database) as opened:
            lifecycle.progress(
                opened, claim, requests=counts.requests, pages=counts.pages, expected=1
            )
    parsed = limited("Parsing", page.address, lambda: parse_reported(source.parser(), page))
    changes = _checked(parsed.recent, page)
    with session(runtime.database) as opened:
        lifecycle.hold(opened, claim)
        _keep(opened, claim.source, changes)
        told = f"the list names {several(len(changes), 'novel')}"
        lifecycle.enter(opened, claim, JobState.DONE, told, run_after=None)


async def _fetched(
    runtime: Runtime, source: LoadedSource, url: str, switch: StopSwitch, counts: CrawlCounts
) -> Page:
    pacer = make_pacer(source.info, runtime.settings, runtime.redis_url)
    try:
        pages = SitePages(runtime, source, pacer, switch, None, counts)
        return await pages.fetch(Follow(url, PageKind.INDEX))
    finally:
        await pacer.close()


def _checked(recent: Sequence[ChangedNovel], page: Page) -> dict[str, datetime]:
    """The last change of each novel."""
    changes: dict[str, datetime] = {}
    for one in recent:
        if one.changed_at.utcoffset() is None:
            raise PageChanged(
                f"The list of recent changes has a time without a zone: {shown(one.changed_at)}.",
                url=page.url,
            )
        known = changes.get(one.novel_id)
        changes[one.novel_id] = max(known, one.changed_at) if known else one.changed_at
    if not changes:
        raise PageChanged("The list of recent changes names no novel.", url=page.url)
    return changes


def _keep(opened: Session, source: str, changes: dict[str, datetime]) -> None:
    kept = {
        "read_at": func.now(),
        "reaches_back_to": min(changes.values()),
        "changes": {novel: moment.isoformat() for novel, moment in changes.items()},
    }
    opened.execute(
        insert(RecentListRow)
        .values(source=source, **kept)
        .on_conflict_do_update(index_elements=["source"], set_=kept)
    )
