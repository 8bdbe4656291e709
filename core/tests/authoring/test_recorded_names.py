"""Names of what `novel record` writes: gates, pages whose text is elsewhere, unlisted sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apisite
import pytest
import shellsite
from aiohttp import web
from apisite import ApiSite
from commands import Novel
from shellsite import ShellSite

from novel_core.lookalike import ThreadedServer

#: A chapter's page has no text: it leads to one of JSON, which names its chapter or does not.
FRAMES = """
import re
from novel_core import (
    Chapter, ChapterRef, Follow, Novel, PageKind, Parsed, Parser, Source, SourceInfo, UrlKind,
    UrlMatch, hookimpl,
)

ROOT = "https://frames.example"

class Frames(Parser):
    version = "1"

    def parse(self, page):
        if page.kind is PageKind.INDEX:
            refs = [
                ChapterRef(source_id=id_, title=f"Part {id_}", url=f"{ROOT}/7/{id_}")
                for id_ in re.findall(r"<li>([0-9]+)", page.text)
            ]
            novel = Novel(source_id="7", title="Salt", url=f"{ROOT}/7")
            return Parsed([novel, *refs], [Follow.chapter(ref) for ref in refs])
        chapter = page.url.rpartition("/")[2]
        if "/api/" not in page.url:
            named = (chapter,) if NAMED else ()
            text = Follow(f"{ROOT}/api/{chapter}", PageKind.CHAPTER, chapters=named)
            return Parsed((), [text])
        text = page.json()["text"]
        url = f"{ROOT}/7/{chapter}"
        return Parsed([Chapter(source_id=chapter, title="x", url=url, content_html=text)])

class Site(Source):
    info = SourceInfo("frames", "Frames", ROOT, ("frames.example",))

    def match(self, url):
        found = re.fullmatch(ROOT + r"/7(?:/([0-9]+))?", url)
        if found is None:
            return None
        if found[1] is None:
            return UrlMatch(UrlKind.NOVEL, url, "7")
        return UrlMatch(UrlKind.CHAPTER, url, "7", found[1], f"{ROOT}/7")

    def parser(self):
        return Frames()

@hookimpl
def novel_sources():
    return [Site()]
