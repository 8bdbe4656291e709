"""The last step before the save: save hooks and sanitising over the staged items, outside of any transaction.

What comes of it lies in staging, so that the save itself is nothing but SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core import content
from novel_core.archive.batches import in_batches
from novel_core.archive.pages import keep_embedded
from novel_core.content import EmbeddedPicture
from novel_core.db.engine import session
from novel_core.db.jobs import JobFailureRow
from novel_core.db.novels import NovelRow
from novel_core.errors import PageChanged, PageTooLarge, PluginError, SourceError
from novel_core.hookspecs import SaveContext, SkipItem
from novel_core.ingest import chapter_list, staging
from novel_core.ingest.chapter_list import HeldText, KnownChapter
from novel_core.ingest.chapter_texts import CleanText, Fate, PreparedText
from novel_core.ingest.crawl_job import record_failure
from novel_core.ingest.novel_writer import CleanNovel, cleaned, embedded_pictures
from novel_core.ingest.parsing import MAX_WARNINGS
from novel_core.ingest.rereading import Rereader
from novel_core.ingest.staging import StagedChapter
from novel_core.items import Chapter
from novel_core.jobs import events, lifecycle
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.leniency import reported
from novel_core.page import Follow, Parser
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind
from novel_core.steps import limited

#: Of all parts of one chapter together: what is longer is no chapter.
MAX_CHAPTER_BYTES = 64 * 2**20


def version_of(parser: Parser) -> str:
    """The version of everything that turns a page into a saved text: the source's parser and our sanitiser."""
    return f"{parser.version}+{content.VERSION}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a save writes. `skipped` are the chapters the plugin left out, `staged` all rows of the job in staging."""

    novel: CleanNovel
    index_url: str
    texts: Sequence[PreparedText]
    skipped: frozenset[str]
    staged: int


