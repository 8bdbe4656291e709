"""The last stage before the save: save hooks and sanitising over the staged items.

It runs outside any transaction and puts its results into staging, so the save itself is only SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.archive.pages import in_batches, keep_embedded
from novel_core.content import EmbeddedPicture
from novel_core.db.engine import session
from novel_core.db.jobs import JobFailureRow
from novel_core.db.novels import novel_id_of
from novel_core.errors import PageChanged, PageTooLarge, PluginError, SourceError
from novel_core.ingest import staging
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.chapter_texts import CleanText, PreparedText, TextChange, text_version
from novel_core.ingest.held_list import HeldPages
from novel_core.ingest.known_chapters import KnownChapter, SavedText, load_chapters
from novel_core.ingest.moved_novels import another_novel
from novel_core.ingest.novel_merging import merged
from novel_core.ingest.novel_writer import CleanNovel, cleaned
from novel_core.ingest.rereading import Rereader
from novel_core.ingest.staging import StagedChapter
from novel_core.items import Chapter
from novel_core.leniency import reported
from novel_core.page import Follow
from novel_core.plugin import SaveContext, SkipItem
from novel_core.source import PageKind
from novel_core.steps import limited

#: Of all parts of one chapter together; anything longer is no chapter.
MAX_CHAPTER_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a save writes.

    `novel` is None where the pages that tell of it were not requested. `skipped` are the chapters that the plugin left out, `staged` the number of staged rows.
    """

    novel: CleanNovel | None
    index_url: str
    texts: Sequence[PreparedText]
    skipped: frozenset[str]
    staged: int


