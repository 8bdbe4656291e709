"""Finding novels: words, typing errors, genres of many spellings, order, pages; counts that follow every save."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from novel_core.db.engine import session
from novel_core.errors import UnknownGenre
from novel_core.ingest.novel_writer import CleanNovel, write_novel
from novel_core.ingest.search_row import refresh_search_row
from novel_core.items import Author, Novel, Tag, TagKind
from novel_core.library.catalogue import (
    NovelFilter,
    NovelSort,
    find_novels,
    get_genre,
    list_authors,
    list_genres,
)

ANN, BO = Author(name="Ann Fern", source_id="1"), Author(name="Bo Reed", source_id="2")
GENRE = TagKind.GENRE


def tag(name: str, kind: TagKind = TagKind.TAG, genre: str | None = None) -> Tag:
    return Tag(name=name, slug=name.lower().replace(" ", "_"), kind=kind, genre=genre)


NOVELS = {
    "royalroad": [
        (
            "1",
            "The Clockmaker's Garden",
            (ANN,),
            (tag("Fantasy", GENRE), tag("LitRPG")),
            "<p>Of wheels.</p>",
        ),
        (
            "2",
            "Ember and Ash",
            (BO,),
            (tag("Sci-fi", GENRE), tag("Strong Lead")),
            "<p>A dragon sleeps.</p>",
        ),
    ],
    "ao3": [
        (
            "3",
            "Clockwork Nights",
            (ANN.model_copy(update={"source_id": "9"}),),
            (tag("Science Fiction"), tag("fantasy")),
            "",
        ),
    ],
}


@pytest.fixture
def library(database: Engine) -> Engine:
    with session(database) as opened:
        for source, novels in NOVELS.items():
            for source_id, title, authors, tags, description in novels:
                url = f"https://{source}.example/{source_id}"
                novel = Novel(
                    source_id=source_id,
                    url=url,
                    title=title,
                    authors=authors,
                    tags=tags,
                    description_html=description,
                )
                written = write_novel(
                    opened, source, CleanNovel(novel), index_url=url, parser_version="1"
                )
                refresh_search_row(opened, written.id)
    return database


def titles(database: Engine, **wanted: object) -> list[str]:
    with session(database) as opened:
        found, total = find_novels(opened, NovelFilter(**wanted))  # type: ignore[arg-type]
    assert total == len(found)
    return [novel.title for novel in found]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("garden", ["The Clockmaker's Garden"]),
        ("clockmakers gardn", ["The Clockmaker's Garden"]),
        ("embre", ["Ember and Ash"]),
        ("reed", ["Ember and Ash"]),
        ("dragons", ["Ember and Ash"]),  # the description, by its stem
        ("litrpg", ["The Clockmaker's Garden"]),
        ('"ember and ash"', ["Ember and Ash"]),
        ("fern -garden", ["Clockwork Nights"]),
        ("zeppelin", []),
        ("100%", []),
        ("'; DROP TABLE novels --", []),
        ("& | ! ( :*", []),
    ],
)
def test_search(library: Engine, search: str, expected: list[str]) -> None:
    assert titles(library, search=search) == expected


def test_the_better_match_is_first(library: Engine) -> None:
    assert titles(library, search="clockwork nights")[0] == "Clockwork Nights"


def test_one_genre_whatever_its_spelling(library: Engine) -> None:
    assert set(titles(library, genre="science-fiction")) == {"Ember and Ash", "Clockwork Nights"}
    assert set(titles(library, genre="fantasy")) == {"The Clockmaker's Garden", "Clockwork Nights"}
    with session(library) as opened:
        genres = {genre.slug: (genre.name, genre.novels) for genre in list_genres(opened)}
        assert genres == {
            "fantasy": ("Fantasy", 2),
            "science-fiction": ("Science Fiction", 2),
            "litrpg": ("LitRPG", 1),
        }
        assert get_genre(opened, "fantasy").novels == 2
        with pytest.raises(UnknownGenre):
            get_genre(opened, "strong_lead")
        raw = opened.scalars(text("SELECT raw_name FROM novel_tags ORDER BY raw_name")).all()
    assert "Sci-fi" in raw
    assert "Science Fiction" in raw


def test_filters_hold_together(library: Engine) -> None:
    assert titles(library, source="ao3", genre="fantasy") == ["Clockwork Nights"]
    assert titles(library, source="ao3", search="garden") == []
    with session(library) as opened:
        authors, total = list_authors(opened, search="fern")
    assert (total, {author.source for author in authors}) == (2, {"royalroad", "ao3"})
    [rr] = [author for author in authors if author.source == "royalroad"]
    assert titles(library, author=rr.id) == ["The Clockmaker's Garden"]


def test_orders_and_pages(library: Engine) -> None:
    assert titles(library, sort=NovelSort.TITLE) == [
        "Clockwork Nights",
        "Ember and Ash",
        "The Clockmaker's Garden",
    ]
    with session(library) as opened:
        second, total = find_novels(opened, NovelFilter(sort=NovelSort.TITLE), offset=1, limit=1)
    assert ([novel.title for novel in second], total) == (["Ember and Ash"], 3)
