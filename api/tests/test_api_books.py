"""Novels as files over HTTP: made while they are sent, known again, in parts."""

from __future__ import annotations

import io
import random
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from polling import eventually
from served import Served
from toysite import ToyChapter, ToySite, ToyWork

from novel_api.book_files import BookFiles


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
    filled.app.state.api.books._making = threading.BoundedSemaphore(1)
    with filled.app.state.api.books._place():
        busy = filled.client.get("/novels/the-lamp.epub")
        assert (busy.status_code, busy.json()["code"]) == (503, "too_busy")
        assert int(busy.headers["retry-after"]) > 0
    assert filled.client.get("/novels/the-lamp.epub").status_code == 200


@contextmanager
def waiting_reader(api: Served, path: str) -> Iterator[socket.socket]:
    """One who asks for a book and takes only its beginning."""
    url = api.client.base_url
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(20)
        slow.connect((url.host, url.port or 80))
        slow.sendall(f"GET {path} HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode())
        assert slow.recv(12) == b"HTTP/1.1 200"
        yield slow


@pytest.mark.parametrize("limits", [{"number": 1}, {"size": 9_000_000}])
def test_books_that_wait_for_their_readers_are_bounded(
    filled: Served, limits: dict[str, int]
) -> None:
    noise = random.Random(7).randbytes(6_000_000).hex()
    filled.bench.write("UPDATE chapter_texts SET content_html = :text WHERE id = 1", text=noise)
    books = BookFiles(**limits)
    filled.app.state.api = replace(filled.app.state.api, books=books)
    path = "/novels/the-lamp.html?chapters=1"
    with waiting_reader(filled, path):
        eventually(lambda: books.number == 1)
        busy = filled.client.get(path)
        assert (busy.status_code, busy.json()["code"]) == (503, "too_busy")
        assert "are being sent" in busy.json()["detail"]
    # Who goes away makes room, and so does who has it all.
    eventually(lambda: (books.number, books.size) == (0, 0))
    assert len(filled.client.get(path).content) > 12_000_000
    eventually(lambda: (books.number, books.size) == (0, 0))


def test_a_book_nobody_reads_is_not_made(filled: Served) -> None:
    with filled.app.state.api.books._place():
        head = filled.client.head("/novels/the-lamp.epub")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == "application/epub+zip"
    assert head.headers["etag"] == filled.client.get("/novels/the-lamp.epub").headers["etag"]