"""


def frames_app() -> web.Application:
    async def novel(request: web.Request) -> web.Response:
        del request
        rows = "".join(f"<li>{number}" for number in range(1, 7))
        return web.Response(text=f"<ul>{rows}</ul>", content_type="text/html")

    async def shell(request: web.Request) -> web.Response:
        del request
        return web.Response(text="<div id=app></div>", content_type="text/html")

    async def text(request: web.Request) -> web.Response:
        return web.json_response({"text": f"<p>Text {request.match_info['id']}.</p>"})

    app = web.Application()
    app.router.add_get("/7", novel)
    app.router.add_get("/7/{id}", shell)
    app.router.add_get("/api/{id}", text)
    return app


@pytest.fixture
def authoring(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Novel:
    command = Novel(monkeypatch, capsys)
    command.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return command


@pytest.fixture
def shells(authoring: Novel) -> Iterator[Novel]:
    with ThreadedServer(ShellSite().app) as served:
        hosts = (shellsite.HOST, shellsite.API_HOST)
        authoring.set("NOVEL_HOST_MAP", ",".join(f"{host}={served.url}" for host in hosts))
        authoring.set("NOVEL_SOURCES__SHELLSITE__REQUESTS_PER_SECOND", "0")
        yield authoring


@pytest.fixture(params=["named", "unnamed"])
def frames(authoring: Novel, request: pytest.FixtureRequest) -> Iterator[tuple[Novel, str]]:
    plugin = f"frames_{request.param}.py"
    Path(plugin).write_text(FRAMES.replace("NAMED", str(request.param == "named")))
    with ThreadedServer(frames_app) as served:
        authoring.set("NOVEL_HOST_MAP", f"frames.example={served.url}")
        authoring.set("NOVEL_SOURCES__FRAMES__REQUESTS_PER_SECOND", "0")
        yield authoring, plugin


def recorded(novel: Novel, url: str, plugin: str, *arguments: str) -> dict[str, object]:
    ran = novel("record", url, "--plugin", plugin, "--into", "recordings", "--json", *arguments)
    assert ran.code == 0, ran.err
    return {Path(one["recording"]).name: one["error"] and one["error"]["code"] for one in ran.json}


GATED = f"{shellsite.ROOT}/part/6"


@pytest.mark.parametrize(("given", "name"), [(("--name", "early"), "early"), ((), "chapter-6")])
def test_a_confirmed_gate_is_recorded_beside_the_page_that_was_asked_for(
    shells: Novel, given: tuple[str, ...], name: str
) -> None:
    wanted = {f"{name}-gate": "gated", name: None}
    assert recorded(shells, GATED, "shellsite", "--confirm-gates", *given) == wanted
    assert recorded(shells, GATED, "shellsite", "--confirm-gates", "--update", *given) == wanted
    assert "Text 6." in Path(f"recordings/{name}/body.html").read_text()
    assert "I am of age" in Path(f"recordings/{name}-gate/body.html").read_text()
    ran = shells("check", "shellsite", "--plugin", "shellsite", "--recordings", "recordings")
    assert (ran.code, "2 recordings" in ran.out) == (0, True), ran.out


def test_a_gate_that_was_not_confirmed_keeps_the_name_and_says_how(shells: Novel) -> None:
    ran = shells("record", GATED, "--plugin", "shellsite", "--into", "recordings")
    assert (ran.code, "error gated" in ran.out) == (0, True)
    assert "repeat the command with --confirm-gates" in ran.err
    assert [place.name for place in Path("recordings").iterdir()] == ["chapter-6"]


@pytest.mark.parametrize("flag", [True, False])
def test_try_confirms_a_gate_where_it_may(shells: Novel, flag: bool) -> None:
    ran = shells("try", "shellsite", GATED, "--chapters", "1", *["--confirm-gates"] * flag)
    assert ("Text 6." in ran.out) == flag
    assert ("--confirm-gates" in ran.err) == (not flag)


SAMPLE = """
import shellsite
from novel_core import Sample, UrlKind, hookimpl

class Source(shellsite.ShellSource):
    samples = (Sample(f"{shellsite.ROOT}/part/6", UrlKind.CHAPTER, f"{shellsite.ROOT}/part/6", chapter_id="6"),)

@hookimpl
def novel_sources():
    return [Source()]
