"""The save stage: everything a job has found becomes visible in one transaction, or nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core import content
from novel_core.db.chapters import ChapterCheckRow
from novel_core.db.engine import session
from novel_core.db.jobs import JobFailureRow
from novel_core.db.novels import NovelRow
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.errors import PageChanged, PluginError, SourceError
from novel_core.hookspecs import SaveContext, SkipItem
from novel_core.items import Chapter, ChapterRef, Novel
from novel_core.page import Follow, Parser
from novel_core.pipeline import chapter_list, events, lifecycle, retention, staging
from novel_core.pipeline.chapter_list import KnownChapter, ListChange
from novel_core.pipeline.chapter_texts import CleanText, SavedText, TextWriter
from novel_core.pipeline.crawl_job import write_failure
from novel_core.pipeline.events import enumerated
from novel_core.pipeline.lifecycle import Claim
from novel_core.pipeline.novel_writer import WrittenNovel, write_novel, write_volumes
from novel_core.pipeline.parsing import ParseReport
from novel_core.pipeline.rereading import Rereader
from novel_core.pipeline.shelving import shelve
from novel_core.pipeline.stopping import StopSwitch
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind


def version_of(parser: Parser) -> str:
    """The version of everything that turns a page into a saved text: the source's parser and our sanitiser."""
    return f"{parser.version}+{content.VERSION}"


@dataclass(frozen=True, slots=True)
class SaveCounts:
    """Chapters of the site's list, by what this job did with them; `total` is their number.

    `locked` and `failed` have no text; `removed` have newly vanished and are not in `total`.
    """

    total: int
    new: int
    changed: int
    unchanged: int
    locked: int
    removed: int
    failed: int

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


