"""Reparsing a saved novel from the archive: a better parser repairs it without a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from novel_core.archive.pages import keep_embedded, load_page, newest_index
from novel_core.archive.resting import load_set_aside
from novel_core.content import EmbeddedPicture
from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.engine import session
from novel_core.db.novels import NovelRow
from novel_core.errors import NovelError, PluginError, SourceError, UnknownNovel
from novel_core.ingest.chapter_list import write_list
from novel_core.ingest.chapter_texts import CleanText, repair, text_version
from novel_core.ingest.known_chapters import load_chapters
from novel_core.ingest.novel_merging import merged
from novel_core.ingest.novel_writer import CleanNovel, cleaned, write_novel, write_stated
from novel_core.ingest.parsing import follows_on, listed, parse_page
from novel_core.ingest.rereading import Rereader
from novel_core.ingest.search_row import refresh_search_row
from novel_core.ingest.site_list import (
    SiteList,
    check_losses,
    still_counted,
    with_saved_markers,
)
from novel_core.ingest.stated_totals import StatedTotals
from novel_core.ingest.volume_writer import drop_unused_headings, write_volumes
from novel_core.ingest.walk import Walk
from novel_core.ingest.walk_rereading import read_walk
from novel_core.items import ChapterRef, Novel
from novel_core.page import Page
from novel_core.plugin import SaveContext
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime


@dataclass(slots=True)
class ReparseCounts:
    """The texts parsed again (with revisions), those that changed, and what failed."""

    texts: int = 0
    repaired: int = 0
    failed: list[str] = field(default_factory=list)


def reparse_novel(runtime: Runtime, novel_id: int) -> ReparseCounts:
    """Rebuild a novel's data and chapter list in one transaction, then each text in place.

    Nothing becomes a revision. Pages are parsed outside any transaction. If interrupted, the
    remaining texts stay as they were.
    """
    counts = ReparseCounts()
    with session(runtime.database) as opened:
        novel = opened.get(NovelRow, novel_id)
        if novel is None:
            raise UnknownNovel(f"There is no novel {novel_id} in the library.")
        texts = opened.execute(
            select(ChapterTextRow.id, ChapterRow.source_chapter_id, ChapterRow.number)
            .join(ChapterRow, ChapterRow.id == ChapterTextRow.chapter_id)
            .where(ChapterRow.novel_id == novel_id)
            .order_by(ChapterRow.number, ChapterTextRow.version)
        ).all()
    source = runtime.registry.get(novel.source)
    context = SaveContext(novel.source, job_id=0)
    version = text_version(source)
    try:
        while not _rebuild_index(runtime, source, novel, context, version):
            pass
    except (SourceError, PluginError) as error:
        counts.failed.append(f"novel page: {error.message}")
    rereader = Rereader(runtime.database, source, context)
    for text_id, source_id, number in texts:
        counts.texts += 1
        try:
            text = rereader.read(text_id, source_id)
        except NovelError as error:
            counts.failed.append(f"chapter {number}: {error.message}")
            continue
        if text is not None:
            with session(runtime.database) as opened:
                keep_embedded(opened, text.pictures, job_id=None, novel_id=novel_id)
                counts.repaired += _write_text(opened, text_id, text, version)
    with session(runtime.database) as opened:
        refresh_search_row(opened, novel_id)
        if counts.repaired:
            opened.execute(
                update(NovelRow).where(NovelRow.id == novel_id).values(updated_at=func.now())
            )
    return counts


def _write_text(opened: Session, text_id: int, text: CleanText, version: str) -> bool:
    """Whether the text differs from the saved one."""
    columns = text.columns() | {"parser_version": version}
    saved = opened.execute(
        select(*(getattr(ChapterTextRow, name) for name in columns)).where(
            ChapterTextRow.id == text_id
        )
    ).first()
    if saved is None or tuple(saved) == tuple(columns.values()):
        return False
    repair(opened, text_id, text, version)
    return tuple(saved)[:-1] != tuple(columns.values())[:-1]


@dataclass(frozen=True, slots=True)
class _Index:
    """What the present parser reads on the novel's index pages."""

    novel: CleanNovel
    pictures: Sequence[EmbeddedPicture]
    site_list: SiteList


