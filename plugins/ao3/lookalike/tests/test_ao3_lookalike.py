"""The look-alike as a site: its redirects, its adult page, and as a command."""

import http.client
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from novel_ao3_lookalike import LookalikeServer, LookalikeWork, State
from novel_ao3_lookalike.library import Library

PATIENCE = 20
Answer = tuple[int, str, str]


@pytest.fixture
def site() -> Iterator[LookalikeServer]:
    works = [LookalikeWork.generate(1), LookalikeWork.generate(7, chapters=3)]
    with LookalikeServer(Library(works)) as served:
        yield served


def get(site: LookalikeServer, path: str, cookie: str = "") -> Answer:
    """Status, path and query of the redirect, body."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        parts = urlsplit(answer.headers.get("Location", ""))
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return answer.status, target, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/works/7", "/works/7/chapters/7001"),
        ("/works/7?view_adult=true", "/works/7/chapters/7001"),
        ("/collections/spring/works/7", "/works/7/chapters/7001"),
        ("/works/7/chapters", "/works/7"),
        ("/works/7/chapters/9", "/works/7"),
        ("/works/7/chapters/1001", "/works/7"),
    ],
)
def test_redirects_drop_the_query(site: LookalikeServer, path: str, target: str) -> None:
    assert get(site, path)[:2] == (302, target)


@pytest.mark.parametrize(
    ("path", "marks"),
    [
        ("/works/1", ["works-show", "Work Text:", 'class="userstuff"']),
        ("/works/1/chapters/1001", ["chapters-show", "Chapter Text"]),
        ("/works/7?view_full_work=true", ["works-show", "Chapter by Chapter", 'id="chapter-3"']),
        ("/works/7/chapters/7002", ["chapters-show", "Entire Work", "Next Chapter"]),
        ("/chapters/7002", ["chapters-show", "/works/7/chapters/7002"]),
        ("/works/7/navigate", ["works-navigate", "(2024-03-08)"]),
    ],
)
def test_pages(site: LookalikeServer, path: str, marks: list[str]) -> None:
    status, _, body = get(site, path)
    assert status == 200
    assert [mark for mark in marks if mark not in body] == []


def test_an_adult_work_asks_first(site: LookalikeServer) -> None:
    site.library.works[7].is_adult = True
    path = "/works/7/chapters/7001"
    assert "Yes, Continue" in get(site, path)[2]
    assert 'id="workskin"' not in get(site, path)[2]
    assert 'id="workskin"' in get(site, f"{path}?view_adult=true")[2]
    assert 'id="workskin"' in get(site, path, "view_adult=true")[2]
    assert "caution" not in get(site, "/works/7/navigate")[2]


@pytest.mark.parametrize(
    ("state", "target"),
    [
        (State.LOCKED, "/users/login?restricted=true&return_to=%2Fworks%2F7%3Fview_adult%3Dtrue"),
        (State.HIDDEN, "/users/login?return_to=%2Fworks%2F7%3Fview_adult%3Dtrue"),
    ],
)
def test_works_kept_from_readers(site: LookalikeServer, state: State, target: str) -> None:
    site.library.works[7].state = state
    assert get(site, "/works/7?view_adult=true")[:2] == (302, target)
    assert get(site, "/works/7/navigate")[:2] == (302, "/")
    assert "sessions-new" in get(site, target)[2]


def test_a_work_is_served_otherwise_each_time(site: LookalikeServer) -> None:
    assert get(site, "/works/1")[2] != get(site, "/works/1")[2]


def test_what_does_not_exist(site: LookalikeServer) -> None:
    for path in ("/works/8", "/chapters/8", "/series/8", "/nothing", "/works/8/chapters/8"):
        assert get(site, path)[0] == 404


def test_the_command_serves_and_ends_with_its_parent() -> None:
    command = [sys.executable, "-m", "novel_ao3_lookalike", "--works", "2", "--with-parent"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        words = process.stdout.readline().split()
        assert words[:4] == ["Serving", "2", "synthetic", "works"]
        connection = http.client.HTTPConnection(urlsplit(words[-1]).netloc, timeout=PATIENCE)
        connection.request("GET", "/series/1")
        assert connection.getresponse().status == 200
        connection.close()
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
