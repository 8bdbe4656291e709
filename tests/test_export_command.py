"""`novel export`, over the look-alike."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from bookshelf import Opened, epubcheck_messages
from commands import Novel

from novel_royalroad_lookalike import Fiction, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"
CHAPTERS = 24  # from twenty on, one has a picture


@pytest.fixture
def fiction() -> Fiction:
    made = Fiction.generate(7, chapters=CHAPTERS)
    made.lock(made.chapters[-1].id)
    return made


@pytest.fixture
def ingested(novel: Novel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Novel:
    monkeypatch.chdir(tmp_path)
    assert novel("ingest", URL).code == 0
    return novel


def test_an_ingested_fiction_becomes_a_valid_epub(
    ingested: Novel, fiction: Fiction, site: LookalikeServer, tmp_path: Path
) -> None:
    site.clear()
    ran = ingested("export", URL, "-o", "book.epub", "--json")
    assert (ran.code, ran.err, site.requests) == (0, "", [])
    path = tmp_path / "book.epub"
    assert epubcheck_messages(path) == []
    told = ran.json
    assert told["path"] == "book.epub"
    assert told["novel"]["title"] == told["title"] == fiction.title
    assert (told["format"], told["chapters"], told["missing"]) == ("epub", CHAPTERS - 1, 1)
    assert (told["pictures"], told["lost_pictures"]) == (2, 0)  # the cover, and one in a text
    assert told["size"] == path.stat().st_size
    book = Opened(path.read_bytes())
    assert book.metadata("publisher") == ["Royal Road"]
    assert book.metadata("creator") == [fiction.author]
    titles = [
        title
        for part in book.contents[1:]
        for title in (part[1] if isinstance(part, tuple) else [part])
    ]
    assert titles[:-1] == [chapter.title for chapter in fiction.chapters[:-1]]
    assert [part[0] for part in book.contents if isinstance(part, tuple)] == [
        volume.title for volume in fiction.volumes
    ]


def test_without_a_name_the_slug_is_taken(ingested: Novel, tmp_path: Path) -> None:
    slug = ingested("show", URL, "--json").json["slug"]
    said = ingested("export", slug)
    assert said.code == 0
    assert f"{slug}.epub" in said.out
    assert "1 without a text" in said.out
    assert zipfile.is_zipfile(tmp_path / f"{slug}.epub")
    (tmp_path / "shelf").mkdir()
    assert (
        ingested(
            "export", "royalroad:7", "-o", "shelf", "--format", "txt", "--chapters", "2-3"
        ).code
        == 0
    )
    assert [found.name for found in (tmp_path / "shelf").iterdir()] == [f"{slug}-2-3.txt"]


def test_the_ending_tells_the_format(ingested: Novel, fiction: Fiction, tmp_path: Path) -> None:
    starts = {
        "book.txt": fiction.title,
        "book.md": "# ",
        "book.html": "<!DOCTYPE html>",
        "book.HTM": "<!DOCTYPE",
    }
    for name, start in starts.items():
        assert ingested("export", URL, "-o", name).code == 0
        text = (tmp_path / name).read_text()
        assert text.startswith(start)
        assert fiction.chapters[5].title in text


def test_a_file_is_not_replaced_unasked(ingested: Novel, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("mine")
    ran = ingested("export", URL, "-o", "book.txt", "--json")
    assert (ran.code, ran.json["error_code"]) == (2, "file_taken")
    assert (tmp_path / "book.txt").read_text() == "mine"
    assert ingested("export", URL, "-o", "book.txt", "--force").code == 0
    assert (tmp_path / "book.txt").read_text() != "mine"
    assert [found.name for found in tmp_path.iterdir() if found.name.startswith(".")] == []


def test_what_cannot_be_exported(ingested: Novel, tmp_path: Path) -> None:
    cases = (
        (["nothing-of-this-name"], 5, "novel novels"),
        ([URL, "--chapters", "90-99"], 5, f"1 to {CHAPTERS}"),
        ([URL, "--chapters", str(CHAPTERS)], 5, "No text is held"),
        ([URL, "--chapters", "9-2"], 2, "ends before it begins"),
        ([URL, "--volume", "No such"], 5, "Its volumes"),
        ([URL, "-o", "book.pdf"], 2, "--format"),
        ([URL, "-o", "none/book.txt"], 2, "cannot be written"),
    )
    for arguments, code, words in cases:
        ran = ingested("export", *arguments)
        assert (ran.code, ran.out) == (code, "")
        assert words in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_long_book_tells_how_far_it_is(ingested: Novel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("novel_core.cli.export.EVERY", 0.0)
    ran = ingested("export", URL, "-o", "book.txt")
    assert f"{CHAPTERS - 1} of {CHAPTERS - 1} chapters" in ran.err
    assert "chapters" in ran.out
