"""{{ cookiecutter.source }}'s parser: a table of selectors.

A selector is CSS, then `@attribute` or `@html` where it is not the text that is wanted, then `| step` for what is to be done to it.
"""

from __future__ import annotations

from novel_core.declarative import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    SiteTable,
)

from {{ cookiecutter.__module }} import urls

#: Another version whenever the same page gives other items: what was read with an older one is read anew.
VERSION = "1"

# TODO: where the novel's own page has each field; title is required, leave out what the site lacks
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

# TODO: the rows of the chapter list, and where each has its fields; `locked` is what stands in rows nobody can read freely
_CHAPTERS = ChapterListTable(
    rows="ol.chapters li",
    link="a@href",
    title="a",
    published="time@datetime | date",
    locked=".locked",
    next_page="a.next@href",
)

# TODO: where a chapter's page has its text; `drop` are elements inside it that are not the author's
_CHAPTER = ChapterTable(
    title="h1.title",
    content="div.text@html",
    note_before="div.note.before@html",
    note_after="div.note.after@html",
    drop=(".advertisement",),
    published="time.published@datetime | date",
)

TABLE = SiteTable(novel=_NOVEL, chapters=_CHAPTERS, chapter=_CHAPTER)


def make_parser() -> DeclarativeParser:
    return DeclarativeParser(TABLE, match_url=urls.match_url, version=VERSION)
