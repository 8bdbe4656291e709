"""Mutated pages: JSON wherever a page has it, one part after the other."""

from __future__ import annotations

import json

import pytest

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    Page,
    PageKind,
    SiteTable,
    SourceError,
    UrlKind,
    UrlMatch,
)
from novel_core.testing.json_places import json_places
from novel_core.testing.mutated_pages import mutated_pages

URL = "https://novels.example/n/7"
DATA = {
    "title": "A Tale",
    "words": 90,
    "tags": ["quiet", "long"],
    "author": {"name": "Ann", "url": "/u/1"},
    "chapters": [
        {"id": 1, "name": "One", "at": "2026-01-01", "free": True},
        {"id": 2, "name": "Two", "at": 1767312000, "free": False},
    ],
}


def page_of(body: str) -> Page:
    kind = {"content-type": "text/html; charset=utf-8"}
    return Page(URL, PageKind.INDEX, body.encode(), headers=kind, requested_url=URL)


PAGES = {
    "a page of JSON": (json.dumps(DATA), "the JSON of the page"),
    "a script of JSON": (
        f'<script id="data" type="application/json">{json.dumps(DATA)}</script>',
        "the script #data",
    ),
    "a variable": (f"<script>window.x = {json.dumps(DATA)}; go(1)</script>", "a script (window.x"),
    "a text with JSON": (
        f"<script id=data>x = JSON.parse({json.dumps(json.dumps(DATA))})</script>",
        "the script #data",
    ),
    "an argument": (f"<script id=data>push([1, {json.dumps(DATA)}])</script>", "the script #data"),
    "an attribute": (f"<p data-page='{json.dumps(DATA)}'></p>", "the attribute data-page of a p"),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_key_is_missing_null_and_of_another_type_once(name: str) -> None:
    body, where = PAGES[name]
    told = [mutated.what for mutated in mutated_pages(page_of(body)) if where in mutated.what]
    for key in ("title", "words", "author.name", "chapters[].id", "chapters"):
        for wrong in ("is missing", "is null", "is an object, or a list if it was one"):
            assert any(f"{key} {wrong}" in one for one in told), (key, wrong, told)
    for what in ("is cut off", "is left out", "is there twice", "follows one like it with {}"):
        assert any(what in one for one in told) == ("script" in where), what
    assert any("chapters is empty" in one for one in told)
    assert any("words is a number as text" in one for one in told)


@pytest.mark.parametrize("name", PAGES)
def test_the_rest_of_the_page_stays(name: str) -> None:
    """A change of one value leaves JSON that can be read, but for the changes of the script."""
    page = page_of(PAGES[name][0])
    for mutated in mutated_pages(page):
        if mutated.what.startswith("in ") and "title is missing" in mutated.what:
            [place] = json_places(mutated.page)
            value = place.value[1] if name == "an argument" else place.value
            assert value == {key: part for key, part in DATA.items() if key != "title"}


def test_scripts_without_json_are_left_alone() -> None:
    page = page_of("<script>function f(x) { if (x == 1) { return [y]; } }</script>" * 3)
    assert list(json_places(page)) == []


def match_url(url: str) -> UrlMatch | None:
    kind, _, number = url.removeprefix("https://novels.example/").partition("/")
    if kind == "n":
        return UrlMatch(UrlKind.NOVEL, url, novel_id=number)
    return UrlMatch(UrlKind.CHAPTER, url, novel_id="7", chapter_id=number) if number else None


@pytest.mark.parametrize("start", ["json:", "script:#data >> "])
def test_a_table_reads_every_mutation_or_tells_what_is_wrong(start: str) -> None:
    form = "json" if start == "json:" else "html"
    table = SiteTable(
        novel=NovelTable(
            form=form,
            title=f"{start}title",
            authors=f"{start}author",
            author_name="json:name",
            author_url="json:url",
            tags=f"{start}tags",
            statistics={"words": f"{start}words"},
        ),
        chapters=ChapterListTable(
            form=form,
            rows=f"{start}chapters",
            id="json:id",
            link="json:id | url:/c/{}",
            title="json:name",
            published="json:at",
            locked="json:locked",
        ),
        chapter=ChapterTable(form=form, content="json:text" if form == "json" else "div@html"),
    )
    parser = DeclarativeParser(table, match_url=match_url, version="1")
    page = page_of(PAGES["a page of JSON" if start == "json:" else "a script of JSON"][0])
    assert len(parser.parse(page).items) == 3
    for mutated in mutated_pages(page):
        try:
            items = parser.parse(mutated.page).items
        except SourceError:
            continue
        assert all(getattr(item, "url", "").startswith("https://") for item in items), mutated.what
