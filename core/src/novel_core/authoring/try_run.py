"""A trial run of a plugin through the whole pipeline, into a temporary database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.authoring.chapter_limit import ChapterLimit
from novel_core.db import migrate
from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.engine import open_database
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow, VolumeRow
from novel_core.errors import NovelError
from novel_core.ingest.saved_items import chapter_item, novel_item
from novel_core.items import Chapter, Novel
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.plugin import SaveContext, SkipItem, Source
from novel_core.registry import LoadedSource, Registry, SourceEntry, SourceState, own_frames
from novel_core.registry.loaded import FAULTS
from novel_core.runtime import Runtime, open_runtime
from novel_core.settings import Settings
from novel_core.source import UrlMatch

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider


@dataclass(slots=True)
class Faults:
    """What the plugin raised outside of the contract, each once, with its own frames.

    `skipped` are the ids of the chapters that its `before_save` left out, as it may.
    """

    lines: dict[str, None] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)

    @contextmanager
    def noted(self) -> Iterator[None]:
        try:
            yield
        except (NovelError, SkipItem):
            raise
        except FAULTS as error:
            self.lines[own_frames(error)] = None
            raise


def limit_parser(parser: Parser, limit: ChapterLimit, faults: Faults | None = None) -> Parser:
    """`parser`, limited to the first chapters; what it raises is noted in `faults`."""
    is_plain = type(parser).follow is Parser.follow
    limited = FirstChapters if is_plain else FirstLinks
    return limited(parser, limit, faults or Faults())


class FirstChapters(Parser):
    """A limit on a parser without its own `follow`: a page is parsed once."""

    def __init__(self, parser: Parser, limit: ChapterLimit, faults: Faults) -> None:
        self.version = parser.version
        self._parser = parser
        self._limit = limit
        self._faults = faults

    def parse(self, page: Page) -> Parsed:
        with self._faults.noted():
            parsed = self._parser.parse(page)
        # The engine reports a result of another type.
        if not isinstance(parsed, Parsed):
            return parsed
        return replace(parsed, follow=self._first(parsed.follow, page))

    def check(self, page: Page) -> None:
        with self._faults.noted():
            self._parser.check(page)

    def _first(self, follows: Sequence[Follow], page: Page) -> Sequence[Follow]:
        return [kept for follow in follows if (kept := self._limit.within(follow, page))]


class FirstLinks(FirstChapters):
    """A limit on a parser with its own `follow`."""

    def parse(self, page: Page) -> Parsed:
        with self._faults.noted():
            return self._parser.parse(page)

    def follow(self, page: Page) -> Sequence[Follow]:
        with self._faults.noted():
            return self._first(self._parser.follow(page), page)


class _Tried(Source):
    """The plugin's source with a limited parser; what it raises is noted."""

    def __init__(self, source: Source, limited: Parser, faults: Faults) -> None:
        self.info = source.info
        self.Options = source.Options
        self.source = source
        self.limited = limited
        self.faults = faults

    @property
    def options(self) -> Any:
        return self.source.options

    @options.setter
    def options(self, options: Any) -> None:
        self.source.options = options

    def match(self, url: str) -> UrlMatch | None:
        return self.source.match(url)

    def parser(self) -> Parser:
        return self.limited

    def spider(self) -> type[NovelSpider]:
        with self.faults.noted():
            return _noting_spider(self.source.spider(), self.faults)

    def before_save(self, item: Novel | Chapter, context: SaveContext, /) -> Novel | Chapter:
        try:
            with self.faults.noted():
                return self.source.before_save(item, context)
        except SkipItem:
            self.faults.skipped.add(item.source_id)
            raise


def _noting_spider(base: type[NovelSpider], faults: Faults) -> type[NovelSpider]:
    """A subclass of the spider whose methods note what the plugin's own raise."""

    def noting(name: str) -> Callable[..., Any]:
        method = getattr(base, name)

        def noted(self: NovelSpider, *arguments: Any) -> Any:
            with faults.noted():
                return method(self, *arguments)

        return noted

    methods = {name: noting(name) for name in ("check", "make_request", "order")}
    return type(base.__name__, (base,), methods)


def try_source(source: LoadedSource, limit: ChapterLimit, faults: Faults) -> Registry:
    """A registry of this source alone, limited to its first chapters."""
    limited = limit_parser(source.parser(), limit, faults)
    tried = LoadedSource(source.plugin, _Tried(source.source, limited, faults), source.site)
    return Registry([SourceEntry(source.name, SourceState.LOADED, source.package, source=tried)])


@contextmanager
def temporary_runtime(settings: Settings, registry: Registry) -> Iterator[Runtime]:
    """A runtime with its own servers and data, deleted after the block."""
    from novel_core import services

    # The servers stop a moment after their last client disconnects, and write until then.
    with tempfile.TemporaryDirectory(prefix="novel-try-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            with services.attach(folder, durable=False, valkey=False) as attachment:
                url = attachment.services.database_url
                assert url is not None
                database = open_database(url)
                migrate.upgrade(database)
                database.dispose()
                own = {"data_dir": folder, "database_url": url, "redis_url": None}
                with open_runtime(settings.model_copy(update=own), registry) as runtime:
                    yield runtime
        finally:
            services.stop(folder, force=True)


def saved_novel(opened: Session, job_id: int) -> Novel | None:
    """The novel that the job has saved, or None."""
    row = opened.scalar(
        select(NovelRow).join(JobRow, JobRow.novel_id == NovelRow.id).where(JobRow.id == job_id)
    )
    return novel_item(opened, row) if row is not None else None


def saved_chapters(opened: Session, job_id: int) -> list[dict[str, Any]]:
    """The chapters of the job's novel in order; one without a text has None for `content_html`."""
    rows = opened.execute(
        select(ChapterRow, ChapterTextRow, VolumeRow.title)
        .join(JobRow, JobRow.novel_id == ChapterRow.novel_id)
        .outerjoin(ChapterTextRow, ChapterTextRow.id == ChapterRow.text_id)
        .outerjoin(
            VolumeRow,
            (VolumeRow.id == ChapterRow.volume_id) & (VolumeRow.novel_id == ChapterRow.novel_id),
        )
        .where(JobRow.id == job_id)
        .order_by(ChapterRow.number)
    )
    return [_plain(chapter, text) | {"volume": volume} for chapter, text, volume in rows]


def _plain(chapter: ChapterRow, text: ChapterTextRow | None) -> dict[str, Any]:
    if text is not None:
        item = chapter_item(chapter, text).model_dump(mode="json", exclude={"part"})
        return item | {"access": chapter.access, "marker": chapter.marker}
    return {
        "source_id": chapter.source_chapter_id,
        "title": chapter.title,
        "url": chapter.url,
        "content_html": None,
        "published_at": chapter.published_at.isoformat() if chapter.published_at else None,
        "edited_at": chapter.edited_at.isoformat() if chapter.edited_at else None,
        "access": chapter.access,
        "marker": chapter.marker,
        "statistics": chapter.statistics or None,
    }
