"""A fiction's page: its facts, its chapters in order, and what to request next."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import royalroad_pages as pages
from royalroad_pages import ROWS, Row

from novel_core.errors import PageChanged
from novel_core.items import Access, Author, ChapterRef, Novel, NovelStatus, Volume
from novel_core.page import Follow, Parsed, Stated
from novel_core.source import PageKind, UrlKind, UrlMatch
from novel_royalroad import SOURCE
from novel_royalroad.values import count

PUBLISHED = datetime(2020, 7, 19, 16, 26, 1, tzinfo=UTC)


def parse(rows: list[Row] | None = None, **slots: str) -> Parsed:
    return SOURCE.parser().parse(pages.index(pages.fiction(rows, **slots)))


def novel(**slots: str) -> Novel:
    item = parse(**slots).items[0]
    assert isinstance(item, Novel)
    return item


def refs(parsed: Parsed) -> list[ChapterRef]:
    return [item for item in parsed.items if isinstance(item, ChapterRef)]


def test_facts() -> None:
    parsed = parse()
    item = parsed.items[0]
    assert isinstance(item, Novel)
    assert item.source_id == "4711"
    assert item.url == "https://www.royalroad.com/fiction/4711"
    assert item.title == "The Lamplighter"
    assert item.authors == (
        Author(name="Ada Wick", source_id="12", url="https://www.royalroad.com/profile/12"),
    )
    assert item.description_html == "<p>Light after <em>light</em>.</p>"
    assert item.cover_url == pages.COVER
    assert (item.type, item.status) == ("Original", NovelStatus.ONGOING)
    assert item.language == "en-US"
    assert [(tag.name, tag.slug) for tag in item.tags] == [
        ("LitRPG", "litrpg"),
        ("Portal Fantasy / Isekai", "summoned_hero"),
    ]
    assert (item.warnings, item.volumes, item.next_chapter_at) == ((), (), None)
    assert item.published_at == PUBLISHED
    assert item.updated_at == datetime(2026, 10, 7, 19, 34, 6, tzinfo=UTC)
    assert parsed.novel == UrlMatch(
        UrlKind.NOVEL, "https://www.royalroad.com/fiction/4711", novel_id="4711"
    )
    assert parsed.warnings == ()


def test_statistics_a_missing_number_is_none() -> None:
    numbers = novel().statistics
    assert numbers.model_dump() == {
        "views": 216070,
        "average_views": 8003,
        "followers": 0,
        "favorites": None,
        "ratings": 273,
        "pages": 258,
        "words": 71003,
        "scores": {"overall": 4.52, "style": 4.8, "story": 4.7, "grammar": 5.0},
        "other": {},
    }


def test_without_statistics() -> None:
    parsed = parse(statistics="")
    assert parsed.items[0].statistics.model_dump(exclude_defaults=True) == {}
    assert parsed.warnings == ("The page has no statistics.",)


def test_stub_without_cover_warnings_or_chapters() -> None:
    nocover = "/dist/img/nocover-new-min.png"
    parsed = parse(
        [],
        cover=nocover,
        script=pages.script([], cover=nocover),
        type="Fan Fiction",
        status="STUB",
        tags="",
    )
    item = parsed.items[0]
    assert (item.cover_url, item.type, item.status) == (None, "Fan Fiction", NovelStatus.STUB)
    assert (item.tags, item.warnings) == ((), ())
    assert (len(parsed.items), parsed.follow, parsed.warnings) == (1, [], ())


@pytest.mark.parametrize("status", list(NovelStatus))
def test_status_is_found_by_value(status: NovelStatus) -> None:
    item = novel(type=status.name, status="Original")
    assert (item.type, item.status) == ("Original", status)


def test_unknown_label_is_told() -> None:
    parsed = parse(status="SLEEPING")
    assert parsed.items[0].status is None
    assert parsed.warnings == ("The label 'SLEEPING' is unknown.",)


def test_content_warnings() -> None:
    block = (
        '<div class="text-center font-red-sunglo"><strong>Warning</strong>'
        '<span>This fiction contains:</span><ul class="list-inline"><li>Graphic Violence</li>'
        "<li> AI-Assisted Content </li></ul></div>"
    )
    prose = "<strong>Warning</strong><ul><li>Lamps</li></ul>"
    item = novel(warnings=block, description=prose)
    assert item.warnings == ("Graphic Violence", "AI-Assisted Content")
    assert item.description_html == prose


def test_next_chapter_is_not_a_chapters_time() -> None:
    announced = (
        '<div class="alert alert-info"><i></i> Next Chapter: '
        '<time unixtime="1791574380" format="U">a Friday</time></div>'
    )
    prose = '<p>Next Chapter <time unixtime="1">never</time></p>'
    item = novel(next_chapter=announced, description=prose)
    assert item.next_chapter_at == datetime.fromtimestamp(1791574380, UTC)


def test_protected_email_in_title_and_description() -> None:
    code = '<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="422302206c21">[email&#160;protected]</a>'
    item = novel(title=f"Write to {code}", description=f"<p>{code} or not</p>")
    assert item.title == "Write to a@b.c"
    assert item.description_html == "<p>a@b.c or not</p>"


@pytest.mark.parametrize(
    ("slots", "selector"),
    [
        ({"title": " "}, ".fic-header h1"),
        ({"table": "", "script": ""}, "window.chapters, table#chapters"),
        ({"author": "nobody", "json_ld": ""}, "h4 a[href*='/profile/']"),
    ],
)
def test_missing_mandatory_part_names_the_selector(slots: dict[str, str], selector: str) -> None:
    with pytest.raises(PageChanged) as caught:
        parse(**slots)
    assert caught.value.selector == selector
    assert selector in str(caught.value)


def test_author_without_profile() -> None:
    parsed = parse(author="Ada Wick")
    assert parsed.items[0].authors == (Author(name="Ada Wick"),)
    assert parsed.warnings == ("The author's profile is not linked.",)


@pytest.mark.parametrize("json_ld", ["", '<script type="application/ld+json">{broken</script>'])
def test_without_json_ld(json_ld: str) -> None:
    parsed = parse(json_ld=json_ld)
    item = parsed.items[0]
    assert (item.published_at, item.updated_at, item.language) == (None, None, None)
    assert len(parsed.warnings) == 1


def test_chapters() -> None:
    parsed = parse()
    assert [(ref.source_id, ref.title) for ref in refs(parsed)] == [
        ("901", "Dusk"),
        ("902", "Night"),
        ("903", "Dawn"),
    ]
    first = refs(parsed)[0]
    assert first.url == f"{pages.FICTION}/chapter/901/slug"
    assert (first.published_at, first.access, first.marker) == (PUBLISHED, Access.FREE, None)


def test_brackets_and_quotes_in_titles() -> None:
    rows = [Row(1, "Skills,Titles and other [Spoilers]];"), Row(2, 'The Smith\'s "</script>" <b>')]
    assert [ref.title for ref in refs(parse(rows))] == [row.title for row in rows]
    assert [ref.title for ref in refs(parse(rows, script=""))] == [row.title for row in rows]


def test_letters_that_cannot_be_stored() -> None:
    rows = [Row(1, "A\ud800B"), Row(2, "\x00"), Row(3, "\U0001d56c")]
    assert [ref.title for ref in refs(parse(rows, table=""))] == ["A?B", "Chapter 2", "\U0001d56c"]


def test_volumes_mixed_with_none() -> None:
    rows = [
        Row(1, "A", volume=22554),
        Row(2, "B", volume=22554),
        Row(3, "C"),
        Row(4, "D", volume=7),
    ]
    for script in (pages.script(rows), ""):
        parsed = parse(rows, script=script)
        assert [ref.volume_id for ref in refs(parsed)] == ["22554", "22554", None, "7"]
        assert parsed.items[0].volumes == (
            Volume(source_id="22554", title="Volume 1"),
            Volume(source_id="7", title="Volume 2"),
        )


def test_volumes_named_by_the_script() -> None:
    rows = [Row(1, "A", volume=9), Row(2, "B", volume=8)]
    cover = "/public/volume-covers-large/8.jpg"
    volumes: list[dict[str, Any]] = [
        {"id": 9, "title": "Book Two", "cover": None, "order": 1},
        {"id": 8, "title": "Book One", "cover": cover, "order": 0},
    ]
    item = parse(rows, script=pages.script(rows, volumes)).items[0]
    assert item.volumes == (
        Volume(source_id="8", title="Book One", cover_url=f"https://www.royalroad.com{cover}"),
        Volume(source_id="9", title="Book Two"),
    )


def test_the_authors_order_beats_date_and_id() -> None:
    rows = [
        Row(3, "Last", date="2020-01-01T00:00:00Z", order=2),
        Row(9, "First", date="2026-01-01T00:00:00Z", order=0),
        Row(5, "Middle", date="2026-01-01T00:00:00Z", order=1),
    ]
    assert [ref.source_id for ref in refs(parse(rows))] == ["9", "5", "3"]


@pytest.mark.parametrize(("unlocked", "visible"), [(False, 1), (True, 0), (False, 0)])
def test_locked_chapter_is_listed_but_not_requested(unlocked: bool, visible: int) -> None:
    parsed = parse([ROWS[0], Row(902, "Night", unlocked=unlocked, visible=visible)])
    assert [ref.access for ref in refs(parsed)] == [Access.FREE, Access.LOCKED]
    assert [follow.chapters for follow in parsed.follow] == [(), ("901",)]


def test_entry_without_usable_url_title_or_date() -> None:
    parsed = parse(
        [Row(901, " ", url="URL-NOT-NOTED", date="DATE-NOT-NOTED"), Row(902, "B", url=None)]
    )
    assert [(ref.title, ref.url, ref.published_at) for ref in refs(parsed)] == [
        ("Chapter 1", "https://www.royalroad.com/fiction/4711/_/chapter/901/_", None),
        ("B", "https://www.royalroad.com/fiction/4711/_/chapter/902/_", PUBLISHED),
    ]
    assert parsed.warnings == ("1 chapters have no date.",)


def test_script_and_table_give_the_same_list() -> None:
    by_script, by_table = parse(), parse(script="")
    assert refs(by_script) == refs(by_table)
    assert by_table.warnings == ("The page has no window.chapters: its table is read instead.",)


@pytest.mark.parametrize(
    "script",
    [
        "<script>window.chapters = [{</script>",
        "<script>window.chapters = null;</script>",
        "<script>window.chapters = [1, 2];</script>",
        '<script>window.chapters = [{"title": "no id"}];</script>',
        '<script>window.chapters = [{"id": 901} {"id": 902}];</script>',
        "<script>window.chapters = [{</script>".replace("{", "[" * 50_000),
    ],
)
def test_unreadable_script_falls_back_on_the_table(script: str) -> None:
    parsed = parse(script=script)
    assert [ref.source_id for ref in refs(parsed)] == ["901", "902", "903"]
    assert "the table is read instead" in parsed.warnings[0]


def test_table_with_more_chapters_than_the_script_wins() -> None:
    locked = Row(902, "Night", unlocked=False)
    parsed = parse(ROWS, script=pages.script([locked]))
    assert [(ref.source_id, ref.access) for ref in refs(parsed)] == [
        ("901", Access.FREE),
        ("902", Access.LOCKED),
        ("903", Access.FREE),
    ]
    assert parsed.warnings == (
        "window.chapters has 1 of the table's 3 chapters: the table is read.",
    )


def test_script_with_more_chapters_than_the_table_wins() -> None:
    parsed = parse(table=pages.table(ROWS[:1], declared=3))
    assert [ref.source_id for ref in refs(parsed)] == ["901", "902", "903"]
    assert parsed.warnings == ()


def test_the_sites_own_count_is_told() -> None:
    parsed = parse(table=pages.table(ROWS, declared=5))
    assert (parsed.stated, parsed.warnings) == ((Stated(chapters=5),), ())


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("", "is missing or cannot be read"),
        ("<script>window.chapters = [{</script>", "is missing or cannot be read"),
        (pages.script(ROWS[:1]), "is not complete either"),
        (pages.script([Row(901, "Dusk", unlocked=False)]), "is not complete either"),
    ],
)
def test_a_cut_table_is_not_taken_for_the_list(script: str, words: str) -> None:
    page = pages.index(pages.fiction(table=pages.table(ROWS, declared=5), script=script))
    for read in (SOURCE.parser().parse, SOURCE.parser().follow):
        with pytest.raises(PageChanged) as caught:
            read(page)
        assert "3 of the 5 chapters" in str(caught.value)
        assert words in str(caught.value)
        assert caught.value.selector == "window.chapters, table#chapters"


def test_a_table_that_nothing_vouches_for_is_not_taken_for_the_list() -> None:
    table = pages.table(ROWS).replace(' data-chapters="3"', "")
    with pytest.raises(PageChanged) as caught:
        parse(table=table, script="")
    assert caught.value.selector == "window.chapters, table#chapters[data-chapters]"
    assert len(refs(parse(table=table))) == 3


def test_a_row_twice_does_not_make_up_for_a_missing_one() -> None:
    with pytest.raises(PageChanged, match="2 of the 3 chapters"):
        parse(table=pages.table([*ROWS[:2], ROWS[0]]), script="")


def test_claimed_chapters_that_cannot_be_read() -> None:
    with pytest.raises(PageChanged, match="states 5"):
        parse([], table=pages.table([], declared=5))


def test_a_chapter_listed_twice_is_one() -> None:
    parsed = parse([*ROWS, ROWS[0]])
    assert len(refs(parsed)) == 3
    assert parsed.warnings == ("Chapters listed more than once: 901",)


def test_prose_cannot_fake_the_lists() -> None:
    prose = '<p>window.chapters = [] and &lt;table id="chapters"&gt; and id="chapters"</p>'
    parsed = parse(description=prose)
    assert len(refs(parsed)) == 3
    assert parsed.items[0].description_html == prose


def test_follow_is_what_parse_asks_for() -> None:
    page = pages.index(pages.fiction())
    expected = [
        Follow(pages.COVER, PageKind.IMAGE),
        *(
            Follow(f"{pages.FICTION}/chapter/{row.id}/slug", PageKind.CHAPTER, (str(row.id),))
            for row in ROWS
        ),
    ]
    assert SOURCE.parser().follow(page) == expected
    assert SOURCE.parser().parse(page).follow == expected


def test_cover_without_script() -> None:
    page = pages.index(pages.fiction(script="", cover="/covers/4711.jpg"))
    cover = "https://www.royalroad.com/covers/4711.jpg"
    assert SOURCE.parser().parse(page).items[0].cover_url == cover
    assert SOURCE.parser().follow(page)[0] == Follow(cover, PageKind.IMAGE)


def test_the_page_tells_which_fiction_it_is() -> None:
    page = pages.index(pages.fiction(), url="https://www.royalroad.com/fiction/8")
    parsed = SOURCE.parser().parse(page)
    assert (parsed.items[0].source_id, parsed.novel.novel_id) == ("4711", "4711")


def test_ten_thousand_chapters() -> None:
    rows = [Row(1000 + number, f"Chapter {number} [it's long]") for number in range(10_000)]
    html = pages.fiction(rows)
    expected = [str(row.id) for row in rows]
    assert [ref.source_id for ref in refs(SOURCE.parser().parse(pages.index(html)))] == expected
    by_table = pages.index(html.replace("window.chapters", "window.chapterz"))
    assert [ref.source_id for ref in refs(SOURCE.parser().parse(by_table))] == expected


def test_the_shell_of_the_redesign_is_not_taken_for_the_list() -> None:
    html = pages.fill("redesign_fiction.html").replace("window.chapters", "window.pages")
    with pytest.raises(PageChanged, match="1 of the 2 chapters"):
        SOURCE.parser().parse(pages.index(html))
    table = html[html.index("<table") : html.index("</table>") + len("</table>")]
    with pytest.raises(PageChanged, match="cannot be read"):
        SOURCE.parser().parse(pages.index(html.replace(table, '<div id="chapters"></div>')))


def test_redesign() -> None:
    page = pages.index(pages.fill("redesign_fiction.html"))
    parsed = SOURCE.parser().parse(page)
    item = parsed.items[0]
    assert (item.title, item.authors[0].name, item.authors[0].source_id) == (
        "The Lamplighter",
        "Ada Wick",
        "12",
    )
    assert (item.type, item.status) == ("Original", NovelStatus.HIATUS)
    assert [tag.slug for tag in item.tags] == ["litrpg"]
    assert item.description_html == "<p>Light after <em>light</em>.</p>"
    assert (item.statistics.views, item.statistics.followers) == (1234, 56)
    assert item.statistics.scores == {"overall": 4.5}
    assert [ref.source_id for ref in refs(parsed)] == ["901", "902"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-09-16T09:22:52.0000000+00:00", datetime(2026, 9, 16, 9, 22, 52, tzinfo=UTC)),
        ("2026-09-16T09:22:52.0000000Z", datetime(2026, 9, 16, 9, 22, 52, tzinfo=UTC)),
        ("2026-09-16T09:22:52", datetime(2026, 9, 16, 9, 22, 52, tzinfo=UTC)),
        (
            "2026-09-16T09:22:52+02:00",
            datetime(2026, 9, 16, 9, 22, 52, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("soon", None),
        (None, None),
    ],
)
def test_dates_of_the_script(written: str | None, expected: datetime | None) -> None:
    assert refs(parse([Row(1, "A", date=written)]))[0].published_at == expected


@pytest.mark.parametrize("unixtime", ["", "x", "9" * 30])
def test_times_of_the_table_fall_back(unixtime: str) -> None:
    table = pages.table(ROWS[:1]).replace('unixtime="1595175961"', f'unixtime="{unixtime}"')
    fallback = table.replace("format=", 'datetime="2020-07-19T16:26:01.0000000Z" format=')
    assert refs(parse(ROWS[:1], table=table, script=""))[0].published_at is None
    assert refs(parse(ROWS[:1], table=fallback, script=""))[0].published_at == PUBLISHED


@pytest.mark.parametrize("digits", ["9" * 5000, "1," * 3000])
def test_a_number_longer_than_any_true_one_is_not_known(digits: str) -> None:
    assert count(digits) is None
