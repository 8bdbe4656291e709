"""The tables of selectors that an author fills in.

Required are the novel's title, the rows of the chapter list and the chapter's content: without them
the page is a PageChanged. Any other field without a selector, or with one that finds nothing, is
None or empty in the item; one whose value cannot be read is None, with a warning.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from novel_core.declarative.selector import Selector
from novel_core.items import TagKind


def _selectors(value: Any) -> Any:
    """A tuple of selectors, of which the first that finds something counts, from one or several."""
    return (value,) if isinstance(value, str | Selector) else value


Selectors = Annotated[tuple[Selector, ...], BeforeValidator(_selectors)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class NovelTable(_Table):
    """The selectors of a novel's page.

    `authors`, `tags` and `warnings` take every element they select, the others the first one.
    `kinds` are tags of other kinds: `{"fandom": "a.fandom", "genre": "a.genre"}`. `statistics` are
    numbers by the names of `novel_core.items.Statistics`; other names go to `other`. `wall` is an
    element that only a page without a novel has: its text is the message of a NotFound.
    """

    title: Selectors
    authors: Selectors = ()
    author_url: str | None = Field(
        default="href",
        description="the attribute of the author's element that links to the profile",
    )
    description: Selectors = ()
    cover: Selectors = ()
    status: Selectors = ()
    type: Selectors = ()
    language: Selectors = ()
    tags: Selectors = ()
    kinds: dict[TagKind, Selectors] = Field(default_factory=dict)
    warnings: Selectors = ()
    published: Selectors = ()
    updated: Selectors = ()
    statistics: dict[str, Selectors] = Field(default_factory=dict)
    wall: Selectors = ()


class ChapterListTable(_Table):
    """The selectors of a chapter list: `rows` selects its rows, the others are relative to a row.

    `locked` is an element of rows whose chapters are not free to read. `volume` is the title of the
    row's volume. `newest_first` reverses the list. `next_page` is the link to the next page of the
    list; `page` the link to its first page, if the novel's page has no rows. `complete` is an
    element only of pages whose list is complete however short it is, such as a notice that the
    author has withdrawn chapters (`Parsed.complete_list`).
    """

    rows: Selector
    link: Selectors = Field(default_factory=lambda: (Selector.of("a@href"),))
    title: Selectors = Field(default_factory=lambda: (Selector.of("a"),))
    published: Selectors = ()
    volume: Selectors = ()
    locked: Selectors = ()
    marker: Selectors = ()
    newest_first: bool = False
    complete: Selectors = ()
    next_page: Selectors = ()
    page: Selectors = ()


class ChapterTable(_Table):
    """The selectors of a chapter's page.

    `drop` are elements inside the content that are not the author's; `next_part` is the link to the
    next page of a chapter of several pages; `novel` the link to the chapter's novel.
    """

    content: Selectors
    title: Selectors = ()
    note_before: Selectors = ()
    note_after: Selectors = ()
    published: Selectors = ()
    edited: Selectors = ()
    drop: Selectors = ()
    next_part: Selectors = ()
    novel: Selectors = ()
    wall: Selectors = ()


class SiteTable(_Table):
    """The tables of a site."""

    novel: NovelTable
    chapters: ChapterListTable
    chapter: ChapterTable
