"""The parse stage: archived pages through the source's parser into staging."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update

from novel_core.archive.pages import as_page, in_batches, load_pages, sizes_of_pages
from novel_core.content.visible import without_hidden
from novel_core.db.engine import session
from novel_core.db.pages import PageRow
from novel_core.errors import Locked, NovelError, PluginError, SourceError
from novel_core.ingest import staging
from novel_core.ingest.attempt import MAX_WARNINGS, Attempt
from novel_core.ingest.held_list import HeldPages
from novel_core.ingest.lacking_texts import LackingTexts, TextsMissing
from novel_core.ingest.stated_totals import StatedTotals
from novel_core.ingest.walk import Walk, line_of, lines_on
from novel_core.items import Access, Chapter, ChapterRef, Item, Novel
from novel_core.jobs import events, lifecycle
from novel_core.logs import about_page
from novel_core.page import Follow, Page, Parsed, Parser, parse_reported
from novel_core.registry.lost_pages import explained
from novel_core.source import PageKind
from novel_core.states import JobState
from novel_core.steps import limited

#: So many chapter pages of which none can be read mean that the site has changed.
SIGNIFICANT = 3


@dataclass(slots=True)
class ParseReport:
    """What the save needs besides the staged items.

    `staged` is the number of staged rows; `complete_list`, `partial_list` and `stated` are as in
    `Parsed`. `walk` knows the order of a novel without a list. `mentioned` are titles by id from
    chapter lists on other chapter pages, which show a part of the list only. `held` knows the
    pages of the list that were not requested.
    """

    read: int = 0
    failed: int = 0
    staged: int = 0
    first_error: NovelError | None = None
    warnings: int = 0
    mentioned: dict[str, str] = field(default_factory=dict)
    complete_list: bool = False
    partial_list: bool = False
    stated: StatedTotals = field(default_factory=StatedTotals)
    walk: Walk = field(default_factory=Walk)
    held: HeldPages = field(default_factory=HeldPages)

    def note(
        self, page_id: int, page: Page, parsed: Parsed, follows: Sequence[Follow]
    ) -> list[str]:
        """Count a page that could be read; its warnings."""
        self.walk.note(page_id, page, parsed, follows)
        if page.kind is PageKind.INDEX:
            self.held.note(page, follows)
            self.complete_list |= parsed.complete_list
            self.partial_list |= parsed.partial_list
        else:
            self.read += 1
        if page.kind is PageKind.CHAPTER and not self.walk.is_walk:
            self.mentioned |= {
                item.source_id: item.title for item in parsed.items if isinstance(item, ChapterRef)
            }
        return [*parsed.warnings, *self.stated.add(parsed.stated)]


def parse_job(attempt: Attempt) -> ParseReport:
    """Parse the job's pages into staging.

    A broken index page ends the job. A broken chapter page is a gap, unless all are broken.
    """
    job_id = attempt.job_id
    report = ParseReport()
    lacking = LackingTexts(attempt)
    with session(attempt.database) as opened:
        claim = attempt.claim
        lifecycle.enter(opened, claim, JobState.PARSING, "reading the fetched pages")
        staging.clear(opened, job_id)
    for rows in _batches(attempt):
        attempt.switch.check()
        items: list[dict[str, Any]] = []
        warnings: list[str] = []
        for row in rows:
            page = as_page(row)
            try:
                parsed, follows = _read(attempt, page, is_walk=report.walk.is_walk)
            except (SourceError, PluginError) as error:
                cause = explained(attempt.source, page, error)
                _reject(attempt, row.id, page, cause, report, lacking)
                continue
            locked = locked_on(page, parsed)
            lacking.note(row.id, page, parsed, {ref.source_id for ref in locked})
            told = report.note(row.id, page, parsed, follows)
            warnings += [about_page(page.address, warning) for warning in told]
            items += [
                staging.as_row(job_id, row.id, page.position, item) for item in listed(page, parsed)
            ]
            items += [
                staging.as_row(job_id, row.id, page.position, ref, kind=staging.LOCKED)
                for ref in locked
            ]
            if page.kind is PageKind.CHAPTER and report.walk.is_walk:
                items += [
                    staging.as_row(job_id, row.id, page.position, ref, kind=staging.WALKED)
                    for ref in lines_on(parsed, follows)
                ]
        with attempt.transaction() as opened:
            staging.write(opened, items)
            report.staged += len(items)
            for warning in warnings[: max(0, MAX_WARNINGS - report.warnings)]:
                events.record(opened, job_id, "warning", warning)
        report.warnings += len(warnings)
    lacking.write()
    if report.warnings > MAX_WARNINGS:
        attempt.warn([f"{report.warnings - MAX_WARNINGS:,} more warnings are not kept."])
    if report.first_error and not report.read and report.failed >= SIGNIFICANT:
        raise report.first_error
    return report


def _batches(attempt: Attempt) -> Iterator[Sequence[PageRow]]:
    """The job's pages to parse: those of the list, then the others, in the order of fetching.

    No transaction is open while a batch is parsed.
    """
    with session(attempt.database) as opened:
        sized = sizes_of_pages(opened, attempt.job_id, PageKind.INDEX, PageKind.CHAPTER)
    for page_ids in in_batches(sized, count=attempt.settings.batch_size):
        with session(attempt.database) as opened:
            rows = load_pages(opened, page_ids)
        yield rows


def _read(attempt: Attempt, page: Page, *, is_walk: bool) -> tuple[Parsed, Sequence[Follow]]:
    """What is on a page and where it leads; the crawl may have parsed it."""
    parser, source = attempt.source.parser(), attempt.source.name
    links = attempt.parsed.take(page)
    parsed = parse_page(parser, source, page, links.parsed if links else None)
    if links is not None:
        return parsed, links.follows
    if is_walk or page.kind is PageKind.INDEX:
        return parsed, follows_on(parser, source, page, parsed)
    return parsed, parsed.follow


def parse_page(parser: Parser, source: str, page: Page, parsed: Parsed | None = None) -> Parsed:
    """Parse one page, unless the crawl has `parsed` it, and check what the parser returned.

    A bug in the parser becomes a PluginError that names the page.
    """
    if parsed is None:
        parsed = _seen_on(parser, source, page)
    unexpected = _unexpected(parsed)
    if unexpected is not None:
        raise PluginError(f"The parser of {source} returned {unexpected} for {page.url}.")
    has_text = any(isinstance(item, Chapter) for item in parsed.items)
    if page.kind is PageKind.CHAPTER and page.chapters and not has_text:
        locked = {ref.source_id for ref in locked_on(page, parsed)}
        if not locked:
            raise TextsMissing.on(page, page.chapters)
        if locked.issuperset(page.chapters):
            raise Locked("The page says that its chapters are locked.", url=page.url)
    return parsed


def _seen_on(parser: Parser, source: str, page: Page) -> Parsed:
    """What a reader sees of the page."""
    with _plugin_errors(source, page):
        parsed = limited(
            f"The parser of {source} on", page.address, lambda: parse_reported(parser, page)
        )
        if isinstance(parsed, Parsed):
            parsed = limited(
                "Removing what is hidden on", page.address, lambda: without_hidden(page, parsed)
            )
        return parsed


def locked_on(page: Page, parsed: Parsed) -> list[ChapterRef]:
    """The chapters that a chapters' page was requested for and says to be locked."""
    if page.kind is not PageKind.CHAPTER:
        return []
    texts = {item.source_id for item in parsed.items if isinstance(item, Chapter)}
    return [
        item
        for item in parsed.items
        if isinstance(item, ChapterRef)
        and item.access is Access.LOCKED
        and item.source_id in page.chapters
        and item.source_id not in texts
    ]


