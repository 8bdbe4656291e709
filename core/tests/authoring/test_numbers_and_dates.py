"""Numbers and dates as people write them, read right or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import tablesite
from hypothesis import given, settings, strategies as st
from tablesite import TABLE, a_book, index_page, match_url

from novel_core import Page, PageKind
from novel_core.declarative import PROCESSORS, DeclarativeParser
from novel_core.declarative.dates import dates_of, read_date
from novel_core.declarative.numbers import read_number
from novel_core.items import ChapterRef, Novel

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234 words", "1234"),
        ("1234", "1234"),
        ("1.5 Million", "1500000"),
        ("1.2M", "1200000"),
        ("1.2m views", "1200000"),
        ("2 thousand", "2000"),
        ("1,234k", "1234000"),
        ("1.234k", "1234"),
        ("1,5k", "1500"),
        ("12k+", "12000"),
        ("3.4 bn", "3400000000"),
        ("2 lakh", "200000"),
        ("1,5 Mio.", "1500000"),
        ("12 тыс.", "12000"),
        ("1,2 млн", "1200000"),
        ("3.2万", "32000"),
        ("3.2 萬", "32000"),
        ("12만", "120000"),
        ("1.5億", "150000000"),
        ("2亿", "200000000"),
        ("1億2,345万", "123450000"),
        ("3万2千", "32000"),
        ("5千字", "5000"),
        ("1 234", "1234"),
        ("1\u00a0234\u202f567", "1234567"),
        ("1'234'567", "1234567"),
        ("1\u2019234", "1234"),
        ("1.234.567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567.5", "1234567.5"),
        ("12,34,567", "1234567"),
        ("4.53", "4.53"),
        ("4,5 / 5", "4.5"),
        ("0.123", "0.123"),
        ("-5 votes", "-5"),
        ("\u22125", "-5"),
        ("Chapters-12", "12"),
        ("Views: 77 (today 3)", "77"),
        ("12 kudos", "12"),
        ("5 Members", "5"),
        ("12th", "12"),
        ("\u0661\u066c\u0662\u0663\u0664", "1234"),
        ("\u0661\u0662\u066b\u0665", "12.5"),
        ("\uff11\uff0c\uff12\uff13\uff14", "1234"),
        ("१२३", "123"),
    ],
)
def test_a_number_is_read(text: str, expected: str) -> None:
    assert read_number(text) == expected
    assert PROCESSORS["number"](text, "") == expected


@pytest.mark.parametrize(
    "text",
    ["many", "", "2 mil", "1.2.3", "12.05.2024", "1,2,3", "12 百合", "1.2T", "12345 678", "x"],
)
def test_a_number_that_is_not_clear_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|not clear"):
        read_number(text)


@settings(deadline=None)
@given(
    number=st.integers(min_value=0, max_value=10**15),
    mark=st.sampled_from([",", ".", " ", "'", "\u202f"]),
)
def test_a_grouped_number_is_what_it_was(number: int, mark: str) -> None:
    assert read_number(f"{number:,}".replace(",", mark)) == str(number)


@settings(deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    try:
        found = read_number(text)
    except ValueError:
        return
    assert float(found) == float(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05", "2024-01-05T00:00:00+00:00"),
        ("2024-01-05T10:20:30Z", "2024-01-05T10:20:30+00:00"),
        ("2024-01-05 10:20:30+09:00", "2024-01-05T10:20:30+09:00"),
        ("20240105", "2024-01-05T00:00:00+00:00"),
        ("20240105102030", "2024-01-05T10:20:30+00:00"),
        ("1704412800", "2024-01-05T00:00:00+00:00"),
        ("1704412800000", "2024-01-05T00:00:00+00:00"),
        ("1704412800000000", "2024-01-05T00:00:00+00:00"),
        ("\uff12\uff10\uff12\uff14-\uff10\uff11-\uff10\uff15", "2024-01-05T00:00:00+00:00"),
        ("Fri, 05 Jan 2024 10:20:30 GMT", "2024-01-05T10:20:30+00:00"),
        ("Fri, 05 Jan 2024 10:20:30 +0900", "2024-01-05T10:20:30+09:00"),
        ("Jan 5th, 2024", "2024-01-05T00:00:00+00:00"),
        ("January 5, 2024", "2024-01-05T00:00:00+00:00"),
        ("Friday, January 5th 2024", "2024-01-05T00:00:00+00:00"),
        ("5 January 2024", "2024-01-05T00:00:00+00:00"),
        ("5 Jan 2024", "2024-01-05T00:00:00+00:00"),
        ("Jan. 5, 2024, 3:04 p.m.", "2024-01-05T15:04:00+00:00"),
        ("2024/01/05", "2024-01-05T00:00:00+00:00"),
        ("2024/01/05 10:20", "2024-01-05T10:20:00+00:00"),
        ("2024.1.5", "2024-01-05T00:00:00+00:00"),
        ("05.01.2024", "2024-01-05T00:00:00+00:00"),
        ("25/01/2024", "2024-01-25T00:00:00+00:00"),
        ("01/25/2024", "2024-01-25T00:00:00+00:00"),
        ("05/05/2024", "2024-05-05T00:00:00+00:00"),
        ("2024年1月5日", "2024-01-05T00:00:00+00:00"),
        ("2024년 1월 5일", "2024-01-05T00:00:00+00:00"),
        ("5 января 2024", "2024-01-05T00:00:00+00:00"),
        ("5 de enero de 2024", "2024-01-05T00:00:00+00:00"),
        ("5. Januar 2024", "2024-01-05T00:00:00+00:00"),
    ],
)
def test_a_date_is_read(text: str, expected: str) -> None:
    assert PROCESSORS["date"](text, "") == expected


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2 hours ago", timedelta(hours=2)),
        ("an hour ago", timedelta(hours=1)),
        ("5 mins ago", timedelta(minutes=5)),
        ("3 days ago", timedelta(days=3)),
        ("yesterday", timedelta(days=1)),
        ("2 weeks ago", timedelta(days=14)),
        ("2小时前", timedelta(hours=2)),
        ("3日前", timedelta(days=3)),
        ("2시간 전", timedelta(hours=2)),
        ("vor 2 Stunden", timedelta(hours=2)),
    ],
)
def test_a_time_told_relative_to_now_is_meant_from_the_page_on(
    text: str, before: timedelta
) -> None:
    with dates_of(NOW):
        found = read_date(text)
    assert found[0] == "~"
    assert datetime.fromisoformat(found[1:]) == NOW - before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("05/01/2024", "is ambiguous"),
        ("5-1-24", "is ambiguous"),
        ("January 2024", "is not a date"),
        ("in spring", "is not a date"),
        ("Chapter 5", "is not a date"),
        ("10:30", "is not a date"),
        ("12", "is not a date"),
        ("99999999", "is not a date"),
        ("9" * 40, "is not a date"),
        ("x" * 10_000, "is not a date"),
        ("2024-13-45", "is not a date"),
        ("", "is not a date"),
    ],
)
def test_what_is_no_date_or_two_is_none(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_date(text)


def parsed(
    html: str, fetched_at: datetime = NOW
) -> tuple[Novel, list[ChapterRef], tuple[str, ...]]:
    url = f"{tablesite.ROOT}/book/1"
    page = Page(url, PageKind.INDEX, html.encode(), requested_url=url, fetched_at=fetched_at)
    table = TABLE.model_copy(
        update={"novel": TABLE.novel.model_copy(update={"updated": TABLE.novel.published})}
    )
    found = DeclarativeParser(table, match_url=match_url, version="1").parse(page)
    refs = [item for item in found.items if isinstance(item, ChapterRef)]
    assert isinstance(found.items[0], Novel)
    return found.items[0], refs, tuple(found.warnings)


def test_a_chapters_date_may_be_relative_a_novels_may_not() -> None:
    html = index_page(a_book()).replace("2026-01-07", "2 hours ago")
    _, refs, warnings = parsed(html)
    dates = {ref.published_at for ref in refs if ref.is_approximate}
    assert dates == {NOW - timedelta(hours=2)}
    assert warnings == ()
    start = html.index('datetime="', html.index('class="first"'))
    end = html.index('"', start + len('datetime="'))
    novel, _, warnings = parsed(f'{html[:start]}datetime="3 days ago{html[end:]}')
    assert novel.published_at is None
    assert "relative to now only" in warnings[0]


def test_a_page_full_of_what_is_no_date_does_not_take_for_ever() -> None:
    """After some texts that are none, words are no longer looked up in every language."""
    with dates_of(NOW):
        for number in range(200):
            with pytest.raises(ValueError, match="is not a date"):
                read_date(f"day {number} of the long winter")
        with pytest.raises(ValueError, match="is not a date"):
            read_date("2 hours ago")
        assert read_date("2024-01-05")