def _rebuild_index(
    runtime: Runtime, source: LoadedSource, row: NovelRow, context: SaveContext, version: str
) -> bool:
    """False if a job has saved another list meanwhile."""
    with session(runtime.database) as opened:
        page_ids = newest_index(opened, row.id).ids
        pages = [load_page(opened, page_id) for page_id in page_ids]
    index = _read_index(runtime, source, row, context, pages)
    if index is None:
        return True
    with session(runtime.database) as opened:
        saved = select(NovelRow.id).where(NovelRow.id == row.id).with_for_update()
        if opened.scalar(saved) is None:
            raise UnknownNovel(f"Novel {row.id} was removed meanwhile.")
        if newest_index(opened, row.id).ids != page_ids:
            return False
        keep_embedded(opened, index.pictures, job_id=None, novel_id=row.id)
        _write_index(opened, row, index, version, pages[0].fetched_at)
    return True


def _read_index(
    runtime: Runtime,
    source: LoadedSource,
    row: NovelRow,
    context: SaveContext,
    pages: Sequence[Page],
) -> _Index | None:
    parser = source.parser()
    novels: list[tuple[Novel, Page]] = []
    refs: list[ChapterRef] = []
    stated = StatedTotals()
    walk = Walk()
    is_complete = is_feed = False
    for page_id, page in enumerate(pages):
        try:
            parsed = parse_page(parser, source.name, page)
        except SourceError:
            if not page.is_optional:
                raise
            # The list may lack what stood there.
            is_feed = True
            continue
        is_complete |= parsed.complete_list
        is_feed |= parsed.partial_list
        follows = follows_on(parser, source.name, page, parsed)
        # The other pages of such a list may be older than this one.
        is_feed |= any(follow.unless_held for follow in follows)
        walk.note(page_id, page, parsed, follows)
        stated.add(parsed.stated)
        for item in listed(page, parsed):
            if isinstance(item, Novel) and item.source_id == row.source_novel_id:
                novels.append((item, page))
            elif isinstance(item, ChapterRef):
                refs.append(item)
    if not novels:
        return None
    novels.sort(key=lambda pair: pair[1].position != 0)
    novel = merged([(novel, page.url) for novel, page in novels])
    clean, pictures = cleaned(source.before_save(novel, context), row.index_url)
    if walk.is_walk:
        refs += read_walk(runtime.database, source, row.id, walk)
    site_list = SiteList(refs, is_complete, is_feed, walk.is_walk, stated.total)
    return _Index(clean, pictures, site_list)


def _write_index(
    opened: Session, row: NovelRow, index: _Index, version: str, fetched_at: datetime
) -> None:
    """Write the novel's data and its chapter list, from the newest index pages."""
    known = load_chapters(opened, row.id)
    check_losses(known, index.site_list, index.novel, row.url)
    written = write_novel(
        opened,
        row.source,
        index.novel,
        index_url=row.index_url,
        parser_version=version,
        observed=False,
    )
    # A marker belongs to the saved text, which a reparse does not update.
    kept = with_saved_markers(index.site_list.refs, known)
    locked = [source_id for source_id, chapter in known.items() if chapter.locked_at]
    set_aside = load_set_aside(opened, row.id).with_also(locked)
    is_feed = index.site_list.is_feed or set_aside.lacks_list
    site_list = replace(index.site_list, refs=set_aside.with_locked(kept), is_feed=is_feed)
    refs, volumes = write_volumes(opened, row.id, index.novel.volumes, known, site_list)
    counted = still_counted(known, site_list, written.stated_before)
    site_list = replace(site_list, refs=refs, still_counted=counted)
    write_list(opened, row.id, known, site_list, volumes, fetched_at)
    drop_unused_headings(opened, row.id)
    write_stated(opened, row.id, site_list)
