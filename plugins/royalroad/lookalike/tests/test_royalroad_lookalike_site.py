"""The look-alike as a site: URLs, redirects, faults, conditional requests, log and control."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import pytest

from novel_core.page import Page
from novel_core.source import PageKind
from novel_royalroad import SOURCE
from novel_royalroad_lookalike import (
    ChapterFault,
    Fiction,
    Hidden,
    Library,
    LookalikeServer,
    SiteSwitches,
    Times,
)
from novel_royalroad_lookalike.damage import BIG_BYTES, BIG_LIST_BYTES, NESTED_TAGS

FICTION = 7
COMMAND = [sys.executable, "-m", "novel_royalroad_lookalike", "--chapters", "2"]
PATIENCE = 20
CLOSED_OUT = (
    "GPTBot",
    "CCBot",
    "Google-Extended",
    "Applebot-Extended",
    "Amazonbot",
    "Bytespider",
    "ClaudeBot",
    "meta-externalagent",
)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def location(self) -> str | None:
        return self.headers["Location"]


def connect(port: int, timeout: float = PATIENCE) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


def ask(
    port: int,
    path: str,
    headers: dict[str, str] | None = None,
    *,
    method: str = "GET",
    body: bytes | None = None,
) -> Answer:
    with closing(connect(port)) as connection:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def command(site: LookalikeServer, **words: Any) -> tuple[int, dict[str, Any]]:
    answer = ask(site.port, "/_control", method="POST", body=json.dumps(words).encode())
    return answer.status, json.loads(answer.body)


@pytest.fixture
def fiction() -> Fiction:
    return Fiction.generate(FICTION, chapters=6, chapter_bytes=3000)


@pytest.fixture
def site(fiction: Fiction) -> Iterator[LookalikeServer]:
    with LookalikeServer(Library([fiction])) as served:
        yield served


@pytest.fixture
def home(fiction: Fiction) -> str:
    return f"/fiction/{FICTION}/{fiction.slug}"


@pytest.fixture
def page(fiction: Fiction, home: str) -> str:
    chapter = fiction.chapters[2]
    return f"{home}/chapter/{chapter.id}/{chapter.slug}"


def test_addresses_of_a_fiction(site: LookalikeServer, home: str) -> None:
    assert ask(site.port, home).status == 200
    for other in (f"/fiction/{FICTION}", f"/fiction/{FICTION}/an-older-title"):
        answer = ask(site.port, other)
        assert (answer.status, answer.location) == (301, home)


def test_addresses_of_a_chapter(site: LookalikeServer, fiction: Fiction, page: str) -> None:
    chapter = fiction.chapters[2].id
    short = ask(site.port, f"/fiction/chapter/{chapter}")
    assert (short.status, short.location) == (302, page)
    assert ask(site.port, f"{page}?utm=1").status == 200
    for odd in (f"/fiction/0/_/chapter/{chapter}/_", f"/fiction/99/lie/chapter/{chapter}/x"):
        answer = ask(site.port, odd)
        assert answer.status == 200
        assert f'href="https://www.royalroad.com{page}"'.encode() in answer.body
    assert ask(site.port, page.rpartition("/")[0]).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/fiction/8",
        "/fiction/8/slug",
        "/fiction/chapter/1",
        "/fiction/7/x/chapter/1/y",
        f"/fiction/{'9' * 5000}",
        "/fictions/search",
        "/account/login",
        "/%00",
    ],
)
def test_what_is_not_there(site: LookalikeServer, path: str) -> None:
    answer = ask(site.port, path)
    assert answer.status == 404
    assert b"page-404" in answer.body


def test_the_root_leads_home(site: LookalikeServer, home: str) -> None:
    answer = ask(site.port, "/")
    assert (answer.status, answer.location) == (302, "/home")
    assert home.encode() in ask(site.port, "/home").body


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_only_get_is_answered(site: LookalikeServer, home: str, method: str) -> None:
    assert ask(site.port, home, method=method).status == 405


def test_robots_txt(site: LookalikeServer) -> None:
    text = ask(site.port, "/robots.txt").body.decode()
    assert "User-agent: *\nDisallow: /fiction/chapter/*/vote\n" in text
    groups = [group.splitlines() for group in text.split("\n\n")]
    sign_in = ["Disallow: /account/login", "Disallow: /account/register"]
    expected = {
        "*": [
            "Disallow: /fiction/chapter/*/vote",
            "Disallow: /fictions/review/",
            "Disallow: /forums/report/*",
            "Disallow: /report/*",
        ],
        "grapeshot": sign_in,
        "Getintent Crawler (https://getintent.com/bot.html)": sign_in,
    }
    for agent in CLOSED_OUT:
        expected[agent] = ["Disallow: /"]
    assert {agent.removeprefix("User-agent: "): rules for agent, *rules in groups} == expected
    site.switches.robots = "User-agent: *\nDisallow: /\n"
    assert ask(site.port, "/robots.txt").body == b"User-agent: *\nDisallow: /\n"
    site.switches.robots = ""
    assert ask(site.port, "/robots.txt").status == 404


@pytest.mark.parametrize(
    ("path", "kind", "mark"),
    [
        ("/public/covers-large/7-slug.jpg?time=1", "image/jpeg", b"\xff\xd8"),
        ("/a7Map.png", "image/png", b"\x89PNG"),
        ("/dist/img/nocover-new-min.png", "image/png", b"\x89PNG"),
        ("/images/anything", "image/png", b"\x89PNG"),
    ],
)
def test_images(site: LookalikeServer, path: str, kind: str, mark: bytes) -> None:
    answer = ask(site.port, path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.body.startswith(mark)


def test_the_layout_goes_by_cookie_and_switch(site: LookalikeServer, home: str, page: str) -> None:
    modern, legacy = {"Cookie": "a=b; rr_ui_mode=redesign"}, {"Cookie": "rr_ui_mode=legacy"}
    for path, mark in ((home, b"fiction-hero"), (page, b"chapterHeroData")):
        assert mark in ask(site.port, path, modern).body
        assert mark not in ask(site.port, path, legacy).body
        site.switches.redesign = True
        assert mark in ask(site.port, path, legacy).body
        site.switches.redesign = False


def test_chapters_come_and_go(site: LookalikeServer, fiction: Fiction, home: str) -> None:
    chapter = fiction.chapters[1]
    path = f"{home}/chapter/{chapter.id}/{chapter.slug}"
    fiction.remove(chapter.id)
    assert ask(site.port, path).status == 404
    assert ask(site.port, f"/fiction/chapter/{chapter.id}").status == 404
    fiction.restore(chapter.id)
    chapter.unlisted = True
    assert path.encode() not in ask(site.port, home).body
    assert b"chapter-inner" in ask(site.port, path).body
    fiction.lock(chapter.id)
    answer = ask(site.port, path)
    assert (answer.status, b"chapter-inner" in answer.body) == (200, False)


def test_bad_moments_count_down(site: LookalikeServer, home: str) -> None:
    site.switches.limited, site.switches.unavailable, site.switches.failing = 2, 1, 1
    assert ask(site.port, "/robots.txt").status == 200  # only pages count
    assert ask(site.port, "/cover.png").status == 200
    statuses = [ask(site.port, home).status for _ in range(5)]
    assert statuses == [429, 429, 503, 500, 200]


@pytest.mark.parametrize(
    ("pause", "header"),
    [(3, "3"), ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"), (None, None)],
)
def test_retry_after(
    site: LookalikeServer, home: str, pause: int | str | None, header: str | None
) -> None:
    site.switches.limited, site.switches.retry_after = 1, pause
    assert ask(site.port, home).headers["Retry-After"] == header


@pytest.mark.parametrize(
    ("fault", "status", "mark"),
    [
        (ChapterFault.NOT_FOUND, 404, b"page-404"),
        (ChapterFault.NOT_FOUND_200, 200, b"page-404"),
        (ChapterFault.CHALLENGE, 403, b"_cf_chl_opt"),
        (ChapterFault.LOGIN, 200, b"form-login-details"),
        (ChapterFault.REDESIGN, 200, b"tailwind"),
        (ChapterFault.UNKNOWN_LAYOUT, 200, b"reader-shell"),
        (ChapterFault.BINARY, 200, b"\x00\x01\xfe\xff"),
        (ChapterFault.NESTED, 200, b"<div>" * NESTED_TAGS),
        (ChapterFault.INVALID_UTF8, 200, b"\xff\xfe"),
        (ChapterFault.NUL, 200, b"\x00\x00"),
        (ChapterFault.ERROR_500, 500, b"500"),
        (ChapterFault.UNAVAILABLE, 503, b"503"),
        (ChapterFault.LIMITED, 429, b"429"),
    ],
)
def test_faults_with_a_body(
    site: LookalikeServer, home: str, page: str, fault: ChapterFault, status: int, mark: bytes
) -> None:
    for path in (home, page):
        assert mark not in ask(site.port, path).body
        site.switches.faults[path] = fault
        answer = ask(site.port, path)
        assert answer.status == status
        assert mark in answer.body
        site.switches.faults.clear()


def test_every_fault_is_served() -> None:
    from novel_royalroad_lookalike import faults

    assert set(ChapterFault) == {*faults._PLAIN, *faults._STREAMED}


def test_a_challenge_tells_so_in_its_header(site: LookalikeServer, home: str) -> None:
    site.switches.faults["fiction:7"] = ChapterFault.CHALLENGE
    assert ask(site.port, home).headers["cf-mitigated"] == "challenge"


def test_truncated_and_empty_pages(site: LookalikeServer, home: str, page: str) -> None:
    for path, text in ((page, b"chapter-content"), (home, b'id="chapters"')):
        whole = ask(site.port, path).body
        site.switches.faults[path] = ChapterFault.TRUNCATED
        answer = ask(site.port, path)
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert text in answer.body
        assert (b"</html>" in answer.body, len(answer.body) < len(whole)) == (False, True)
        site.switches.faults[path] = ChapterFault.EMPTY
        assert ask(site.port, path).body == b""


def test_redirecting_faults(site: LookalikeServer, page: str) -> None:
    site.switches.faults[page] = ChapterFault.REDIRECT_LOOP
    answer = ask(site.port, page)
    assert (answer.status, answer.location) == (302, page)
    site.switches.faults[page] = ChapterFault.REDIRECT_AWAY
    assert ask(site.port, page).location == "http://169.254.169.254/latest/meta-data/"
    site.switches.redirect_target = "https://elsewhere.example/"
    assert ask(site.port, page).location == "https://elsewhere.example/"


def test_cut_and_reset_connections(site: LookalikeServer, page: str) -> None:
    site.switches.faults[page] = ChapterFault.CUT
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(site.port, page)
    assert b"chapter-content" in caught.value.partial
    site.switches.faults[page] = ChapterFault.RESET
    with pytest.raises(ConnectionResetError):
        ask(site.port, page)


def test_slow_answers_end_with_the_site(fiction: Fiction) -> None:
    hanging, dripping, unread = (
        f"/fiction/0/_/chapter/{chapter.id}/_" for chapter in fiction.chapters[:3]
    )
    faults = {
        hanging: ChapterFault.HANG,
        dripping: ChapterFault.DRIP,
        unread: ChapterFault.HUGE,
    }
    with ExitStack() as stack:
        site = LookalikeServer(Library([fiction]), SiteSwitches(faults=faults))
        with site:
            hung, dripped, ignored = (
                stack.enter_context(closing(connect(site.port, timeout)))
                for timeout in (0.2, PATIENCE, PATIENCE)
            )
            ignored.request("GET", unread)
            assert ignored.getresponse().status == 200
            dripped.request("GET", dripping)
            assert dripped.getresponse().read(2) == b"<!"
            hung.request("GET", hanging)
            with pytest.raises(TimeoutError):
                hung.getresponse()
            assert site.paths() == [unread, dripping, hanging]
    assert "lookalike" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(ConnectionRefusedError), closing(socket.socket()) as probe:
        probe.connect(("127.0.0.1", site.port))


def test_huge_pages(site: LookalikeServer, page: str) -> None:
    site.switches.faults[page] = ChapterFault.HUGE
    with closing(connect(site.port)) as connection:
        connection.request("GET", page)
        response = connection.getresponse()
        assert response.headers["Content-Length"] is None
        assert len(response.read(1_000_000)) == 1_000_000
    site.switches.faults.clear()
    assert ask(site.port, page).status == 200  # it lives on when the reader leaves


def test_a_huge_chapter_list(site: LookalikeServer, home: str) -> None:
    site.switches.faults["fiction:7"] = ChapterFault.HUGE_LIST
    answer = ask(site.port, home)
    assert answer.headers["Content-Length"] is None
    assert 0.99 * BIG_LIST_BYTES < len(answer.body) < 1.01 * BIG_LIST_BYTES
    items = SOURCE.parser().parse(Page(home, PageKind.INDEX, answer.body)).items
    assert len({item.source_id for item in items[1:]}) == len(items) - 1 > 30_000
    assert f'data-chapters="{len(items) - 1}"'.encode() in answer.body
    assert answer.body.count(b'class="chapter-row"') == len(items) - 1
    site.library.fictions[9] = Fiction.bare(9)
    site.switches.faults["/"] = ChapterFault.HUGE_LIST
    path = site.library.fictions[9].path
    assert b'data-chapters="0"' in ask(site.port, path).body


def test_gzip_bomb(site: LookalikeServer, page: str) -> None:
    site.switches.faults[page] = ChapterFault.GZIP_BOMB
    answer = ask(site.port, page)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < BIG_BYTES // 500
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    size, rest = 0, answer.body
    while rest and not unpacker.eof:
        size += len(unpacker.decompress(rest, 1 << 20))
        rest = unpacker.unconsumed_tail
    assert (size, unpacker.eof, unpacker.unused_data) == (BIG_BYTES, True, b"")


def test_where_a_fault_is(site: LookalikeServer, fiction: Fiction, home: str, page: str) -> None:
    faults, chapter = site.switches.faults, fiction.chapters[2].id
    forms = [page, f"/fiction/chapter/{chapter}", f"/fiction/0/_/chapter/{chapter}/_"]
    faults[f"chapter:{chapter}"] = ChapterFault.ERROR_500
    assert [ask(site.port, form).status for form in forms] == [500, 500, 500]
    assert ask(site.port, home).status == 200
    faults.clear()
    faults["fiction:7"] = ChapterFault.ERROR_500
    assert [ask(site.port, path).status for path in (home, "/fiction/7", page)] == [500, 500, 200]
    faults.clear()
    faults["/fiction/7"] = ChapterFault.ERROR_500
    faults[f"{home}/chapter"] = ChapterFault.NOT_FOUND
    assert [ask(site.port, path).status for path in (home, page)] == [500, 404]
    assert ask(site.port, "/fiction/77").status == 404
    faults.clear()
    faults["/"] = ChapterFault.ERROR_500
    assert [ask(site.port, path).status for path in ("/", home, "/x.png")] == [500, 500, 500]


def test_faults_that_pass(site: LookalikeServer, home: str, page: str) -> None:
    faults = site.switches.faults
    faults[page] = Times(ChapterFault.UNAVAILABLE, 2)
    faults["fiction:7"] = Times(ChapterFault.LIMITED)
    site.switches.retry_after = 5
    assert [ask(site.port, page).status for _ in range(3)] == [503, 503, 200]
    answers = [ask(site.port, home) for _ in range(2)]
    assert [answer.status for answer in answers] == [429, 200]
    assert answers[0].headers["Retry-After"] == "5"
    faults["/fiction"] = ChapterFault.ERROR_500
    faults[page] = Times(ChapterFault.NOT_FOUND)
    assert [ask(site.port, page).status for _ in range(2)] == [404, 500]


def test_conditional_requests(
    site: LookalikeServer, fiction: Fiction, home: str, page: str
) -> None:
    assert ask(site.port, page).headers["ETag"] is None
    site.switches.validators = True
    change = {
        home: fiction.add_chapter,
        page: lambda: fiction.edit(fiction.chapters[2].id, "Other words."),
    }
    for path in (home, page):
        first = ask(site.port, path)
        tag, date = first.headers["ETag"], first.headers["Last-Modified"]
        again = ask(site.port, path)
        assert (again.headers["ETag"], again.headers["Last-Modified"]) == (tag, date)
        for held in ({"If-None-Match": f"W/{tag}"}, {"If-Modified-Since": date}):
            answer = ask(site.port, path, held)
            assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
        assert ask(site.port, path, {"If-None-Match": '"x"', "If-Modified-Since": date}).body
        assert ask(site.port, path, {"If-Modified-Since": "yesterday"}).status == 200
        change[path]()
        for held in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
            assert ask(site.port, path, held).status == 200


def test_a_removal_changes_the_date_too(site: LookalikeServer, fiction: Fiction, home: str) -> None:
    site.switches.validators = True
    held = {"If-Modified-Since": ask(site.port, home).headers["Last-Modified"]}
    assert ask(site.port, home, held).status == 304
    fiction.remove(fiction.chapters[0].id)
    assert ask(site.port, home, held).status == 200


def test_the_log(site: LookalikeServer, home: str, page: str) -> None:
    for path in ("/robots.txt", f"{home}?a=b", page, "/cover.png"):
        ask(site.port, path, {"Host": "www.royalroad.com", "X-Mark": "1"})
    assert command(site, command="clear_faults")[0] == 200  # is not logged
    assert site.paths() == ["/robots.txt", f"{home}?a=b", page, "/cover.png"]
    assert site.paths(pages_only=True) == [f"{home}?a=b", page]
    assert (site.count("/fiction/7"), site.count()) == (2, 4)
    seen = site.requests[2]
    assert (seen.method, seen.host, seen.headers["x-mark"]) == ("GET", "www.royalroad.com", "1")
    assert [one.time for one in site.requests] == sorted(one.time for one in site.requests)
    site.clear()
    assert site.requests == []


def test_the_host_map(site: LookalikeServer) -> None:
    hosts = ("www.royalroad.com", "www.royalroadcdn.com", "i.imgur.com")
    assert site.host_map == ",".join(f"{host}=http://127.0.0.1:{site.port}" for host in hosts)


def test_control_of_chapters(site: LookalikeServer, fiction: Fiction) -> None:
    status, added = command(site, command="add_chapter", fiction=7, title="Late Arrival")
    newest = fiction.chapters[-1]
    assert (status, added["chapter"], newest.title) == (200, newest.id, "Late Arrival")
    chapter = fiction.chapters[0]
    for verb, name, value in (
        ("remove", "removed", True),
        ("restore", "removed", False),
        ("lock", "locked", True),
        ("unlock", "locked", False),
    ):
        assert command(site, command=verb, chapter=chapter.id)[0] == 200
        assert getattr(chapter, name) is value
    assert command(site, command="edit", chapter=chapter.id, text="Once more.")[0] == 200
    assert any("Once more." in paragraph for paragraph in chapter.paragraphs)
    assert chapter.edited is not None
    assert command(site, command="move", chapter=chapter.id, index=3)[0] == 200
    assert fiction.chapters[3] is chapter
    renamed = command(site, command="rename", chapter=chapter.id, title="It's [done]")
    assert renamed == (200, {"chapter": chapter.id, "title": "It's [done]", "slug": "its-done"})
    assert command(site, command="hidden", chapter=chapter.id, hidden="td")[0] == 200
    assert chapter.hidden is Hidden.IN_TD
    for volume in (72, None):
        assert command(site, command="volume", chapter=chapter.id, volume=volume)[0] == 200
        assert chapter.volume_id == volume
    assert command(site, command="stub", fiction=7) == (200, {"fiction": 7, "status": "STUB"})
    assert fiction.listed == []


def test_control_of_the_site(site: LookalikeServer, page: str) -> None:
    assert command(site, command="set", name="limited", value=1) == (200, {"limited": 1})
    assert ask(site.port, page).status == 429
    command(site, command="set", name="hidden_style", value="grouped")
    assert site.switches.hidden_style == "grouped"
    command(site, command="fault", path=page, fault="error_500")
    assert ask(site.port, page).status == 500
    assert command(site, command="fault", path=page, fault="limited", times=1) == (
        200,
        {"faults": {page: {"fault": "limited", "left": 1}}},
    )
    assert [ask(site.port, page).status for _ in range(2)] == [429, 200]
    assert command(site, command="fault", path="/x", fault="empty")[1]["faults"]["/x"] == "empty"
    command(site, command="clear_faults")
    assert ask(site.port, page).status == 200
    seen = command(site, command="requests")[1]["requests"]
    assert [one["path"] for one in seen] == [page] * 5
    assert {"method", "host", "headers", "time"} < set(seen[0])
    command(site, command="clear")
    assert command(site, command="requests") == (200, {"requests": []})


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({}, "no command None; there are add_chapter, "),
        ({"command": "fly"}, "no command 'fly'; there are add_chapter, "),
        ({"command": "add_chapter"}, "`fiction` must be a number, not None"),
        ({"command": "add_chapter", "fiction": True}, "`fiction` must be a number, not True"),
        ({"command": "add_chapter", "fiction": 9}, "no fiction 9; there are [7]"),
        ({"command": "add_chapter", "fiction": 7, "title": 1}, "`title` must be a text"),
        ({"command": "remove", "chapter": 5}, "no chapter 5"),
        ({"command": "set", "name": "speed", "value": 1}, "no switch 'speed'; there are "),
        ({"command": "set", "name": "latency"}, "`value` is missing"),
        ({"command": "set", "name": "latency", "value": "x"}, "latency takes seconds, not 'x'"),
        ({"command": "set", "name": "limited", "value": -1}, "limited takes a number, not -1"),
        ({"command": "set", "name": "fast", "value": 1}, "fast takes true or false, not 1"),
        ({"command": "fault", "path": "/", "fault": "x"}, "no fault 'x'; there are not_found, "),
        ({"command": "move", "chapter": 7_001_001}, "`index` must be a number, not None"),
        ({"command": "rename", "chapter": 7_001_001}, "`title` must be a text, not None"),
        ({"command": "stub"}, "`fiction` must be a number, not None"),
        (
            {"command": "hidden", "chapter": 7_001_001, "hidden": "x"},
            "no place 'x'; there are sibling, ",
        ),
        ({"command": "volume", "chapter": 7_001_001}, "`volume` must be a number, not None"),
        (
            {"command": "volume", "chapter": 7_001_001, "volume": 9},
            "no volume 9; there are [71, 72]",
        ),
        (
            {"command": "fault", "path": "/", "fault": "hang", "times": "x"},
            "`times` must be a number, not 'x'",
        ),
        ({"command": "fault", "fault": "hang"}, "`path` must be a text, not None"),
    ],
)
def test_control_refuses_with_words(
    site: LookalikeServer, words: dict[str, Any], error: str
) -> None:
    status, answer = command(site, **words)
    assert status == 400
    assert answer["error"].startswith(error)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1]", b"7"])
def test_control_takes_json_objects_only(site: LookalikeServer, body: bytes) -> None:
    answer = ask(site.port, "/_control", method="POST", body=body)
    assert answer.status == 400
    assert "JSON" in json.loads(answer.body)["error"]


def test_a_taken_port_is_told_at_once(site: LookalikeServer) -> None:
    with pytest.raises(OSError, match="in use"), LookalikeServer(Library(), port=site.port):
        pass


def served(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    return int(url.rpartition(":")[2])


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_process_of_its_own_ends_on_a_signal(end: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--fictions", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        port = served(process)
        assert [ask(port, f"/fiction/{number}").status for number in (1, 2, 3)] == [301, 301, 404]
        process.send_signal(end)
        assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 0


def test_a_process_of_its_own_ends_with_its_parent() -> None:
    with subprocess.Popen(
        [*COMMAND, "--with-parent", "--validators", "--fast", "--latency", "0.01"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        port = served(process)
        location = ask(port, "/fiction/1").location
        assert location is not None
        assert ask(port, location).headers["ETag"]
        assert process.stdin is not None
        assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 0
