"""The plugin contract: every hook a source plugin may implement.

An installed package registers a module (or object) with these hooks under the entry-point group
`novel.sources`; the entry point's name is the source's name. A hook marked *one source* is asked of that
source alone, never broadcast. A package that is no source, and only wants to hear what was saved, registers itself under
`novel.listeners`, with hooks marked *every plugin*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider
    from novel_core.items import Chapter, Novel
    from novel_core.page import Parser
    from novel_core.source import Sample, SourceInfo, UrlMatch

PROJECT = "novel"
ENTRY_POINT_GROUP = "novel.sources"
#: For packages that only want to hear of what was saved.
LISTENER_GROUP = "novel.listeners"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class SkipItem(Exception):
    """Raised by `novel_before_save`: leave this item out; its chapter is not a gap."""


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SaveContext:
    """What a save hook may know of the job it runs in."""

    source: str
    job_id: int


@dataclass(frozen=True, slots=True)
class SavedRef:
    """Where a saved item lives. `chapter_id` and `number` are None for the novel itself. `is_watched` tells that the novel is
    updated by itself (`novel watch`)."""

    novel_id: int
    slug: str
    chapter_id: int | None = None
    number: int | None = None
    is_watched: bool = False


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """A terminal job, as the hooks see it. `status` is `done` or `error`; `counts` as in `novel job`. `novel` is None where
    nothing was ever saved."""

    id: int
    source: str
    url: str
    status: str
    error_code: str | None
    error_message: str | None
    counts: dict[str, int]
    novel: SavedRef | None = None


@hookspec
def novel_source_info() -> SourceInfo:  # type: ignore[empty-body]
    """One source, required: its name card. Pure; imports no Scrapy."""


@hookspec
def novel_match_url(url: str) -> UrlMatch | None:
    """One source, required: its claim on `url`, or None. Pure.

    `url` is normalised: http or https, lower-case host, no credentials, no fragment. It is asked only about
    hosts the source declares.
    """


@hookspec
def novel_parser() -> Parser:  # type: ignore[empty-body]
    """One source, required: its parser."""


@hookspec
def novel_spider() -> type[NovelSpider]:  # type: ignore[empty-body]
    """One source: its spider. None or absent: core's spider, which follows what the parser asks for."""


@hookspec
def novel_samples() -> Iterable[Sample]:  # type: ignore[empty-body]
    """One source, required: known URLs and what must come of them."""


@hookspec
def novel_before_save(item: Novel | Chapter, context: SaveContext) -> Any:
    """One source: adjust an item before it is sanitised and saved.

    Return another item of the same type, or None to keep it; raise SkipItem to leave it out. It must give the
    same result for the same item: a job may be saved twice.
    """


@hookspec
def novel_after_save(item: Novel | Chapter, ref: SavedRef, change: Change) -> None:
    """Every plugin: told of each new or changed item after the commit, at least once.

    An exception is logged with the job and does no harm.
    """


@hookspec
def novel_job_finished(job: FinishedJob) -> None:
    """Every plugin: told when a job is done or has failed, at least once; cannot change it.

    A failed job that is submitted again is told of again when it ends.
    """


#: The hooks every plugin is told, and the only ones a plugin of the group `novel.listeners` may implement.
LISTENER_HOOKS = ("novel_after_save", "novel_job_finished")
REQUIRED_HOOKS = ("novel_source_info", "novel_match_url", "novel_parser", "novel_samples")