class Preparation:
    """Prepares one job's items, in batches bounded in number and bytes."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._context = SaveContext(attempt.source.name, attempt.job_id)
        self._version = text_version(attempt.source)
        self._rereader = Rereader(attempt.database, attempt.source, self._context)
        self._skipped: set[str] = set()
        # Warnings about content that a reader of the page sees and the text lacks.
        self._left_out: list[str] = []

    def run(self, staged: int, held: HeldPages) -> Prepared:
        """Prepare the `staged` rows of the parser; StagingLost if some are missing."""
        attempt = self._attempt
        with session(attempt.database) as opened:
            staging.require(opened, attempt.job_id, staged)
            found = staging.read_novels(opened, attempt.job_id)
            known = self._known_chapters(opened)
            sized = staging.chapter_sizes(opened, attempt.job_id)
            broken = broken_chapters(opened, attempt.job_id)
        whole = [entry for entry in sized if entry[0] not in broken and self._has_sane_size(*entry)]
        texts: list[PreparedText] = []
        with reported() as problems:
            if known and held.urls and not found:
                novel, index_url = None, attempt.claim.url
            else:
                novel, index_url = self._novel(found)
            for keys in in_batches(whole, count=attempt.settings.batch_size):
                attempt.switch.check()
                prepared, rows = self._batch(keys, known)
                texts += prepared
                staged += rows
        attempt.warn([*problems.lines(), *self._left_out])
        return Prepared(novel, held.start or index_url, texts, frozenset(self._skipped), staged)

    def _known_chapters(self, opened: Session) -> dict[str, KnownChapter]:
        source_id = self._attempt.claim.source_novel_id
        if source_id is None:
            return {}
        novel_id = novel_id_of(opened, self._attempt.source.name, source_id)
        return {} if novel_id is None else load_chapters(opened, novel_id)

    def _novel(self, found: Sequence[staging.StagedNovel]) -> tuple[CleanNovel, str]:
        claim, source = self._attempt.claim, self._attempt.source
        if not found:
            raise PageChanged("No page has the novel's title and data.", url=claim.url)
        first, index_url = found[0]
        if first.source_id != claim.source_novel_id:
            raise another_novel(first.source_id, claim.source_novel_id, claim.url)
        self._left_out += [
            f"{page_url}: what it tells of another novel, {other.source_id}, is left out."
            for other, page_url in found
            if other.source_id != first.source_id
        ]
        novel = merged([pair for pair in found if pair[0].source_id == first.source_id])
        try:
            clean, pictures = limited(
                "Preparing the data of",
                index_url,
                lambda: cleaned(source.before_save(novel, self._context), index_url),
            )
        except SkipItem as error:
            raise PluginError(f"The plugin of {source.name} left out the novel itself.") from error
        if pictures:
            with self._attempt.transaction() as opened:
                self._keep_pictures(opened, pictures)
        return clean, index_url

    def _keep_pictures(self, opened: Session, pictures: Iterable[EmbeddedPicture]) -> None:
        claim = self._attempt.claim
        keep_embedded(opened, pictures, job_id=claim.job_id, novel_id=claim.novel_id)

    def _has_sane_size(self, source_id: str, size: int) -> bool:
        if size <= MAX_CHAPTER_BYTES:
            return True
        error = PageTooLarge(f"The pages of chapter {source_id} have {size:,} bytes together.")
        self._fail(self._attempt.claim.url, source_id, error)
        return False

    def _batch(
        self, keys: Sequence[str], known: dict[str, KnownChapter]
    ) -> tuple[list[PreparedText], int]:
        """The texts of a batch, and the number of rows they add to staging."""
        job_id = self._attempt.job_id
        with session(self._attempt.database) as opened:
            chapters = staging.load_chapters(opened, job_id, keys)
        texts: list[PreparedText] = []
        rows: list[dict[str, Any]] = []
        pictures: list[EmbeddedPicture] = []
        for chapter in chapters:
            cleaned_chapter = self._clean(chapter)
            if cleaned_chapter is None:
                continue
            item, text = cleaned_chapter
            saved = known[item.source_id].saved if item.source_id in known else None
            kept, change = self._compare(text, saved, item.source_id)
            prepared = PreparedText(
                item.source_id,
                item.title,
                chapter.page_ids,
                item.edited_at,
                item.statistics,
                saved,
                change,
            )
            texts.append(prepared)
            if kept is not None:
                pictures += kept.pictures
                self._left_out += [f"{item.url}: {what} was left out" for what in kept.left_out]
                rows.append(staging.text_row(job_id, chapter, kept.columns()))
        with self._attempt.transaction() as opened:
            ids = staging.write_texts(opened, rows)
            self._keep_pictures(opened, pictures)
        written = (prepared for prepared in texts if prepared.change is not TextChange.SAME)
        for prepared, row_id in zip(written, ids, strict=True):
            prepared.staged_id = row_id
        return texts, len(rows)

    def _clean(self, staged: StagedChapter) -> tuple[Chapter, CleanText] | None:
        chapter = staged.chapter

        def clean() -> tuple[Chapter, CleanText]:
            item = self._attempt.source.before_save(chapter, self._context)
            return item, CleanText.of(item)

        try:
            return limited(
                "Preparing the text of", chapter.url, clean, chapters=(chapter.source_id,)
            )
        except SkipItem:
            self._skipped.add(chapter.source_id)
        except SourceError as error:
            self._fail(chapter.url, chapter.source_id, error)
        return None

    def _compare(
        self, text: CleanText, saved: SavedText | None, source_id: str
    ) -> tuple[CleanText | None, TextChange]:
        """The text to write, if any, and how.

        The new page is compared with the archived previous page under the same parser.
        """
        if saved is None:
            return text, TextChange.ADDED
        if saved.parser_version != self._version:
            again = self._rereader.saved_text(saved.text_id, source_id)
            same = again is not None and again.fingerprint == text.fingerprint
            return (again, TextChange.REPAIRED) if same else (text, TextChange.ADDED)
        if saved.fingerprint == text.fingerprint:
            return None, TextChange.SAME
        return text, TextChange.ADDED

    def _fail(self, url: str, source_id: str, error: SourceError) -> None:
        self._attempt.record_failure(Follow(url, PageKind.CHAPTER, chapters=(source_id,)), error)


def failed_chapters(opened: Session, job_id: int) -> list[tuple[list[str], int]]:
    """The chapters of each page that could not be fetched or read, and the page's part."""
    rows = opened.execute(
        select(JobFailureRow.chapter_ids, JobFailureRow.part).where(
            JobFailureRow.job_id == job_id, JobFailureRow.kind == PageKind.CHAPTER
        )
    )
    return [(ids, part) for ids, part in rows]


def broken_chapters(opened: Session, job_id: int) -> frozenset[str]:
    """Chapters that lack a part. A first part that another page has is not lacking."""
    complete = staging.chapter_keys(opened, job_id, part=0)
    return frozenset(
        chapter
        for ids, part in failed_chapters(opened, job_id)
        for chapter in ids
        if part or chapter not in complete
    )