def follows_on(parser: Parser, source: str, page: Page, parsed: Parsed) -> Sequence[Follow]:
    """Where the page leads; a parser may name that apart from the items."""
    if type(parser).follow is Parser.follow:
        return parsed.follow
    with _plugin_errors(source, page):
        return limited("Looking for links on", page.address, lambda: parser.follow(page))


@contextmanager
def _plugin_errors(source: str, page: Page) -> Iterator[None]:
    try:
        yield
    except (SourceError, PluginError):
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"The parser of {source} failed on {page.url}: {type(error).__name__}: {error}"
        ) from error


def _unexpected(parsed: object) -> str | None:
    """What a parser returned against its contract; a type checker reports that too."""
    if not isinstance(parsed, Parsed):
        return f"{type(parsed).__name__} instead of Parsed"
    kinds = {type(item).__name__ for item in parsed.items if type(item) not in staging.KINDS}
    return f"{', '.join(sorted(kinds))} among the items" if kinds else None


def listed(page: Page, parsed: Parsed) -> Iterator[Item]:
    """The page's items; on a novel's own page a chapter's text is also its entry in the list."""
    refs = {item.source_id for item in parsed.items if isinstance(item, ChapterRef)}
    for item in parsed.items:
        if page.kind is PageKind.CHAPTER and isinstance(item, Novel | ChapterRef):
            # A chapter page shows a part of the list only.
            continue
        if page.kind is PageKind.INDEX and isinstance(item, Chapter) and item.source_id not in refs:
            refs.add(item.source_id)
            yield line_of(item)
        yield item


def _reject(
    attempt: Attempt,
    page_id: int,
    page: Page,
    error: NovelError,
    report: ParseReport,
    lacking: LackingTexts,
) -> None:
    with attempt.transaction() as opened:
        opened.execute(update(PageRow).where(PageRow.id == page_id).values(problem=error.code))
    if page.is_optional:
        attempt.warn([f"{page.url} is optional and was left out: {error.message}"])
        return
    if page.kind is PageKind.INDEX:
        raise error
    if isinstance(error, Locked):
        return
    report.failed += 1
    if report.first_error is None:
        # Without its traceback, which would hold the page and its document in memory.
        error.__cause__ = error.__context__ = None
        report.first_error = error.with_traceback(None)
    lacking.reject(page_id, page, error)
