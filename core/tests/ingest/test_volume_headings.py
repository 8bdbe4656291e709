"""Volumes that are headings in the chapter list."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from toysite import ToyChapter, ToyWork
from workbench import Workbench

from novel_core.ingest.reparse import reparse_novel
from novel_core.ingest.volume_headings import Headings
from novel_core.items import ChapterRef, Volume

URL = "https://toy.example/works/1"


def refs(*lines: str) -> list[ChapterRef]:
    """Lines written `1`, `1:Book One` (below a heading) or `1:` (an end)."""
    made = []
    for line in lines:
        name, colon, heading = line.partition(":")
        volume = heading if colon else None
        made.append(ChapterRef(source_id=name, title=name, url=f"{URL}/{name}", volume=volume))
    return made


def placed(lines: str, headings: Headings) -> dict[str, str | None]:
    return {ref.source_id: ref.volume_id for ref in headings.place(refs(*lines.split()))}


A, B, A2 = "heading:A", "heading:B", "heading:A_2"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("1 2", {"1": None, "2": None}),
        ("1:A 2 3:B 4", {"1": A, "2": A, "3": B, "4": B}),
        ("1 2:A 3: 4", {"1": None, "2": A, "3": None, "4": None}),
        ("1:A 2:A 3", {"1": A, "2": A, "3": A}),
        ("1:A 2:B 3:A", {"1": A, "2": B, "3": A2}),
        ("1:A 2: 3:A", {"1": A, "2": None, "3": A2}),
        # The newest chapter stands above the list too; the second line opens the volume.
        ("3 1:A 2 3:B 4", {"3": None, "1": A, "2": A, "4": B}),
    ],
)
def test_a_heading_is_open_until_the_next(lines: str, expected: Mapping[str, str | None]) -> None:
    assert placed(lines, Headings({}, {})) == expected


def test_the_sources_own_volume_of_a_chapter_counts() -> None:
    own = refs("1:A")[0].model_copy(update={"volume_id": "v7"})
    [first, second] = Headings({}, {}).place([own, *refs("2")])
    assert (first.volume_id, second.volume_id) == ("v7", A)


def test_ids_stay_with_their_chapters() -> None:
    saved = {"1": A, "2": B, "3": A2}
    titles = {A: "A", B: "B", A2: "A"}
    assert placed("2:B 3:A", Headings(titles, saved)) == {"2": B, "3": A2}
    assert placed("0:A 2:B 1:A", Headings(titles, saved)) == {"0": A, "2": B, "1": A2}


@pytest.mark.parametrize(
    ("lines", "opened", "expected"),
    [
        ("3 4", B, {"3": B, "4": B}),
        ("4", B, {"4": B}),
        ("4", None, {"4": None}),
        ("4", "v7", {"4": None}),
        ("4:B", B, {"4": B}),
        ("4: 5", B, {"4": None, "5": None}),
        ("4:A", B, {"4": A2}),
        ("2:A 3 4", None, {"2": A, "3": A, "4": A}),
        ("1 4", None, {"1": A, "4": A}),
    ],
)
def test_a_part_of_a_list_goes_on_where_the_library_is(
    lines: str, opened: str | None, expected: Mapping[str, str | None]
) -> None:
    saved = {"1": A, "2": A, "3": B}
    headings = Headings({A: "A", B: "B", "v7": "Seven"}, saved, is_partial=True, opened=opened)
    assert placed(lines, headings) == expected


def test_every_title_makes_an_id_of_its_own_that_an_item_accepts() -> None:
    titles = ["An  Odd\u00a0Title", "A 2", "A", "界" * 600, "#", "."]
    headings = Headings({}, {})
    lines = [
        ChapterRef(source_id=str(number), title="x", url=URL, volume=title)
        for number, title in enumerate(titles)
    ]
    ids = [str(ref.volume_id) for ref in headings.place(lines)]
    assert len(set(ids)) == len(titles)
    for volume_id in ids:
        assert Volume(source_id=volume_id, title=headings.titles[volume_id]).source_id == volume_id


def volumes(bench: Workbench) -> list[tuple[str, str | None]]:
    return [(chapter.source_id, chapter.volume) for chapter in bench.chapters(URL)]


@pytest.fixture
def split(work: ToyWork) -> ToyWork:
    work.chapters[0].volume = "Book One"
    work.chapters[3].volume = "Book Two"
    return work


ONE, TWO = "Book One", "Book Two"


@pytest.mark.parametrize("per_page", [1, 2, 4, 100])
def test_headings_go_on_over_the_pages_of_a_list(
    bench: Workbench, split: ToyWork, per_page: int
) -> None:
    split.per_page = per_page
    bench.ingest(URL)
    assert volumes(bench) == list(zip("12345", [ONE, ONE, ONE, TWO, TWO], strict=True))
    assert bench.novel(URL).volumes == (ONE, TWO)
    before = bench.dump("volumes", "chapters")
    bench.ingest(URL)
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert bench.dump("volumes", "chapters") == before


def test_a_renamed_heading_is_no_second_volume(bench: Workbench, split: ToyWork) -> None:
    bench.ingest(URL)
    split.chapters[3].volume = "Book Two: Home"
    bench.ingest(URL)
    assert bench.novel(URL).volumes == (ONE, "Book Two: Home")
    del split.chapters[4]
    split.chapters[3].volume = ""
    bench.ingest(URL)
    # The removed chapter keeps its volume.
    assert volumes(bench)[3:] == [("4", None), ("5", "Book Two: Home")]


def test_new_chapters_of_a_feed_are_in_the_open_volume(bench: Workbench, split: ToyWork) -> None:
    bench.ingest(URL)
    split.feed = 2
    split.chapters += [
        ToyChapter("6", "Chapter 6", ["<p>Six.</p>"]),
        ToyChapter("7", "Chapter 7", ["<p>Seven.</p>"], volume="Book Three"),
        ToyChapter("8", "Chapter 8", ["<p>Eight.</p>"]),
    ]
    split.feed = 4
    bench.ingest(URL)
    assert volumes(bench) == list(
        zip("12345678", [ONE] * 3 + [TWO] * 3 + ["Book Three"] * 2, strict=True)
    )
    split.feed = 1
    bench.ingest(URL)
    assert bench.novel(URL).volumes == (ONE, TWO, "Book Three")
    split.chapters.append(ToyChapter("9", "Chapter 9", ["<p>Nine.</p>"]))
    bench.ingest(URL)
    assert volumes(bench)[-1] == ("9", "Book Three")


def test_declared_volumes_and_headings_stand_beside_each_other(
    bench: Workbench, split: ToyWork
) -> None:
    split.facts = {"volumes": [{"source_id": "v1", "title": "Extras"}]}
    bench.ingest(URL)
    assert bench.novel(URL).volumes == ("Extras", ONE, TWO)
