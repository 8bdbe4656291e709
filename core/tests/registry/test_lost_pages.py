"""A page that the site does not have any more, where it redirects to another one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from commands import Novel
from workbench import registry_of

from novel_core import NotFound, Page, PageChanged, PageKind
from novel_core.errors import Blocked, NovelError
from novel_core.lookalike import ThreadedServer
from novel_core.registry.lost_pages import explained

SOURCE = registry_of("tablesite").get("tablesite")
ROOT = SOURCE.info.homepage
NOVEL = f"{ROOT}/book/1"
CHANGED = PageChanged("The page has no text.")


@pytest.mark.parametrize(
    ("kind", "asked", "url", "error", "is_lost"),
    [
        (PageKind.CHAPTER, f"{NOVEL}/two", f"{ROOT}/", CHANGED, True),
        (PageKind.CHAPTER, f"{NOVEL}/two", f"{ROOT}/?from=two", CHANGED, True),
        (PageKind.CHAPTER, f"{NOVEL}/two", NOVEL, CHANGED, True),
        (PageKind.INDEX, NOVEL, ROOT, CHANGED, True),
        # The address of another chapter, of no known kind, or of another novel: the site changed.
        (PageKind.CHAPTER, f"{NOVEL}/two", f"{NOVEL}/three", CHANGED, False),
        (PageKind.CHAPTER, f"{NOVEL}/two", f"{ROOT}/read/two", CHANGED, False),
        (PageKind.INDEX, NOVEL, f"{ROOT}/book/2", CHANGED, False),
        # Where nothing was redirected.
        (PageKind.CHAPTER, f"{NOVEL}/two", f"{NOVEL}/two/", CHANGED, False),
        (PageKind.CHAPTER, f"{NOVEL}/two", f"{NOVEL}/two?page=1", CHANGED, False),
        (PageKind.INDEX, f"{ROOT}/", f"{ROOT}/?lang=en", CHANGED, False),
        (PageKind.IMAGE, f"{ROOT}/a.png", f"{ROOT}/", CHANGED, False),
        (PageKind.CHAPTER, f"{NOVEL}/two", f"{ROOT}/", Blocked("A wall."), False),
    ],
)
def test_a_page_that_led_elsewhere(
    kind: PageKind, asked: str, url: str, error: NovelError, is_lost: bool
) -> None:
    told = explained(SOURCE, Page(url, kind, b"", requested_url=asked), error)
    assert isinstance(told, NotFound) == is_lost
    if is_lost:
        assert told.message.startswith(f"{asked} leads to ")
    else:
        assert told is error


PLUGIN = """
import re
from novel_core import (
    ChapterListTable, ChapterTable, DeclarativeParser, NovelTable, SiteTable, Source, SourceInfo,
    UrlKind, UrlMatch, hookimpl,
)

ROOT = "https://moved.example"
TABLE = SiteTable(
    novel=NovelTable(title="h1"),
    chapters=ChapterListTable(rows="li a", link="@href", title="@href"),
    chapter=ChapterTable(content="article@html", novel="a.up@href"),
)

class Moved(Source):
    info = SourceInfo("moved", "Moved", ROOT, ("moved.example",))

    def match(self, url):
        if url == f"{ROOT}/n/1":
            return UrlMatch(UrlKind.NOVEL, url, "1")
        found = re.fullmatch(ROOT + "/c/([a-z]+)", url)
        return UrlMatch(UrlKind.CHAPTER, url, chapter_id=found[1]) if found else None

    def parser(self):
        return DeclarativeParser(TABLE, match_url=self.match, version="1")

@hookimpl
def novel_sources():
    return [Moved()]
"""
TEXT = '<a class=up href="/n/1">Salt</a><article><p>Text.</p></article>'


def moved_app() -> web.Application:
    async def page(request: web.Request) -> web.Response:
        match request.path:
            case "/c/home":
                raise web.HTTPFound("/")
            case "/c/novel":
                raise web.HTTPFound("/n/1")
            case "/c/gone":
                raise web.HTTPGone
            case "/c/here":
                html = TEXT
            case "/n/1":
                html = '<h1>Salt</h1><li><a href="/c/here">1</a><li><a href="/c/home">2</a>'
            case _:
                html = "<h1>Welcome</h1>"
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    return app


@pytest.fixture
def moved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Novel]:
    command = Novel(monkeypatch, capsys)
    command.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    Path("moved_site.py").write_text(PLUGIN)
    with ThreadedServer(moved_app) as served:
        command.set("NOVEL_HOST_MAP", f"moved.example={served.url}")
        command.set("NOVEL_SOURCES__MOVED__REQUESTS_PER_SECOND", "0")
        yield command


@pytest.mark.parametrize("chapter", ["home", "novel", "gone"])
def test_a_gone_chapter_as_the_first_url_is_not_found(moved: Novel, chapter: str) -> None:
    url = f"https://moved.example/c/{chapter}"
    ran = moved("try", "moved_site.py", url, "--json")
    assert (ran.code, ran.json["error_code"]) == (5, "not_found")
    ran = moved("record", url, "--plugin", "moved_site.py", "--into", "recordings", "--json")
    assert [one["error"]["code"] for one in ran.json] == ["not_found"]
    expected = json.loads(Path(f"recordings/chapter-{chapter}/expected.json").read_text())
    assert expected["error"]["code"] == "not_found"


def test_a_gone_chapter_of_the_list_is_a_gap_that_says_so(moved: Novel) -> None:
    ran = moved("try", "moved_site.py", "https://moved.example/c/here", "--json")
    assert ran.json["novel"]["title"] == "Salt"
    assert [(one["url"], one["code"]) for one in ran.json["failures"]] == [
        ("https://moved.example/c/home", "not_found")
    ]
