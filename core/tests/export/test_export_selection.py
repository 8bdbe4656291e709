"""Parts of a novel, what cannot be exported, the mark of what a book would hold, and files in the way."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from bookshelf import Chap, Shelf, picture
from sqlalchemy import text

from novel_core.atomic_write import new_file
from novel_core.db.engine import session
from novel_core.errors import (
    FileTaken,
    FileUnusable,
    NothingToExport,
    NovelError,
    UnknownNovel,
    UsageError,
)
from novel_core.export import (
    Format,
    Selection,
    etag_of,
    file_name,
    format_of,
    write_book,
)


@pytest.fixture
def novel(shelf: Shelf) -> int:
    volumes = ["Frost", "Frost", "Thaw", "Thaw", None]
    return shelf.add([Chap(f"Night {n}", volume=name) for n, name in enumerate(volumes, 1)])


@pytest.mark.parametrize(
    ("chapters", "volume", "expected"),
    [
        ("2-3", None, [2, 3]),
        ("4-", None, [4, 5]),
        ("-2", None, [1, 2]),
        (" 5 ", None, [5]),
        ("1-999", None, [1, 2, 3, 4, 5]),
        (None, "frost", [1, 2]),
        (None, "2", [3, 4]),
        (None, "Tha", [3, 4]),
        ("2-3", "Thaw", [3]),
    ],
)
def test_a_part_of_the_novel(
    shelf: Shelf, novel: int, chapters: str | None, volume: str | None, expected: list[int]
) -> None:
    book = shelf.epub(novel, Selection.parse(chapters, volume=volume))
    pages = [page for page in book.spine if page.startswith("chapter")]
    assert pages == [f"chapter-{number:05}.xhtml" for number in expected]


def test_a_part_says_so_in_its_title(shelf: Shelf, novel: int) -> None:
    book = shelf.epub(novel, Selection(2, 3, "thaw"))
    assert book.metadata("title") == ["The Clockmaker's Garden (Thaw, chapters 2 to 3)"]


@pytest.mark.parametrize("written", ["", "x", "3-x", "-", "1,2", "5-3", "1-2-3"])
def test_a_range_that_is_none(written: str) -> None:
    with pytest.raises(UsageError) as caught:
        Selection.parse(written)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("selection", "hint"),
    [
        (Selection(6, 9), "numbered 1 to 5"),
        (Selection(volume="Ember"), "1 'Frost', 2 'Thaw'"),
        (Selection(volume="3"), "1 'Frost', 2 'Thaw'"),
        (Selection(volume=""), "1 'Frost', 2 'Thaw'"),
        (Selection(1, 2, "Thaw"), "numbered 1 to 5"),
    ],
)
def test_nothing_is_chosen(shelf: Shelf, novel: int, selection: Selection, hint: str) -> None:
    with pytest.raises(NothingToExport) as caught:
        shelf.write(novel, Format.EPUB, selection)
    assert hint in caught.value.hint


def test_a_novel_without_texts(shelf: Shelf) -> None:
    empty = shelf.add([])
    locked = shelf.add([Chap("Paid", None, locked=True)], source_id="2")
    for novel, words in ((empty, "has no chapters"), (locked, "No text is held")):
        with pytest.raises(NothingToExport, match=words):
            shelf.write(novel, Format.TXT)
    with pytest.raises(NothingToExport, match="no volumes"):
        shelf.write(locked, Format.TXT, Selection(volume="1"))
    with pytest.raises(UnknownNovel):
        shelf.write(999, Format.TXT)


class Pipe(io.RawIOBase):
    """What takes a few pieces, and then no more."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces

    def write(self, piece: object) -> int:
        if self.left == 0:
            raise BrokenPipeError
        self.left -= 1
        return 0


def test_what_is_wrong_is_told_before_anything_is_written(shelf: Shelf, novel: int) -> None:
    target = io.BytesIO()
    with pytest.raises(NothingToExport):
        write_book(shelf.database, shelf.registry, novel, Format.EPUB, target, Selection(9))
    assert target.getvalue() == b""


@pytest.mark.parametrize("kind", list(Format))
def test_a_book_that_cannot_be_written_on_returns_its_connection(
    shelf: Shelf, novel: int, kind: Format
) -> None:
    for _ in range(shelf.database.pool.size() + 11):  # type: ignore[attr-defined]
        with pytest.raises(BrokenPipeError):
            write_book(shelf.database, shelf.registry, novel, kind, cast(BinaryIO, Pipe(1)))
    assert shelf.database.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_the_mark_changes_with_what_the_book_holds(shelf: Shelf, novel: int) -> None:
    def mark(kind: Format = Format.EPUB, selection: Selection | None = None) -> str:
        with session(shelf.database) as opened:
            return etag_of(opened, shelf.registry, novel, kind, selection or Selection())

    seen = [mark()]
    assert mark() == seen[0]
    assert seen[0][0] == seen[0][-1] == '"'
    assert len({mark(), mark(Format.TXT), mark(selection=Selection(1, 2))}) == 3
    for statement in (
        "UPDATE novels SET title = 'Another'",
        "UPDATE chapter_texts SET content_html = content_html || '<p>More.</p>' WHERE id = (SELECT max(id) FROM chapter_texts)",
        "UPDATE chapters SET removed_at = now() WHERE number = 2",
        "UPDATE volumes SET title = 'Ice' WHERE title = 'Frost'",
        "UPDATE authors SET name = 'Ada F.'",
        "INSERT INTO novel_statistics (novel_id, observed_at, views) SELECT id, now(), 5 FROM novels",
    ):
        with session(shelf.database) as opened:
            opened.execute(text(statement))
        seen.append(mark())
    shelf.picture(novel, "https://img.example/1.png", picture())
    seen.append(mark())
    with session(shelf.database) as opened:
        opened.execute(text("UPDATE novels SET checked_at = now()"))
    assert mark() == seen[-1]
    assert len(set(seen)) == len(seen)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"

    def fail() -> None:
        with new_file(path) as target:
            target.write(b"half")
            raise NovelError("stopped")

    with pytest.raises(NovelError, match="stopped"):
        fail()
    assert list(tmp_path.iterdir()) == []
    with new_file(path) as target:
        target.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o666 & ~_mask()
    with pytest.raises(FileTaken), new_file(path):
        pytest.fail("it must not come so far")
    with new_file(path, replace=True) as target:
        target.write(b"newer")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [
        ("book.txt", b"newer")
    ]


def test_a_file_that_appears_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"

    def overtaken() -> None:
        with new_file(path) as target:
            target.write(b"mine")
            path.write_bytes(b"somebody's")

    with pytest.raises(FileTaken):
        overtaken()
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [b"somebody's"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable), new_file(tmp_path / "none" / "book.txt"):
        pytest.fail("it must not come so far")


def _mask() -> int:
    import os

    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_names() -> None:
    assert file_name("tin", Format.MARKDOWN) == "tin.md"
    assert file_name("tin", Format.TXT, Selection(5)) == "tin-5-end.txt"
    assert file_name("tin", Format.TXT, Selection(5, 5, "魔王/..")) == "tin-mo-wang-5.txt"
    with pytest.raises(UsageError, match="no ending that names"):
        format_of("book.pdf")
