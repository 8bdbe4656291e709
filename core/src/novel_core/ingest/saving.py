"""The save stage: all that a job has found becomes visible in one transaction, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from novel_core.archive import retention
from novel_core.archive.resting import SetAside, load_set_aside
from novel_core.db.engine import session
from novel_core.db.novels import NovelRow
from novel_core.db.pages import PageRow
from novel_core.errors import StorageError
from novel_core.ingest import staging
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.chapter_checks import chapter_pages, write_checks
from novel_core.ingest.chapter_list import ListChange, write_list
from novel_core.ingest.chapter_texts import TextWriter, text_version
from novel_core.ingest.first_markers import adopted_markers
from novel_core.ingest.known_chapters import KnownChapter, load_chapters
from novel_core.ingest.locked_chapters import resting_of, write_locks
from novel_core.ingest.novel_writer import WrittenNovel, kept_novel, write_novel, write_stated
from novel_core.ingest.parsing import ParseReport, parse_job
from novel_core.ingest.preparing import (
    Preparation,
    Prepared,
    broken_chapters,
    failed_chapters,
)
from novel_core.ingest.save_summary import SaveSummary
from novel_core.ingest.search_row import refresh_search_row
from novel_core.ingest.site_list import (
    SiteList,
    check_losses,
    outdated,
    still_counted,
    with_page_facts,
    with_saved_markers,
)
from novel_core.ingest.staging import StagingLost
from novel_core.ingest.volume_writer import drop_unused_headings, write_volumes
from novel_core.items import ChapterRef
from novel_core.jobs import events, lifecycle
from novel_core.source import PageKind
from novel_core.states import JobState

logger = logging.getLogger(__name__)


#: Texts written by one statement.
_BATCH = 500
#: How often one attempt parses its pages, if crashes of the server empty the staging table.
_TRIES = 3


def save_pages(attempt: Attempt) -> None:
    """Parse, prepare and save the archived pages, up to the end of the job.

    If a crash of the server empties the staging table, the pages are parsed again.
    """
    for _ in range(_TRIES):
        try:
            report = parse_job(attempt)
            prepared = Preparation(attempt).run(report.staged, report.held)
            with session(attempt.database) as opened:
                lifecycle.enter(opened, attempt.claim, JobState.SAVING, "saving")
            SaveStage(attempt, report, prepared).run()
        except StagingLost:
            logger.warning("the staged items are lost: the pages are parsed again")
        else:
            return
    raise StorageError("The database keeps losing the staged items.")


class SaveStage:
    """One job's save, from staging into the library."""

    def __init__(self, attempt: Attempt, report: ParseReport, prepared: Prepared) -> None:
        self._attempt = attempt
        self._claim = attempt.claim
        self._report = report
        self._prepared = prepared
        self._set_aside = SetAside()
        self._outdated: frozenset[str] = frozenset()
        self._parser_version = text_version(attempt.source)

    def run(self) -> None:
        """Save and finish the job, in one transaction of only SQL."""
        job_id, prepared = self._claim.job_id, self._prepared
        # Outside of the transaction: it calls the plugin.
        submitted = self._submitted_chapter()
        with session(self._attempt.database) as opened:
            now = lifecycle.hold(opened, self._claim)
            staging.require(opened, job_id, prepared.staged)
            written = self._write_novel(opened)
            known = {} if written.is_new else load_chapters(opened, written.id)
            told = {text.source_id: text for text in prepared.texts}
            self._set_aside = load_set_aside(opened, written.id, job_id).with_also(
                self._locked(opened, known, now) - told.keys()
            )
            site_list = self._site_list(opened, known)
            # Without the novel's own data only the latest changes of the list were requested.
            if prepared.novel and not self._claim.options.accept_removals:
                check_losses(known, site_list, prepared.novel, self._claim.url)
                counted = still_counted(known, site_list, written.stated_before)
                site_list = replace(site_list, still_counted=counted)
            declared = prepared.novel.volumes if prepared.novel else ()
            refs, volumes = write_volumes(opened, written.id, declared, known, site_list)
            refs = with_page_facts(self._set_aside.with_locked(refs), told)
            site_list = replace(site_list, refs=refs)
            listing = write_list(opened, written.id, known, site_list, volumes, now)
            write_locks(opened, known, self._set_aside.locked, now)
            if not written.is_new:
                drop_unused_headings(opened, written.id)
            write_stated(opened, written.id, site_list)
            texts = self._save_texts(opened, known, now)
            self._adopt_pages(opened, written.id)
            write_checks(opened, job_id, known)
            self._touch(opened, written, listing, texts, now)
            refresh_search_row(opened, written.id)
            summary = SaveSummary(known, site_list, prepared, self._set_aside, self._outdated)
            failed = failed_chapters(opened, job_id)
            for warning in summary.warnings(failed, self._report.mentioned, submitted):
                events.record(opened, job_id, "warning", warning)
            if not written.is_new:
                retention.prune_novel(
                    opened, written.id, keep_index_pages=self._attempt.settings.keep_index_pages
                )
            staging.clear(opened, job_id)
            counts = summary.counts(listing, texts)
            lifecycle.finish(opened, self._claim, novel_id=written.id, counts=counts)

    def _write_novel(self, opened: Session) -> WrittenNovel:
        source, novel = self._attempt.source.name, self._prepared.novel
        if novel is None:
            return kept_novel(opened, source, self._claim.source_novel_id or "")
        return write_novel(
            opened,
            source,
            novel,
            index_url=self._prepared.index_url,
            parser_version=self._parser_version,
        )

    def _locked(
        self, opened: Session, known: dict[str, KnownChapter], now: datetime
    ) -> frozenset[str]:
        """The chapters that pages of this job, or of one of the last day, say to be locked."""
        locked = staging.locked_keys(opened, self._claim.job_id)
        if self._claim.options.rechecks_all:
            return frozenset(locked)
        return resting_of(known, now).union(locked)

    def _submitted_chapter(self) -> str | None:
        """The id of the chapter whose URL the job was given, if it was one."""
        match = self._attempt.source.match(self._claim.source_url)
        return match.chapter_id if match else None

    def _site_list(self, opened: Session, known: dict[str, KnownChapter]) -> SiteList:
        report, job_id = self._report, self._claim.job_id
        refs = staging.read_refs(opened, job_id)
        if report.walk.is_walk:
            refs += report.walk.lines(staging.read_walked_refs(opened, job_id), known)
        return SiteList(
            self._with_saved_markers(opened, known, refs),
            is_complete=report.complete_list,
            is_feed=report.partial_list or self._set_aside.lacks_list or bool(report.held.urls),
            is_walk=report.walk.is_walk,
            stated=report.stated.total,
        )

    def _with_saved_markers(
        self, opened: Session, known: dict[str, KnownChapter], refs: list[ChapterRef]
    ) -> list[ChapterRef]:
        """The list, in which a saved chapter whose new text could not be fetched keeps its marker.

        So the next job requests it again; until then it is outdated.
        """
        job_id = self._claim.job_id
        if not known:
            return refs
        fetched = {chapter for ids, *_ in chapter_pages(opened, job_id) for chapter in ids}
        fresh = staging.chapter_keys(opened, job_id) | fetched
        fresh -= broken_chapters(opened, job_id)
        listed: dict[str, str | None] = {}
        for ref in refs:
            listed.setdefault(ref.source_id, ref.marker)
        texts = {key: chapter for key, chapter in known.items() if chapter.text_id}
        fresh |= adopted_markers(listed, texts)
        self._outdated = outdated(refs, known, fresh)
        return with_saved_markers(refs, known, fresh=fresh)

    def _save_texts(
        self, opened: Session, known: dict[str, KnownChapter], now: datetime
    ) -> TextWriter:
        writer = TextWriter(
            opened, job_id=self._claim.job_id, parser_version=self._parser_version, now=now
        )
        # A page may have a chapter that is not on the list: the summary names it.
        listed = [
            (known[text.source_id], text)
            for text in self._prepared.texts
            if text.source_id in known
        ]
        if any(chapter.saved != text.saved for chapter, text in listed):
            # Another process has written the novel's texts meanwhile (a reparse).
            raise StagingLost
        for start in range(0, len(listed), _BATCH):
            self._attempt.switch.check()
            writer.write(listed[start : start + _BATCH])
        return writer

    def _adopt_pages(self, opened: Session, novel_id: int) -> None:
        opened.execute(
            update(PageRow)
            .where(PageRow.job_id == self._claim.job_id, PageRow.novel_id.is_(None))
            .values(novel_id=novel_id)
        )
        if held := self._report.held.urls:
            _keep_held(opened, novel_id, held, self._claim.job_id)

    def _touch(
        self,
        opened: Session,
        written: WrittenNovel,
        listing: ListChange,
        texts: TextWriter,
        now: datetime,
    ) -> None:
        changed = written.is_changed or listing.is_changed or texts.new or texts.changed
        values = {"checked_at": now} | ({"updated_at": now} if changed else {})
        opened.execute(update(NovelRow).where(NovelRow.id == written.id).values(values))


def _keep_held(opened: Session, novel_id: int, urls: Sequence[str], job_id: int) -> None:
    """Make the newest copies of the list's pages that were not requested pages of this job.

    They are the newest list, together with the job's own pages.
    """
    newest = (
        select(func.max(PageRow.id))
        .where(
            PageRow.novel_id == novel_id,
            PageRow.kind == PageKind.INDEX,
            PageRow.requested_url.in_(urls),
        )
        .group_by(PageRow.requested_url)
    )
    opened.execute(
        update(PageRow)
        .where(PageRow.id.in_(newest))
        .values(job_id=job_id)
        .execution_options(synchronize_session=False)
    )
