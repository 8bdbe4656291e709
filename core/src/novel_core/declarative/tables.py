"""The tables of selectors that an author fills in.

Required are the novel's title, the rows of the chapter list and the chapter's content: without them
the page is a PageChanged. Any other field without a selector, or with one that finds nothing, is
None or empty in the item; one whose value cannot be read is None, with a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from novel_core.declarative.fields import (
    Kinds,
    Next,
    OfAuthor,
    OfGroup,
    OfHeading,
    OfMarkup,
    OfRoot,
    OfRow,
    OfSeries,
    Table,
    usual,
)
from novel_core.declarative.requested import Requested


class NovelTable(Table):
    """The selectors of a novel's page.

    `authors`, `tags`, `warnings` and `series` take everything they select, the others the first.
    `author_name`, `author_url` and `author_id` start from each of the authors; without
    `author_name` its text is the name. So it is with `series_name`, `series_url`,
    `series_number` and `series_id`. `kinds` are tags of other kinds: `{"fandom": "a.fandom",
    "genre": "a.genre"}`. `statistics` are numbers by the names of `novel_core.items.Statistics`;
    other names go to `other`. `link` is the novel's public address, where the page itself is not
    one a reader would open, as the answer of an API.

    On a page that lists several works, `rows` are the works, and the novel's is the one whose `id`
    is the novel's id; the other selectors start from its row.

    `chapter_list` is the address of the list's first page, where the novel's page has no rows.
    `first_chapter` is the link to the first chapter, where the site has no list and each chapter
    only names the next one (`ChapterTable.next_chapter`).
    """

    rows: OfRoot = ()
    id: OfRow = ()
    link: OfRow = ()
    title: OfRow
    authors: OfRow = ()
    author_name: OfAuthor = ()
    author_url: OfAuthor = usual("@href")
    author_id: OfAuthor = ()
    description: OfRow = ()
    cover: OfRow = ()
    status: OfRow = ()
    type: OfRow = ()
    language: OfRow = ()
    tags: OfRow = ()
    kinds: Kinds = Field(default_factory=dict)
    warnings: OfRow = ()
    series: OfRow = ()
    series_name: OfSeries = ()
    series_url: OfSeries = usual("@href")
    series_number: OfSeries = ()
    series_id: OfSeries = ()
    published: OfRow = ()
    updated: OfRow = ()
    statistics: dict[str, OfRow] = Field(default_factory=dict)
    chapter_list: OfRow = ()
    first_chapter: OfRow = ()

    @model_validator(mode="after")
    def _rows_have_ids(self) -> Self:
        if bool(self.rows) != bool(self.id):
            msg = "rows and id of a novel belong together: id tells which row is the novel's"
            raise ValueError(msg)
        return self


class ChapterListTable(Requested):
    """The selectors of a chapter list: `rows` selects its rows; what is of a row starts from it.

    `link` is the chapter's page, by which `match` knows its id; with `id` the row has the id
    itself, and `link` may be made of it (`id | url:/chapter/{}`). `request` is the address that has
    the text, where that is not the link; `batch` is one for many chapters, with `{ids}` in it, of
    which up to `batch_size` are requested at once. With `texts` the rows carry the texts: the
    chapter's table reads each row.

    `locked` finds something in rows whose chapters are not free to read: an element, or a value
    that is not empty, `false` or 0 (`access | regex:^plus$`); several kinds of marks are several
    selectors. `skip` finds something in rows that are no chapters yet, such as drafts: they are left
    out. `marker` changes when the text does.
    `newest_first` reverses the list.

    Volumes: `volume` is the title of a row's volume; a row without one is in the volume of the row
    above it, or in none with `volume_in_each_row`. `heading` is the title of a volume in a row of
    its own, or, with `groups`, in each of the parts of the page that have rows inside: then `rows`
    starts from a group.

    `next_page` is the link to the next page of the list, or `PageNumbers`. `stated` and `stated_words` are the site's own
    totals. `complete` finds something only on pages whose list is complete however short it is,
    such as a notice that the author has withdrawn chapters (`Parsed.complete_list`); with `partial`
    the list has by its nature only some of the chapters (`Parsed.partial_list`), as a feed of the
    newest ones.

    `method`, `headers` and `body` are those of the requests for the pages of the list. With
    `method="POST"` the query of their addresses is the body, as that of a form: `/toc?book=7` posts
    `book=7` to `/toc`. In another `body` `{book}` is the parameter `book`.
    """

    groups: OfRoot = ()
    rows: OfGroup
    id: OfRow = ()
    link: OfRow = usual("a@href")
    request: OfRow = ()
    batch: str = ""
    batch_size: int = Field(default=20, ge=1, le=1000)
    title: OfRow = usual("a")
    published: OfRow = ()
    edited: OfRow = ()
    volume: OfRow = ()
    volume_in_each_row: bool = False
    heading: OfHeading = ()
    locked: OfRow = ()
    skip: OfRow = ()
    marker: OfRow = ()
    statistics: dict[str, OfRow] = Field(default_factory=dict)
    texts: bool = False
    newest_first: bool = False
    complete: OfRoot = ()
    partial: bool = False
    stated: OfRoot = ()
    stated_words: OfRoot = ()
    next_page: Next = ()

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if not self.id and not self.link:
            msg = "the rows of a chapter list need a link or an id"
            raise ValueError(msg)
        if not self.link and not self.request and not self.batch and not self.texts:
            msg = "a list without link needs one made of the id: link='id | url:/chapter/{}'"
            raise ValueError(msg)
        if self.volume_in_each_row and not self.volume:
            msg = "volume_in_each_row needs the selector of the volume"
            raise ValueError(msg)
        if self.batch and "{ids}" not in self.batch:
            msg = f"batch needs {{ids}} in the place of the ids, not {self.batch!r}"
            raise ValueError(msg)
        return self


class ChapterTable(Requested):
    """The selectors of a chapter's page.

    `drop` are elements inside the content that are not the author's. `spoilers` are elements that
    open at a click: they become `<details>`, with the text that `spoiler_label` finds in each of them
    as the title. `next_part` is the link to the
    next page of a chapter of several pages. `next_chapter` is the link to the chapter after this
    one, where the site has no list. `novel` is the link to the chapter's novel. `link` is
    the chapter's public address, where the page itself is not one a reader would open.

    On a page of several chapters, `rows` are the chapters, each with its `id`, or with a `link`
    that `match` knows; what is of a chapter starts from its row. `locked` finds something in the rows
    of chapters that are not free to read, as in a `ChapterListTable`: they are no gaps.

    `method`, `headers` and `body` are those of the requests for texts, as in a `ChapterListTable`.
    """

    rows: OfRoot = ()
    id: OfRow = ()
    link: OfRow = ()
    content: OfRow
    locked: OfRow = ()
    title: OfRow = ()
    note_before: OfRow = ()
    note_after: OfRow = ()
    published: OfRow = ()
    edited: OfRow = ()
    statistics: dict[str, OfRow] = Field(default_factory=dict)
    drop: OfMarkup = ()
    spoilers: OfMarkup = ()
    spoiler_label: OfMarkup = ()
    next_part: OfRoot = ()
    next_chapter: OfRoot = ()
    novel: OfRoot = ()

    @model_validator(mode="after")
    def _rows_have_ids(self) -> Self:
        if self.rows and not self.id and not self.link:
            msg = "the chapters of one page need an id or a link each"
            raise ValueError(msg)
        if self.spoiler_label and not self.spoilers:
            msg = "spoiler_label is of spoilers: say what they are, as in spoilers='div.spoiler'"
            raise ValueError(msg)
        if self.locked and not self.rows:
            msg = "locked is of rows: a page of one chapter says it with outcomes={'locked': …}"
            raise ValueError(msg)
        if self.rows and self.next_part:
            msg = "a page of several chapters has no next part"
            raise ValueError(msg)
        return self


class SiteTable(BaseModel):
    """The tables of a site.

    Without `chapters` the novel's page names the first chapter (`first_chapter`), or carries the
    text itself, of one chapter or of the chapter table's `rows`. With `one_shots` that is so where the novel's page has no rows of a list.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    novel: NovelTable
    chapters: ChapterListTable | None = None
    chapter: ChapterTable
    one_shots: bool = False

    def with_fields(self, changes: Mapping[str, Any]) -> Self:
        """The tables of a site that differs: `changes` are fields by table, as in `Site.options`.

        >>> table = SiteTable(
        ...     novel=NovelTable(title="h1"),
        ...     chapters=ChapterListTable(rows="ol li", title="b"),
        ...     chapter=ChapterTable(content="article@html"),
        ... )
        >>> other = table.with_fields({"chapters": {"rows": "ul.toc li", "newest_first": True}})
        >>> [other.chapters.rows[0].text, other.chapters.title[0].text, other.novel == table.novel]
        ['ul.toc li', 'b', True]
        """
        values = _given(self)
        for name, change in changes.items():
            table = values.get(name)
            if isinstance(table, Table) and isinstance(change, Mapping):
                values[name] = type(table)(**{**_given(table), **change})
            else:
                values[name] = change
        return type(self)(**values)

    @model_validator(mode="after")
    def _pages_have_one_form(self) -> Self:
        chapters = self.chapters
        has_address = bool(self.novel.chapter_list)
        if chapters is not None and chapters.form != self.novel.form and not has_address:
            msg = (
                f"the novel's page is {self.novel.form}, its chapter list {chapters.form}:"
                " give the novel's table its address, chapter_list="
            )
            raise ValueError(msg)
        if chapters is not None and chapters.method == "POST" and not has_address:
            msg = (
                "a list by POST does not begin on the novel's page: give the novel's table the"
                " list's address, chapter_list='url:/ajax/toc?book={novel}'"
            )
            raise ValueError(msg)
        if self.novel.first_chapter and self.chapter.method == "POST":
            msg = "where each chapter names the next one, chapters are requested with GET"
            raise ValueError(msg)
        if bool(self.novel.first_chapter) != bool(self.chapter.next_chapter):
            msg = "first_chapter of the novel and next_chapter of the chapter belong together"
            raise ValueError(msg)
        if chapters is not None and self.novel.first_chapter:
            msg = "a site with a chapter list needs no first_chapter"
            raise ValueError(msg)
        has_text = chapters is None and not self.novel.first_chapter
        if (has_text or self.one_shots) and self.chapter.form != self.novel.form:
            msg = "the novel's page carries the text, so novel and chapter have the same form"
            raise ValueError(msg)
        if chapters is not None and chapters.texts and chapters.form != self.chapter.form:
            msg = "the rows of the list carry the texts, so list and chapter have the same form"
            raise ValueError(msg)
        return self


def _given(model: BaseModel) -> dict[str, Any]:
    """The fields that an author has set; the others have their usual values."""
    return {name: getattr(model, name) for name in model.model_fields_set}
