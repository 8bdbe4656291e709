"""The parser of {{ cookiecutter.source }}: a table of selectors.

A selector is CSS, then `@attribute` or `@html` for another value than the text, then `| step` for
each step that changes the value.
"""

from __future__ import annotations

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    Parser,
    SiteTable,
    Source,
)

#: Raise it when a change gives other items; `novel reparse` then reads saved chapters again.
VERSION = "1"

# TODO: the fields on the novel's page; title is required, remove what the site lacks
_NOVEL = NovelTable(
    title="h1.title",
    authors="a.author",
    description="div.summary@html",
    cover="img.cover@src",
    status="span.status | map:Ongoing=ongoing,Hiatus=hiatus,Completed=completed",
    tags="ul.tags a",
    published="time.published@datetime | date",
    updated="time.updated@datetime | date",
)

# TODO: the rows of the chapter list, and the fields in a row
_CHAPTERS = ChapterListTable(
    rows="ol.chapters li",
    link="a@href",
    title="a",
    published="time@datetime | date",
    # An element of rows whose chapters are not free to read.
    locked=".locked",
    next_page="a.next@href",
)

# TODO: the text of a chapter's page; `drop` are elements in it that are not the author's
_CHAPTER = ChapterTable(
    title="h1.title",
    content="div.text@html",
    note_before="div.note.before@html",
    note_after="div.note.after@html",
    drop=(".advertisement",),
    published="time.published@datetime | date",
)

TABLE = SiteTable(novel=_NOVEL, chapters=_CHAPTERS, chapter=_CHAPTER)


def make_parser(source: Source) -> Parser:
    return DeclarativeParser(
        TABLE,
        match_url=source.match,
        version=VERSION,
        time_zone=source.info.time_zone,
        base_url=source.info.homepage,
    )
