"""The tables an author fills in: which selector gives which field.

Required are the novel's title, the chapter list's rows and the chapter's content. What a table leaves out is None or empty in the item; a
selector that finds nothing gives None too, and one whose value cannot be read gives None with a warning, except where the field is
required: then the page has changed.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from novel_core.declarative.selecting import Selector
from novel_core.items import TagKind


def _selectors(value: Any) -> Any:
    """One selector, or several of which the first that finds something counts."""
    return (value,) if isinstance(value, str | Selector) else value


Selectors = Annotated[tuple[Selector, ...], BeforeValidator(_selectors)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class NovelTable(_Table):
    """The novel's own page. `authors`, `tags` and `warnings` take every element they select, the others the first.

    `kinds` are tags of other kinds: `{"fandom": "a.fandom", "genre": "a.genre"}`. `statistics` are numbers by the names of
    `novel_core.items.Statistics`; names it does not have go to `other`. `wall` is an element only pages have that are no novel's:
    where it stands, its text is the message of a NotFound.
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
    """The chapter list: `rows` selects the lines, the other selectors are relative to a line.

    `locked` is something that stands in lines nobody can read freely. `volume` is the title of the line's volume, where each
    line tells it. `newest_first` turns the list round. `next_page` is the link to the next page of the list; `page` its own
    address where the novel's page holds none of it. `complete` is something that stands only on pages whose list is whole, however short
    it is, such as a notice that the author has withdrawn chapters (`Parsed.complete_list`).
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
    """A chapter's page. `drop` are elements inside the content that are not the author's; `next_part` links to the rest of a
    chapter that spans several pages; `novel` links to the novel the chapter belongs to."""

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
    """A whole site."""

    novel: NovelTable
    chapters: ChapterListTable
    chapter: ChapterTable
