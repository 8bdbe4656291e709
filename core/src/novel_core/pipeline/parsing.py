"""The parse stage: the source's parser over the archived pages, into staging. It requests nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from novel_core.db.engine import session
from novel_core.db.pages import PageRow
from novel_core.errors import NovelError, PageChanged, PluginError, SourceError
from novel_core.items import Chapter, ChapterRef, Item, Novel
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.pipeline import events, lifecycle, staging
from novel_core.pipeline.archive import as_page, pages_of_job
from novel_core.pipeline.crawl_job import record_failure
from novel_core.pipeline.lifecycle import Claim
from novel_core.pipeline.stopping import StopSwitch
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind

#: From this many chapters on, if none at all can be read, the site has changed and the job says so.
TELLING = 3
#: More warnings than this say nothing new.
MAX_WARNINGS = 50


@dataclass(slots=True)
class ParseCounts:
    read: int = 0
    failed: int = 0
    first_error: NovelError | None = None
    warnings: int = 0


def parse_job(runtime: Runtime, claim: Claim, source: LoadedSource, switch: StopSwitch) -> int:
    """Fill the staging area from the job's pages; the number of chapter pages that could not be read.

    A broken index page is an error of the job. A broken chapter page is a gap, unless every one is broken.
    """
    parser = source.parser()
    counts = ParseCounts()
    with session(runtime.database) as opened:
        lifecycle.enter_parsing(opened, claim)
        staging.clear(opened, claim.job_id)
    for rows in _batches(runtime, claim):
        switch.check()
        items: list[dict[str, Any]] = []
        warnings: list[str] = []
        for row in rows:
            page = as_page(row)
            try:
                parsed = parse_page(parser, source.name, page)
            except (SourceError, PluginError) as error:
                _reject(runtime, claim, row.id, page, error, counts)
            else:
                counts.read += page.kind is PageKind.CHAPTER
                items += [
                    staging.as_row(claim.job_id, row.id, page.position, item)
                    for item in listed(page, parsed)
                ]
                warnings += [f"{page.url}: {warning}" for warning in parsed.warnings]
        with session(runtime.database) as opened:
            lifecycle.hold(opened, claim)
            staging.write(opened, items)
            for warning in warnings[: max(0, MAX_WARNINGS - counts.warnings)]:
                events.record(opened, claim.job_id, "warning", warning)
        counts.warnings += len(warnings)
    if counts.first_error and not counts.read and counts.failed >= TELLING:
        raise counts.first_error
    return counts.failed


def _batches(runtime: Runtime, claim: Claim) -> Iterator[Sequence[PageRow]]:
    """The job's pages to read, in the order they were fetched. No transaction is open while one batch is read."""
    kinds = (PageKind.INDEX, PageKind.CHAPTER)
    size, last = runtime.settings.batch_size, 0
    while True:
        with session(runtime.database) as opened:
            rows = pages_of_job(opened, claim.job_id, kinds, after=last, limit=size)
        if rows:
            yield rows
        if len(rows) < size:
            return
        last = rows[-1].id


def parse_page(parser: Parser, source: str, page: Page) -> Parsed:
    """One page's items; a bug in the parser becomes a PluginError that names the page."""
    try:
        parsed = parser.parse(page)
    except SourceError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"The parser of {source} failed on {page.url}: {type(error).__name__}: {error}"
        ) from error
    texts = {item.source_id for item in parsed.items if isinstance(item, Chapter)}
    if page.kind is PageKind.CHAPTER and not texts.issuperset(page.chapters):
        missing = ", ".join(sorted(set(page.chapters) - texts))
        raise PageChanged(f"The page carries no text of chapter {missing}.", url=page.url)
    return parsed


def listed(page: Page, parsed: Parsed) -> Iterator[Item]:
    """The page's items; on a novel's own page a chapter's text also stands for its line in the list."""
    refs = {item.source_id for item in parsed.items if isinstance(item, ChapterRef)}
    for item in parsed.items:
        if page.kind is PageKind.CHAPTER and isinstance(item, Novel | ChapterRef):
            continue  # a chapter page's view of the list is partial
        if page.kind is PageKind.INDEX and isinstance(item, Chapter) and item.source_id not in refs:
            refs.add(item.source_id)
            yield ChapterRef(
                source_id=item.source_id,
                title=item.title,
                url=item.url,
                published_at=item.published_at,
            )
        yield item


def _reject(
    runtime: Runtime,
    claim: Claim,
    page_id: int,
    page: Page,
    error: NovelError,
    counts: ParseCounts,
) -> None:
    with session(runtime.database) as opened:
        lifecycle.hold(opened, claim)
        opened.execute(update(PageRow).where(PageRow.id == page_id).values(problem=error.code))
    if page.kind is PageKind.INDEX:
        raise error
    counts.failed += 1
    if counts.first_error is None:
        # Without its traceback, which would hold the page and its document in memory.
        error.__cause__ = error.__context__ = None
        counts.first_error = error.with_traceback(None)
    follow = Follow(page.requested_url, page.kind, chapters=page.chapters, part=page.part)
    record_failure(runtime, claim, follow, error)