class SaveStage:
    """One job's save, from staging into the library."""

    def __init__(
        self,
        runtime: Runtime,
        claim: Claim,
        source: LoadedSource,
        switch: StopSwitch,
        report: ParseReport,
    ) -> None:
        self._runtime = runtime
        self._claim = claim
        self._source = source
        self._switch = switch
        self._report = report
        self._context = SaveContext(source.name, claim.job_id)
        self._parser_version = version_of(source.parser())
        self._skipped: set[str] = set()
        self._unlisted: dict[str, str] = dict(report.mentioned)  # titles
        self._broken: frozenset[str] = frozenset()

    def run(self) -> SaveCounts:
        """Save and finish the job, in one transaction."""
        with session(self._runtime.database) as opened:
            now = lifecycle.hold(opened, self._claim)
            written, novel = self._save_novel(opened)
            known = {} if written.is_new else chapter_list.load(opened, written.id)
            self._broken = _broken_chapters(opened, self._claim.job_id)
            refs = self._with_markers_held(opened, known)
            if not (self._report.complete_list or self._claim.options.accept_removals):
                chapter_list.check_losses(known, refs, novel, self._claim.url)
            volumes = write_volumes(opened, written.id, novel.volumes, refs)
            listing = chapter_list.write(opened, written.id, known, refs, volumes, now)
            texts = self._save_texts(opened, known, now)
            self._adopt_pages(opened, written.id)
            _remember_checks(opened, self._claim.job_id, known)
            self._touch(opened, written, listing, texts, now)
            shelve(opened, written.id)
            counts = self._count(known, refs, listing, texts)
            self._tell(opened, known, refs)
            if not written.is_new:
                retention.prune_novel(
                    opened, written.id, keep_index_pages=self._runtime.settings.keep_index_pages
                )
            staging.clear(opened, self._claim.job_id)
            lifecycle.finish(opened, self._claim, novel_id=written.id, counts=counts.as_dict())
        return counts

    def _save_novel(self, opened: Session) -> tuple[WrittenNovel, Novel]:
        staged = staging.read_novel(opened, self._claim.job_id)
        if staged is None:
            raise PageChanged("No page told the novel's title and data.", url=self._claim.url)
        novel, index_url = staged
        if novel.source_id != self._claim.source_novel_id:
            raise PageChanged(
                f"The page is about novel {novel.source_id}, not {self._claim.source_novel_id}.",
                url=self._claim.url,
            )
        try:
            novel = self._source.before_save(novel, self._context)
        except SkipItem as error:
            raise PluginError(
                f"The plugin of {self._source.name} left out the novel itself."
            ) from error
        written = write_novel(
            opened,
            self._source.name,
            novel,
            index_url=index_url,
            parser_version=self._parser_version,
        )
        return written, novel

    def _with_markers_held(
        self, opened: Session, known: dict[str, KnownChapter]
    ) -> list[ChapterRef]:
        """The chapter list; a held chapter whose new text could not be had keeps its marker, and is asked for again."""
        job_id = self._claim.job_id
        refs = staging.read_refs(opened, job_id)
        if not known:
            return refs
        fresh = (staging.chapter_keys(opened, job_id) | _answered(opened, job_id)) - self._broken
        return [
            ref.model_copy(update={"marker": chapter.marker})
            if (chapter := known.get(ref.source_id))
            and chapter.text_id
            and ref.source_id not in fresh
            else ref
            for ref in refs
        ]

    def _save_texts(
        self, opened: Session, known: dict[str, KnownChapter], now: datetime
    ) -> TextWriter:
        rereader = Rereader(opened, self._source, self._context)
        writer = TextWriter(
            opened,
            job_id=self._claim.job_id,
            parser_version=self._parser_version,
            now=now,
            previous=rereader.held_text,
        )
        batch = self._runtime.settings.batch_size
        for staged in staging.read_chapters(opened, self._claim.job_id, batch):
            self._switch.check()
            writer.write(
                [
                    saved
                    for chapter in staged
                    if (saved := self._prepare(opened, chapter, known)) is not None
                ]
            )
        return writer

    def _prepare(
        self, opened: Session, staged: staging.StagedChapter, known: dict[str, KnownChapter]
    ) -> SavedText | None:
        chapter = known.get(staged.chapter.source_id)
        if chapter is None:
            self._unlisted[staged.chapter.source_id] = staged.chapter.title
            return None
        if staged.chapter.source_id in self._broken:
            return None  # a part is missing: a gap, not a shorter chapter
        try:
            item = self._source.before_save(staged.chapter, self._context)
        except SkipItem:
            self._skipped.add(staged.chapter.source_id)
            return None
        assert isinstance(item, Chapter)
        try:
            text = CleanText.of(item)
        except SourceError as error:
            page = Follow(item.url, PageKind.CHAPTER, chapters=(item.source_id,))
            write_failure(opened, self._claim.job_id, page, error)
            return None
        return SavedText(chapter, item, staged.page_ids, text)

    def _adopt_pages(self, opened: Session, novel_id: int) -> None:
        opened.execute(
            update(PageRow)
            .where(PageRow.job_id == self._claim.job_id, PageRow.novel_id.is_(None))
            .values(novel_id=novel_id)
        )

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

    def _tell(
        self, opened: Session, known: dict[str, KnownChapter], refs: Sequence[ChapterRef]
    ) -> None:
        """What the job's pages do not explain by themselves: no chapter vanishes without a word."""
        failed = _failed_chapters(opened, self._claim.job_id)
        told = {chapter for ids, _ in failed for chapter in ids} | self._skipped
        silent = [
            ref.source_id
            for ref in refs
            if not (chapter := known[ref.source_id]).text_id
            and not chapter_list.is_locked(chapter)
            and ref.source_id not in told
        ]
        unlisted = [f"{key} ({title})" for key, title in self._unlisted.items() if key not in known]
        warnings = [
            ("No page was asked for that carries the text of these listed chapters", silent),
            ("Pages carry these chapters, which the chapter list does not name", unlisted),
        ]
        for words, chapters in warnings:
            if chapters:
                events.record(
                    opened, self._claim.job_id, "warning", f"{words}: {enumerated(chapters)}"
                )
        if not refs:
            events.record(opened, self._claim.job_id, "warning", "The chapter list is empty.")

    def _count(
        self,
        known: dict[str, KnownChapter],
        refs: Sequence[ChapterRef],
        listing: ListChange,
        texts: TextWriter,
    ) -> SaveCounts:
        present = {ref.source_id: known[ref.source_id] for ref in refs}
        locked = sum(chapter_list.is_locked(chapter) for chapter in present.values())
        missing = sum(
            chapter.text_id is None and source_id not in self._skipped
            for source_id, chapter in present.items()
        )
        gaps = missing - locked
        ids = {chapter.id for chapter in present.values()}
        new, changed = len(texts.new & ids), len(texts.changed & ids)
        return SaveCounts(
            total=len(present),
            new=new,
            changed=changed,
            unchanged=len(present) - new - changed - locked - gaps,
            locked=locked,
            removed=listing.removed,
            failed=gaps,
        )