"""


@pytest.mark.parametrize("flag", [True, False])
def test_a_live_check_confirms_a_gate_where_it_may(shells: Novel, flag: bool) -> None:
    Path("gated_sample.py").write_text(SAMPLE)
    Path("recordings").mkdir()
    asked = ("check", "gated_sample.py", "--recordings", "recordings", "--live", "--json")
    ran = shells(*asked, *["--confirm-gates"] * flag)
    [found] = ran.json["sources"]
    assert [one["code"] for one in found["live"]["unreachable"]] == ([] if flag else ["gated"])


def test_the_page_with_a_chapters_text_is_named_by_it(frames: tuple[Novel, str]) -> None:
    novel, plugin = frames
    url = "https://frames.example/7"
    assert set(recorded(novel, f"{url}/6", plugin)) == {"chapter-6", "chapter-6-text"}
    assert set(recorded(novel, f"{url}/5", plugin, "--name", "late")) == {"late", "late-text"}
    assert "Text 5." in Path("recordings/late-text/body.json").read_text()
    assert set(recorded(novel, url, plugin, "--chapters", "2")) == {
        "novel-7", "chapter-1", "chapter-1-text", "chapter-2", "chapter-2-text",
    }  # fmt: skip
    # Recorded again, each keeps its name.
    assert set(recorded(novel, f"{url}/6", plugin, "--update")) == {"chapter-6", "chapter-6-text"}
    ran = novel("check", plugin, "--recordings", "recordings")
    assert (ran.code, "9 recordings" in ran.out) == (0, True), ran.out + ran.err


def test_try_fetches_texts_that_a_chapters_page_leads_to(frames: tuple[Novel, str]) -> None:
    novel, plugin = frames
    ran = novel("try", plugin, "https://frames.example/7", "--chapters", "2", "--json")
    texts = [one["source_id"] for one in ran.json["chapters"] if one["content_html"]]
    assert (ran.code, texts, ran.json["failures"]) == (0, ["1", "2"], []), ran.err
    ran = novel("try", plugin, "https://frames.example/7/5", "--chapters", "1", "--json")
    texts = [one["source_id"] for one in ran.json["chapters"] if one["content_html"]]
    assert (ran.code, texts) == (0, ["5"]), ran.err


def test_it_is_told_that_no_chapter_was_reached(shells: Novel) -> None:
    story = f"{shellsite.ROOT}/story/41"
    ran = shells("record", story, "--plugin", "shellsite", "--into", "recordings", "--pages", "0")
    assert ran.code == 0, ran.err
    assert "No chapter was reached" in ran.err
    assert "--pages N" in ran.err
    assert "--chapters N" in ran.err
    for more in (("--pages", "1"), ("--chapters", "0")):
        ran = shells(
            "record", story, "--plugin", "shellsite", "--into", "recordings", "--update", *more
        )
        assert (ran.code, "No chapter was reached" in ran.err) == (0, False)


def test_batches_of_every_list_page_are_fetched(authoring: Novel) -> None:
    site = ApiSite(
        [{"id": id_, "name": f"Part {id_}", "html": "<p>x</p>"} for id_ in range(11, 18)]
    )
    with ThreadedServer(site.app) as served:
        authoring.set("NOVEL_HOST_MAP", f"{apisite.HOST}={served.url}")
        authoring.set("NOVEL_SOURCES__APISITE__REQUESTS_PER_SECOND", "0")
        names = recorded(
            authoring, f"{apisite.ROOT}/work/1", "apisite", "--chapters", "5", "--pages", "3"
        )
    texts = [path.partition("ids=")[2] for path in site.requests if "ids=" in path]
    assert sorted(texts) == ["11,12", "13", "14,15"]
    assert set(names) >= {"chapter-11", "chapter-13", "chapter-14"}


@pytest.mark.parametrize("name", ["a/b", "..", "", "../kept", ".hidden", "a b", "x" * 101])
def test_a_name_that_is_no_folders_name_is_refused(shells: Novel, name: str) -> None:
    asked = ("record", GATED, "--plugin", "shellsite", "--into", "recordings", "--name", name)
    ran = shells(*asked, "--update")
    assert (ran.code, "A recording cannot be called" in ran.err) == (2, True)
    assert not Path("recordings").exists()


def test_what_is_no_recording_is_told(shells: Novel) -> None:
    recorded(shells, GATED, "shellsite")
    ran = shells("record", "recordings", "--plugin", "shellsite")
    assert (ran.code, "recordings is a folder of 1 recording, not one" in ran.err) == (2, True)
    assert "Give one of them, such as recordings/chapter-6" in ran.err
    ran = shells("record", "recordings/none", "--plugin", "shellsite")
    assert (ran.code, "or the folder of one recording" in ran.err) == (2, True)
    ran = shells("record", "recordings/chapter-6", "--plugin", "shellsite")
    assert (ran.code, ran.out.startswith("unchanged recordings/chapter-6: ")) == (0, True)


def test_what_a_page_has_is_counted_by_kind(shells: Novel) -> None:
    asked = ("record", f"{shellsite.ROOT}/story/41", "--plugin", "shellsite", "--into", "kept")
    ran = shells(*asked)
    lines = {line.split(":")[0]: line.partition("KiB, ")[2] for line in ran.out.splitlines()}
    assert lines == {
        "recorded kept/novel-41": "the novel",
        "recorded kept/novel-41-page-2": "6 listed chapters",
        "recorded kept/chapter-1": "1 text",
    }
