"""The plugin contract: every hook a source plugin may implement.

An installed package registers a module (or object) with these hooks under the entry-point group
`novel.sources`; the entry point's name is the source's name. A hook marked *one source* is called
on that source only. A hook marked *every plugin* is called on all plugins; a package that only
listens registers under `novel.listeners`.
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
#: For packages that only listen.
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
    """The job that a save hook runs in."""

    source: str
    job_id: int


@dataclass(frozen=True, slots=True)
class SavedRef:
    """A saved item. `chapter_id` and `number` are None for the novel itself.

    `is_watched`: the novel is updated automatically (`novel watch`).
    """

    novel_id: int
    slug: str
    chapter_id: int | None = None
    number: int | None = None
    is_watched: bool = False


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """An ended job. `status` is `done` or `error`; `counts` are those of `novel job`.

    `novel` is None when nothing was ever saved.
    """

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
    """One source, required. Return the source's metadata. Must be cheap and must not import Scrapy."""


@hookspec
def novel_match_url(url: str) -> UrlMatch | None:
    """One source, required. Return the match of `url`, or None. Pure.

    `url` is normalised: http or https, lower-case host, no credentials, no fragment. Called only
    for hosts that the source declares.
    """


@hookspec
def novel_parser() -> Parser:  # type: ignore[empty-body]
    """One source, required. Return the source's parser."""


@hookspec
def novel_spider() -> type[NovelSpider]:  # type: ignore[empty-body]
    """One source. Return its spider class; by default core's requests what the parser names."""


@hookspec
def novel_samples() -> Iterable[Sample]:  # type: ignore[empty-body]
    """One source, required. Return known URLs and their expected results."""


@hookspec
def novel_before_save(item: Novel | Chapter, context: SaveContext) -> Any:
    """One source. Adjust an item before it is sanitised and saved.

    Return another item of the same type, or None to keep it; raise SkipItem to leave it out. The
    same item must give the same result, because a job may be saved twice.
    """


@hookspec
def novel_after_save(item: Novel | Chapter, ref: SavedRef, change: Change) -> None:
    """Every plugin. Called after the commit for each new or changed item, at least once.

    An exception is logged with the job and has no other effect.
    """


@hookspec
def novel_job_finished(job: FinishedJob) -> None:
    """Every plugin. Called when a job is done or has failed, at least once; cannot change it.

    Called again when a failed job is submitted again and ends.
    """


#: The hooks called on every plugin; a plugin of the group `novel.listeners` may implement only
#: these.
LISTENER_HOOKS = ("novel_after_save", "novel_job_finished")
REQUIRED_HOOKS = ("novel_source_info", "novel_match_url", "novel_parser", "novel_samples")
