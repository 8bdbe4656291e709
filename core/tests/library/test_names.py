"""Novels by their names: titles that are numbers, and words with and without accents."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from novel_core.db import migrate
from novel_core.db.engine import session
from novel_core.errors import AmbiguousNovel, UnknownNovel
from novel_core.ingest.novel_writer import write_novel
from novel_core.ingest.search_row import refresh_search_row
from novel_core.items import Author, Novel, Tag
from novel_core.library.catalogue import NovelFilter, NovelSort, find_novels, list_authors
from novel_core.library.novels import find_novel
from novel_core.registry import Registry


def add(
    database: Engine, title: str, source_id: str, *, source: str = "toy", author: str = "Ann"
) -> tuple[int, str]:
    url = f"https://{source}.example/{source_id}"
    novel = Novel(
        source_id=source_id,
        url=url,
        title=title,
        authors=(Author(name=author),),
        tags=(Tag(name="Façade", slug="facade"),),
        description_html="<p>Of a <em>crème</em> brûlée.</p>",
    )
    with session(database) as opened:
        written = write_novel(opened, source, novel, index_url=url, parser_version="1")
        refresh_search_row(opened, written.id)
    return written.id, written.slug


def find(database: Engine, reference: str) -> int:
    with session(database) as opened:
        return find_novel(opened, Registry([]), reference)


def search(database: Engine, words: str) -> list[str]:
    with session(database) as opened:
        found, _ = find_novels(opened, NovelFilter(search=words, sort=NovelSort.TITLE))
    return [novel.title for novel in found]


def test_no_slug_is_a_number(database: Engine) -> None:
    slugs = [add(database, "1984", str(number))[1] for number in range(4)]
    slugs.append(add(database, "\uff11\uff19\uff18\uff14", "w", source="other")[1])
    assert slugs[:2] == ["1984-toy", "1984-toy-1"]
    assert len(set(slugs)) == len(slugs)
    assert not any(slug.isdecimal() for slug in slugs)


def test_a_title_without_a_reading_is_named_by_the_source(database: Engine) -> None:
    assert add(database, "転生したら", "n1234ab")[1] == "toy-n1234ab"
    assert add(database, "★", "7")[1] == "toy-7"


def test_a_number_is_an_id_unless_a_title_is_that_number_too(database: Engine) -> None:
    first, _ = add(database, "The Lamp", "a")
    named, _ = add(database, "1984", "b")
    assert find(database, str(first)) == first
    assert find(database, f"id:{first}") == first
    assert find(database, "1984") == named  # no novel has this id
    other, slug = add(database, str(first), "c")
    with pytest.raises(AmbiguousNovel, match=rf"the-lamp \(id:{first}.*{slug} \(id:{other}"):
        find(database, str(first))
    assert (find(database, f"id:{first}"), find(database, slug)) == (first, other)
    with pytest.raises(UnknownNovel):
        find(database, "id:77")


def test_an_author_called_like_an_id_is_found_too(database: Engine) -> None:
    add(database, "The Lamp", "a", author="404")
    with session(database) as opened:
        _, total = find_novels(opened, NovelFilter(author="404"))
    assert total == 1


TITLES = [
    ("Zoë's naïve heart", "zoe"),
    ("Łukasz", "lukasz"),
    ("Ærø Straße", "aero strasse"),
    ("Ёжик", "ежик"),
    ("Οδύσσεια", "οδυσσεια"),
    ("\uff21\uff22\uff23 wide", "abc"),
    ("Nai\u0308ve decomposed", "naïve"),
    ("سَلَام", "سلام"),
]


@pytest.mark.parametrize(("title", "typed"), TITLES)
def test_words_are_found_without_their_accents(database: Engine, title: str, typed: str) -> None:
    add(database, "Something else", "1")
    add(database, title, "2")
    for words in (typed, typed.upper(), f'"{typed}"'):
        assert search(database, words) == [title]


@pytest.mark.parametrize(
    ("title", "typed"), [("Zoe", "Zoë"), ("lukasz", "Łukasz"), ("naive", '"naïve"')]
)
def test_and_the_other_way_round(database: Engine, title: str, typed: str) -> None:
    add(database, title, "2")
    assert search(database, typed) == [title]


def test_marks_that_are_letters_of_their_own_stay(database: Engine) -> None:
    add(database, "かき", "1")
    add(database, "がき", "2")
    assert search(database, '"がき"') == ["がき"]


def test_authors_tags_and_descriptions_too(database: Engine) -> None:
    add(database, "The Lamp", "1", author="Łucja Ångström")
    for words in ("lucja", "angstrom", "facade", "creme", "brulee", "brûlée"):
        assert search(database, words) == ["The Lamp"]
    with session(database) as opened:
        assert [one.name for one in list_authors(opened, search="ANGSTR")[0]] == ["Łucja Ångström"]
        assert find_novels(opened, NovelFilter(author="lucja angstrom"))[1] == 1
        assert list_authors(opened, search="%")[1] == 0


def test_titles_are_sorted_without_their_accents(database: Engine) -> None:
    for number, title in enumerate(("Zebra", "Élan", "apple")):
        add(database, title, str(number))
    with session(database) as opened:
        found, _ = find_novels(opened, NovelFilter(sort=NovelSort.TITLE))
    assert [novel.title for novel in found] == ["apple", "Élan", "Zebra"]


def test_what_is_there_already_is_migrated(database: Engine) -> None:
    """Words of older rows are folded, and slugs that are numbers are none afterwards, without a collision."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    ids = [add(database, title, title)[0] for title in ("1984", "Zoë", "Other")]
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, _before_names(config))
        connection.execute(text("UPDATE novels SET slug = '1984' WHERE id = :id"), {"id": ids[0]})
        connection.execute(
            text("UPDATE novels SET slug = '1984-toy' WHERE id = :id"), {"id": ids[2]}
        )
        connection.execute(text("UPDATE novels SET search = ''"))
        connection.commit()
    migrate.upgrade(database)
    assert find(database, f"1984-toy-id-{ids[0]}") == find(database, "1984") == ids[0]
    assert find(database, "1984-toy") == ids[2]
    assert search(database, '"zoe"') == ["Zoë"]
    assert set(search(database, '"brulee"')) == {"1984", "Zoë", "Other"}


def _before_names(config: Config) -> str:
    from alembic.script import ScriptDirectory

    revision = ScriptDirectory.from_config(config).get_revision("0008").down_revision
    assert isinstance(revision, str)
    return revision
