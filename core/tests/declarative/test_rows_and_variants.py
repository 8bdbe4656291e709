"""Rows of a list that mean different things, and tables that differ from site to site."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from novel_core import (
    ChapterListTable,
    ChapterRef,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    Page,
    PageKind,
    PageNumbers,
    Parsed,
    SiteTable,
    UrlKind,
    UrlMatch,
    read_sites,
)

ROOT = "https://marks.example"


def match(url: str) -> UrlMatch | None:
    novel, _, chapter = url.removeprefix(f"{ROOT}/").partition("?")[0].partition("/")
    kind = UrlKind.CHAPTER if chapter else UrlKind.NOVEL
    return UrlMatch(kind, url, novel_id=novel, chapter_id=chapter or None)


def table(**fields: Any) -> SiteTable:
    marks = {"locked": ("b.premium", "i.early"), "skip": "s.draft"}
    return SiteTable(
        novel=NovelTable(title="h1"),
        chapters=ChapterListTable(**{"rows": "li", "heading": "h3"} | marks | fields),
        chapter=ChapterTable(content="article@html"),
    )


def row(number: int, mark: str = "") -> str:
    return f"<li>{mark}<a href='/7/{number}'>Chapter {number}</a></li>"


PREMIUM, EARLY, DRAFT = "<b class=premium></b>", "<i class=early></i>", "<s class=draft></s>"


def read(tables: SiteTable, *rows: str, position: int = 0, query: str = "") -> Parsed:
    body = f"<h1>Salt</h1><ol>{''.join(rows)}</ol>".encode()
    page = Page(f"{ROOT}/7{query}", PageKind.INDEX, body, position=position)
    return DeclarativeParser(tables, match_url=match, version="1").parse(page)


def listed(parsed: Parsed) -> list[tuple[str, str, str | None]]:
    refs = [item for item in parsed.items if isinstance(item, ChapterRef)]
    return [(ref.source_id, ref.access.value, ref.volume) for ref in refs]


def test_each_mark_has_its_meaning() -> None:
    parsed = read(table(), row(1), row(2, PREMIUM), row(3, DRAFT), row(4, EARLY), row(5))
    assert [one[:2] for one in listed(parsed)] == [
        ("1", "free"),
        ("2", "locked"),
        ("4", "locked"),
        ("5", "free"),
    ]
    assert [follow.chapters for follow in parsed.follow] == [("1",), ("5",)]
    assert parsed.warnings == ()


def test_the_volume_of_a_row_that_is_left_out_goes_to_the_next_one() -> None:
    heading = "<li><h3>Book One</h3></li>"
    parsed = read(table(), heading, row(1, DRAFT), row(2), row(3))
    assert listed(parsed) == [("2", "free", "Book One"), ("3", "free", None)]


def test_a_page_of_drafts_only_is_no_broken_page() -> None:
    tables = table(next_page=PageNumbers(query="page", per_page=2))
    parsed = read(tables, row(4, DRAFT), row(5, DRAFT), position=1, query="?page=2")
    assert listed(parsed) == []
    # The list goes on behind them.
    assert [follow.url for follow in parsed.follow] == [f"{ROOT}/7?page=3"]


def test_marks_of_json_are_compared() -> None:
    tables = SiteTable(
        novel=NovelTable(form="json", title="name"),
        chapters=ChapterListTable(
            form="json",
            rows="parts",
            id="id",
            link="id | url:/7/{}",
            title="name",
            locked=("state == 'premium'", "state == 'early'"),
            skip="state == 'draft'",
        ),
        chapter=ChapterTable(content="article@html"),
    )
    states = ["open", "premium", "early", "draft"]
    parts = ",".join(
        f'{{"id": {n}, "name": "N", "state": "{one}"}}' for n, one in enumerate(states)
    )
    page = Page(f"{ROOT}/7", PageKind.INDEX, f'{{"name": "Salt", "parts": [{parts}]}}'.encode())
    parsed = DeclarativeParser(tables, match_url=match, version="1").parse(page)
    assert [one[:2] for one in listed(parsed)] == [("0", "free"), ("1", "locked"), ("2", "locked")]


SITES = """
family = "marks"
[[sites]]
base_url = "https://marks.example"
options.table.novel = { title = "h2" }
options.table.chapters = { rows = "dd", skip = ["i.early", "s.draft"], next_page = { query = "page", last = "nav" } }
"""


def test_a_site_of_a_file_changes_fields_of_its_familys_tables() -> None:
    [site] = read_sites(SITES)
    tables = table().with_fields(site.options["table"])
    assert tables.chapters is not None
    assert isinstance(tables.chapters.next_page, PageNumbers)
    body = f"<h2>Salt</h2>{row(1)}{row(2, EARLY)}{row(3, PREMIUM)}".replace("li>", "dd>")
    page = Page(f"{ROOT}/7", PageKind.INDEX, body.encode())
    parsed = DeclarativeParser(tables, match_url=match, version="1").parse(page)
    assert [one[:2] for one in listed(parsed)] == [("1", "free"), ("3", "locked")]
    assert table() == table().with_fields({})


def test_a_table_is_added_or_left_out() -> None:
    without = table().with_fields({"chapters": None})
    assert without.chapters is None
    assert without.with_fields({"chapters": {"rows": "li"}}).chapters is not None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"chapters": {"rowz": "li"}}, "rowz"),
        ({"chaptrs": {"rows": "li"}}, "chaptrs"),
        ({"novel": {"title": "h1 ::"}}, "title"),
        ({"chapters": {"next_page": {"quer": "page"}}}, "next_page of page numbers"),
        ({"novel": {"form": "json", "title": "css:h1"}}, "a page of JSON has no elements"),
    ],
)
def test_a_wrong_change_is_told_when_the_table_is_made(changes: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        table().with_fields(changes)
