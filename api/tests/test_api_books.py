"""Novels as files over HTTP: made while they are sent, known again, in parts."""

from __future__ import annotations

import io
import socket
import zipfile
from contextlib import ExitStack

import pytest
from served import Served
from toysite import ToyChapter, ToySite, ToyWork


@pytest.fixture
def filled(api_with_site: Served, site: ToySite) -> Served:
    chapters = [
        ToyChapter(str(one), f"Chapter {one}", [f"<p>Line {one}.</p>"]) for one in range(1, 5)
    ]
    site.works["1"] = ToyWork("1", "The Lamp", ["Ann"], chapters)
    site.works["2"] = ToyWork("2", "Nothing Yet", ["Bo"], [])
    for number in (1, 2):
        api_with_site.bench.ingest(f"https://toy.example/works/{number}")
    site.requests.clear()
    return api_with_site


def test_an_epub_is_downloaded(filled: Served, site: ToySite) -> None:
    answer = filled.client.get("/novels/the-lamp.epub")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/epub+zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="the-lamp.epub"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert book.testzip() is None
        assert book.read("mimetype") == b"application/epub+zip"
        texts = b"".join(book.read(name) for name in book.namelist() if name.endswith("html"))
    assert b"Line 4." in texts
    assert site.requests == []


@pytest.mark.parametrize("kind", ["txt", "md", "html"])
def test_other_kinds(filled: Served, kind: str) -> None:
    answer = filled.client.get(f"/novels/the-lamp.{kind}", params={"chapters": "2-3"})
    assert answer.status_code == 200
    assert [f"Line {one}" in answer.text for one in range(1, 5)] == [False, True, True, False]


def test_a_book_is_not_sent_twice(filled: Served, site: ToySite) -> None:
    tag = filled.client.get("/novels/the-lamp.epub").headers["etag"]
    again = filled.client.get("/novels/the-lamp.epub", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    site.works["1"].chapters.append(ToyChapter("5", "Chapter 5", ["<p>Line 5.</p>"]))
    filled.bench.ingest("https://toy.example/works/1")
    newer = filled.client.get("/novels/the-lamp.epub", headers={"If-None-Match": tag})
    assert newer.status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/novels/nobody.epub", 404, "unknown_novel"),
        ("/novels/nothing-yet.epub", 404, "nothing_to_export"),
        ("/novels/the-lamp.epub?chapters=90-", 404, "nothing_to_export"),
        ("/novels/the-lamp.epub?volume=x", 404, "nothing_to_export"),
        ("/novels/the-lamp.epub?chapters=a", 422, "invalid_request"),
        ("/novels/the-lamp.epub?chapters=5-2", 422, "usage"),
        ("/novels/the-lamp.mobi", 404, "unknown_novel"),
    ],
)
def test_what_cannot_be_had(filled: Served, path: str, status: int, code: str) -> None:
    answer = filled.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_slow_readers_hold_no_connection(filled: Served) -> None:
    """More of them than the pool has connections: none of them keeps others from the library."""
    url = filled.client.base_url
    with ExitStack() as stack:
        for _ in range(12):
            slow = stack.enter_context(
                socket.create_connection((url.host, url.port or 80), timeout=20)
            )
            slow.sendall(f"GET /novels/the-lamp.html HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode())
            assert slow.recv(12) in {b"HTTP/1.1 200", b"HTTP/1.1 503"}
        idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        assert filled.bench.value(idle) == 0
        assert filled.client.get("/novels").status_code == 200


def test_few_books_are_made_at_once(filled: Served) -> None:
    making = filled.app.state.api.making
    taken = 0
    while making.acquire(blocking=False):
        taken += 1
    try:
        busy = filled.client.get("/novels/the-lamp.epub")
        assert (busy.status_code, busy.json()["code"]) == (503, "too_busy")
        assert int(busy.headers["retry-after"]) > 0
    finally:
        for _ in range(taken):
            making.release()
    assert filled.client.get("/novels/the-lamp.epub").status_code == 200