def _failed_chapters(opened: Session, job_id: int) -> list[tuple[list[str], int]]:
    """The chapters of each page that could not be had or read, and which part of them it was."""
    rows = opened.execute(
        select(JobFailureRow.chapter_ids, JobFailureRow.part).where(
            JobFailureRow.job_id == job_id, JobFailureRow.kind == PageKind.CHAPTER
        )
    )
    return [(ids, part) for ids, part in rows]


def _broken_chapters(opened: Session, job_id: int) -> frozenset[str]:
    """Chapters of which a part is missing. A first part that another page has brought is not."""
    brought = staging.chapter_keys(opened, job_id, part=0)
    return frozenset(
        chapter
        for ids, part in _failed_chapters(opened, job_id)
        for chapter in ids
        if part or chapter not in brought
    )


def _answered(opened: Session, job_id: int) -> set[str]:
    """Chapters whose page came, or was answered with "not modified"."""
    ids = opened.scalars(
        select(func.unnest(PageRow.chapter_ids)).where(
            PageRow.job_id == job_id,
            PageRow.kind == PageKind.CHAPTER,
            PageRow.problem.is_(None),
        )
    )
    return set(ids)


def _remember_checks(opened: Session, job_id: int, known: dict[str, KnownChapter]) -> None:
    """When each chapter's page was asked for, and the validators of the answer (a 304 keeps those of the copy held)."""
    pages = opened.execute(
        select(PageRow.chapter_ids, PageRow.headers, PageRow.fetched_at).where(
            PageRow.job_id == job_id,
            PageRow.kind == PageKind.CHAPTER,
            PageRow.problem.is_(None),
        )
    )
    # A text may stand on a page of the list, whose validators are no chapter's.
    listed = opened.execute(
        select(StagedItemRow.key, PageRow.fetched_at)
        .join(PageRow, PageRow.id == StagedItemRow.page_id)
        .where(
            StagedItemRow.job_id == job_id,
            StagedItemRow.kind == staging.KINDS[Chapter],
            PageRow.kind == PageKind.INDEX,
        )
    )
    checks: list[tuple[list[str], dict[str, str], datetime]] = [
        ([source_id], {}, fetched_at) for source_id, fetched_at in listed
    ]
    checks += [(ids, headers, fetched_at) for ids, headers, fetched_at in pages]
    rows = {
        known[source_id].id: {
            "chapter_id": known[source_id].id,
            "checked_at": fetched_at,
            "etag": headers.get("etag"),
            "last_modified": headers.get("last-modified"),
        }
        for chapter_ids, headers, fetched_at in checks
        for source_id in chapter_ids
        if source_id in known
    }
    if not rows:
        return
    statement = insert(ChapterCheckRow)
    fresh = statement.excluded
    opened.execute(
        statement.on_conflict_do_update(
            index_elements=["chapter_id"],
            set_={
                "checked_at": fresh.checked_at,
                "etag": func.coalesce(fresh.etag, ChapterCheckRow.etag),
                "last_modified": func.coalesce(fresh.last_modified, ChapterCheckRow.last_modified),
            },
        ),
        list(rows.values()),
    )