class Preparation:
    """One job's items on their way from the parser to the save, in batches bounded in number and bytes."""

    def __init__(
        self, runtime: Runtime, claim: Claim, source: LoadedSource, switch: StopSwitch
    ) -> None:
        self._runtime = runtime
        self._claim = claim
        self._source = source
        self._switch = switch
        self._context = SaveContext(source.name, claim.job_id)
        self._version = version_of(source.parser())
        self._rereader = Rereader(runtime.database, source, self._context)
        self._skipped: set[str] = set()
        #: What texts lack of what a reader of their pages sees.
        self._left_out: list[str] = []

    def run(self, staged: int) -> Prepared:
        """`staged` rows are what the parser gave; StagingLost when they are not all there."""
        job_id = self._claim.job_id
        with session(self._runtime.database) as opened:
            staging.require(opened, job_id, staged)
            found = staging.read_novel(opened, job_id)
            known = self._held(opened)
            sized = staging.chapter_sizes(opened, job_id)
            broken = broken_chapters(opened, job_id)
        whole = [entry for entry in sized if entry[0] not in broken and not self._is_absurd(*entry)]
        texts: list[PreparedText] = []
        with reported() as problems:
            novel, index_url = self._novel(found)
            for keys in in_batches(whole, count=self._runtime.settings.batch_size):
                self._switch.check()
                prepared, rows = self._batch(keys, known)
                texts += prepared
                staged += rows
        if warnings := [*problems.lines(), *self._left_out]:
            with session(self._runtime.database) as opened:
                lifecycle.hold(opened, self._claim)
                for warning in warnings[:MAX_WARNINGS]:
                    events.record(opened, job_id, "warning", warning)
        return Prepared(novel, index_url, texts, frozenset(self._skipped), staged)

    def _held(self, opened: Session) -> dict[str, KnownChapter]:
        novel_id = opened.scalar(
            select(NovelRow.id).where(
                NovelRow.source == self._source.name,
                NovelRow.source_novel_id == self._claim.source_novel_id,
            )
        )
        return {} if novel_id is None else chapter_list.load(opened, novel_id)

    def _novel(self, found: staging.StagedNovel | None) -> tuple[CleanNovel, str]:
        if found is None:
            raise PageChanged("No page told the novel's title and data.", url=self._claim.url)
        novel, index_url = found
        if novel.source_id != self._claim.source_novel_id:
            raise PageChanged(
                f"The page is about novel {novel.source_id}, not {self._claim.source_novel_id}.",
                url=self._claim.url,
            )
        try:
            clean = limited(
                "Preparing the data of",
                index_url,
                lambda: cleaned(self._source.before_save(novel, self._context), index_url),
            )
        except SkipItem as error:
            raise PluginError(
                f"The plugin of {self._source.name} left out the novel itself."
            ) from error
        with session(self._runtime.database) as opened:
            lifecycle.hold(opened, self._claim)
            self._keep_pictures(opened, embedded_pictures(novel, index_url))
        return clean, index_url

    def _keep_pictures(self, opened: Session, pictures: Iterable[EmbeddedPicture]) -> None:
        keep_embedded(opened, pictures, job_id=self._claim.job_id, novel_id=self._claim.novel_id)

    def _is_absurd(self, source_id: str, size: int) -> bool:
        if size <= MAX_CHAPTER_BYTES:
            return False
        error = PageTooLarge(f"The pages of chapter {source_id} have {size:,} bytes together.")
        self._fail(self._claim.url, source_id, error)
        return True

    def _batch(
        self, keys: Sequence[str], known: dict[str, KnownChapter]
    ) -> tuple[list[PreparedText], int]:
        """The texts of a batch, and how many rows of staging they took."""
        with session(self._runtime.database) as opened:
            chapters = staging.load_chapters(opened, self._claim.job_id, keys)
        texts: list[PreparedText] = []
        rows: list[dict[str, Any]] = []
        pictures: list[EmbeddedPicture] = []
        for chapter in chapters:
            item, text = self._clean(chapter)
            if item is None or text is None:
                continue
            held = known[item.source_id].held if item.source_id in known else None
            kept, fate = self._decide(text, held, item.source_id)
            prepared = PreparedText(
                item.source_id, item.title, chapter.page_ids, item.edited_at, held, fate
            )
            texts.append(prepared)
            if kept is not None:
                pictures += kept.pictures
                self._left_out += [f"{item.url}: {what} was left out" for what in kept.left_out]
                rows.append(staging.text_row(self._claim.job_id, chapter, kept.columns()))
        with session(self._runtime.database) as opened:
            lifecycle.hold(opened, self._claim)
            ids = staging.write_texts(opened, rows)
            self._keep_pictures(opened, pictures)
        written = (prepared for prepared in texts if prepared.fate is not Fate.SAME)
        for prepared, row_id in zip(written, ids, strict=True):
            prepared.staged_id = row_id
        return texts, len(rows)

    def _clean(self, staged: StagedChapter) -> tuple[Chapter, CleanText] | tuple[None, None]:
        chapter = staged.chapter
        try:
            return limited(
                "Preparing the text of",
                chapter.url,
                lambda: ready(self._source.before_save(chapter, self._context)),
                chapters=(chapter.source_id,),
            )
        except SkipItem:
            self._skipped.add(chapter.source_id)
        except SourceError as error:
            self._fail(chapter.url, chapter.source_id, error)
        return None, None

    def _decide(
        self, text: CleanText, held: HeldText | None, source_id: str
    ) -> tuple[CleanText | None, Fate]:
        """What is to be written, if anything, and what for.

        "Changed" means: the new page against the archived previous page under the same parser.
        """
        if held is None:
            return text, Fate.ADDED
        if held.parser_version != self._version:
            again = self._rereader.held_text(held.text_id, source_id)
            same = again is not None and again.fingerprint == text.fingerprint
            return (again, Fate.REPAIRED) if same else (text, Fate.ADDED)
        if held.fingerprint == text.fingerprint:
            return None, Fate.SAME
        return text, Fate.ADDED

    def _fail(self, url: str, source_id: str, error: SourceError) -> None:
        page = Follow(url, PageKind.CHAPTER, chapters=(source_id,))
        record_failure(self._runtime, self._claim, page, error)


def ready(item: Chapter) -> tuple[Chapter, CleanText]:
    return item, CleanText.of(item)


def failed_chapters(opened: Session, job_id: int) -> list[tuple[list[str], int]]:
    """The chapters of each page that could not be had or read, and which part of them it was."""
    rows = opened.execute(
        select(JobFailureRow.chapter_ids, JobFailureRow.part).where(
            JobFailureRow.job_id == job_id, JobFailureRow.kind == PageKind.CHAPTER
        )
    )
    return [(ids, part) for ids, part in rows]


def broken_chapters(opened: Session, job_id: int) -> frozenset[str]:
    """Chapters of which a part is missing. A first part that another page has brought is not."""
    brought = staging.chapter_keys(opened, job_id, part=0)
    return frozenset(
        chapter
        for ids, part in failed_chapters(opened, job_id)
        for chapter in ids
        if part or chapter not in brought
    )
