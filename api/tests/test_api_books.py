"""Novels as files over HTTP: made while they are sent, known again, in parts."""

from __future__ import annotations

import io
import zipfile

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
