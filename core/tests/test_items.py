"""Items: what is optional never refuses them, what is mandatory is an error in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pydantic import ValidationError

from novel_core.errors import PageChanged
from novel_core.items import Author, Chapter, ChapterRef, Novel, Statistics, Tag, Volume
from novel_core.leniency import reported

NOVEL = {"source_id": "7", "url": "https://example.org/7", "title": "A Tale"}
REF = {"source_id": "7", "url": "https://example.org/7/1", "title": "One"}
CHAPTER = REF | {"content_html": "<p>x</p>"}

#: What an author's parser may give by mistake, or because the page is odd.
junk = (
    st.text(st.characters(categories=["L", "N", "P", "Z", "C", "S"]))  # lone surrogates too
    | st.sampled_from(["x" * 5000, "javascript:alert(1)", "/relative", "http://[", "1,234", "NaN"])
    | st.integers()
    | st.floats()
    | st.datetimes()
    | st.datetimes(timezones=st.just(timezone(timedelta(hours=14))))
    | st.none()
    | st.binary()
)
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
nested = junk | st.lists(junk, max_size=3) | st.dictionaries(st.text(max_size=3), junk, max_size=3)


def optional(model: type[Any]) -> list[str]:
    return [
        name
        for name, field in model.model_fields.items()
        if not field.is_required() and name not in model.exact
    ]


@pytest.mark.parametrize(
    ("model", "mandatory"), [(Novel, NOVEL), (ChapterRef, REF), (Chapter, CHAPTER)]
)
@unhurried
@given(data=st.data())
def test_nothing_optional_refuses_an_item(
    model: type[Any], mandatory: dict[str, str], data: st.DataObject
) -> None:
    given_ = data.draw(st.dictionaries(st.sampled_from(optional(model)), nested))
    with reported() as problems:
        item = model.model_validate(mandatory | given_)
    lines = " ".join(problems.lines())
    plain = model.model_validate(mandatory)
    for name, value in given_.items():
        if getattr(item, name) == getattr(plain, name) and not says_nothing(value):
            assert name in lines
    assert model.model_validate_json(item.model_dump_json(exclude_defaults=True)) == item


def says_nothing(value: object) -> bool:
    return value in (None, [], {}, b"", 0) or not str(value).replace("\x00", " ").strip()


@unhurried
@given(parts=st.lists(st.tuples(junk, junk), max_size=4))
def test_a_part_that_cannot_be_used_is_left_out_of_its_novel(parts: list[tuple[Any, Any]]) -> None:
    with reported() as problems:
        novel = Novel(
            **NOVEL,
            authors=tuple(Author(name=name, url=value) for name, value in parts),
            tags=tuple(Tag(name=name, slug=value) for name, value in parts),
            volumes=tuple(Volume(source_id=name, title=value) for name, value in parts),
            statistics=Statistics(views=parts[0][0] if parts else None),
        )
    for kept, kind in (
        (novel.authors, "authors"),
        (novel.tags, "tags"),
        (novel.volumes, "volumes"),
    ):
        assert len(kept) == len(parts) or kind in " ".join(problems.lines())
    assert all(author.name for author in novel.authors)
    assert all(volume.source_id and volume.title for volume in novel.volumes)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("status", "Asleep", "status 'Asleep' is left out: Input should be 'ongoing'"),
        ("published_at", datetime(2026, 1, 2), "timezone"),  # noqa: DTZ001 - the mistake
        ("updated_at", datetime(1, 1, 1, tzinfo=UTC), "No story has such a date"),
        (
            "updated_at",
            datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5))),
            "No story",
        ),
        ("updated_at", "soon", "updated_at 'soon' is left out"),
        ("cover_url", "data:image/png;base64,AA", "https://"),
        ("language", "x" * 101, "language 'xxx"),
        ("warnings", ["Gore", 5], "warnings 5 is left out"),
    ],
)
def test_the_field_and_the_value_are_named(field: str, value: object, words: str) -> None:
    with reported() as problems:
        novel = Novel.model_validate(NOVEL | {field: value})
    assert getattr(novel, field) in (None, ("Gore",))
    [line] = problems.lines()
    assert line.startswith(f"novel 7: {field} ")
    assert words in line


def test_what_a_status_is_written_in_does_not_matter() -> None:
    assert Novel.model_validate(NOVEL | {"status": " Completed "}).status == "completed"


def test_a_line_that_is_cut_is_told() -> None:
    with reported() as problems:
        tag = Tag(name="x" * 600, slug="x")
    assert len(tag.name) == 500
    assert problems.lines() == [f"name '{'x' * 78}… is cut to 500 characters."]


def test_a_number_that_is_wrong_leaves_the_others() -> None:
    with reported() as problems:
        statistics = Statistics.model_validate(
            {
                "views": -1,
                "words": 12,
                "scores": {"overall": float("nan"), "style": 4.5},
                "other": {"a": "b", "c": 3},
            }
        )
    assert statistics == Statistics(words=12, scores={"style": 4.5}, other={"c": 3})
    assert len(problems.lines()) == 3


def test_a_problem_met_often_is_summed_up() -> None:
    with reported() as problems:
        for number in range(900):
            ChapterRef.model_validate(REF | {"source_id": str(number), "published_at": "soon"})
    assert len(problems.lines()) == 4
    assert problems.lines()[3] == "chapter list: published_at: 897 more like this."


@pytest.mark.parametrize(
    ("model", "values", "words"),
    [
        (Novel, NOVEL | {"title": " "}, "novel 7: title ' ' cannot be read: It is empty."),
        (Novel, NOVEL | {"source_id": ""}, "novel: source_id '' cannot be read: It is empty."),
        (Novel, NOVEL | {"source_id": "a b"}, "An id has no white space in it."),
        (ChapterRef, REF | {"source_id": None}, "source_id None cannot be read"),
        (ChapterRef, REF | {"source_id": "x" * 2049}, "at most 2,048 bytes"),
        (Chapter, CHAPTER | {"content_html": None}, "chapter 7: content_html None cannot be read"),
        (Chapter, CHAPTER | {"part": -1}, "part -1 cannot be read"),
    ],
)
def test_what_is_mandatory_is_an_error_in_words(
    model: type[Any], values: dict[str, object], words: str
) -> None:
    with pytest.raises(PageChanged) as caught:
        model.model_validate(values)
    assert words in caught.value.message


@pytest.mark.parametrize("values", [{"title": "x"}, NOVEL | {"autors": []}])
def test_a_mistake_of_the_author_stays_one(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Novel.model_validate(values)


@pytest.mark.parametrize(("model", "values"), [(ChapterRef, REF), (Chapter, CHAPTER)])
def test_a_chapter_without_a_title_is_shown_by_its_id(
    model: type[Any], values: dict[str, object]
) -> None:
    with reported() as problems:
        assert model.model_validate(values | {"title": ""}).title == "7"
    assert "has no title: its id is shown" in problems.lines()[0]


def test_halves_of_characters_are_joined_or_marked() -> None:
    novel = Novel(source_id="7", url="u", title="A \ud83d\ude00 b \ud83d")
    assert novel.title == "A \U0001f600 b \ufffd"
