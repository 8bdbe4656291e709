"""The hooks of a plugin: one gives its sources, two listen to what is saved.

An installed package registers a module (or object) with these hooks under the entry-point group
`novel.sources`; one that only listens registers under `novel.listeners`. What a source does is in
the class `novel_core.plugin.Source`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar, overload

import pluggy

if TYPE_CHECKING:
    from novel_core.items import Chapter, Novel
    from novel_core.plugin import Family, Source

PROJECT = "novel"
ENTRY_POINT_GROUP = "novel.sources"
#: For packages that only listen.
LISTENER_GROUP = "novel.listeners"

#: A function that gives sources, or listens.
HookT = TypeVar("HookT", bound=Callable[..., "Iterable[Source | Family] | None"])


class HookMarker(Protocol):
    """Marks a function as the hook of its name, or of `specname`."""

    @overload
    def __call__(self, function: HookT, /) -> HookT: ...
    @overload
    def __call__(self, /, *, specname: str) -> Callable[[HookT], HookT]: ...


hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl: HookMarker = pluggy.HookimplMarker(PROJECT)


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SavedRef:
    """A saved novel or chapter. `chapter_id` and `number` are None for the novel itself.

    `title` is the item's. `change` says whether the job has added or changed it; it is None where a
    job only names its novel. `is_watched`: the novel is updated automatically (`novel watch`).
    """

    novel_id: int
    slug: str
    chapter_id: int | None = None
    number: int | None = None
    is_watched: bool = False
    title: str = ""
    change: Change | None = None


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
def novel_sources() -> Iterable[Source | Family]:  # type: ignore[empty-body]
    """The sources and families of this package. Cheap: nothing heavy is imported here."""


@hookspec
def novel_item_saved(item: Novel | Chapter, ref: SavedRef, change: Change) -> None:
    """Called after the commit for each new or changed item of every source, at least once.

    An exception is logged with the job and has no other effect.
    """


@hookspec
def novel_job_finished(job: FinishedJob, saved: Sequence[SavedRef]) -> None:
    """Called when a job of any source is done or has failed, at least once; cannot change it.

    `saved` are the new and changed items of the job: the novel first, then its chapters in reading
    order. Called again when a failed job is submitted again and ends.
    """


#: The hooks that listen.
LISTENER_HOOKS = ("novel_item_saved", "novel_job_finished")
HOOKS = ("novel_sources", *LISTENER_HOOKS)
