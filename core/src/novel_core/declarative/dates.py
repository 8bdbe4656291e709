"""Dates as sites write them: ISO, numbers, mail dates, words of many languages, and `2 hours ago`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: The mark of a time that the page has relative to the time of the fetch.
ABOUT = "~"
#: A longer text is more than a date.
_MAX_TEXT = 60
#: Trying every language is slow: after so many failures on one page, words are no longer tried.
_MAX_FAILURES = 20
_LANGUAGES = (
    "en", "zh", "ja", "ko", "es", "fr", "de", "ru", "pt", "it",
    "id", "vi", "th", "tr", "ar", "pl", "uk", "nl", "tl", "hi",
)  # fmt: skip
#: The usual formats, tried first because they are fast.
_FORMATS = (
    "%Y/%m/%d", "%Y.%m.%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y",
    "%B %d %Y", "%b %d %Y", "%Y/%m/%d %H:%M", "%B %d, %Y %H:%M",
)  # fmt: skip
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_DAY_OR_MONTH = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})(?!\d)")
_YEAR = re.compile(r"\d{4}|\d[./' -]+\d{2}(?!\d)")
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
#: Seconds, milliseconds and microseconds, by the number of digits.
_EPOCH_UNITS = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6}
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_MONTHS = 12


@dataclass(slots=True)
class _Reading:
    """The page whose dates are read: its time of fetch, its time zone, the number of failures."""

    now: datetime
    zone: tzinfo = UTC
    failures: int = 0


_reading: ContextVar[_Reading | None] = ContextVar("novel_dates", default=None)


@contextmanager
def dates_of(fetched_at: datetime, zone: tzinfo = UTC) -> Iterator[None]:
    """Inside the block, "2 hours ago" is relative to `fetched_at`, and dates are of `zone`."""
    token = _reading.set(_Reading(fetched_at, zone))
    try:
        yield
    finally:
        _reading.reset(token)


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name. ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"{name!r} is no time zone: write a name such as Asia/Tokyo or America/New_York"
        raise ValueError(msg) from error


def read_date(text: str, time_zone: str = "") -> str:
    """The date in `text`, in ISO format; with `~` before it if `text` is relative to now.

    A date without a time zone is in `time_zone`; in a table in that of the parser; or in UTC.
    ValueError if `text` is not a date, or if day and month may be either way round.

    >>> texts = "20240105", "1704412800000", "Jan 5th, 2024", "2024年1月5日", "5 января 2024"
    >>> {read_date(text)[:10] for text in texts}
    {'2024-01-05'}
    >>> read_date("2012/04/20 21:58", "Asia/Tokyo")
    '2012-04-20T21:58:00+09:00'
    """
    if time_zone:
        reading = _reading.get()
        with dates_of(reading.now if reading else datetime.now(UTC), zone_of(time_zone)):
            return read_date(text)
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    moment = _from_digits(plain) if plain.isdecimal() else _from_iso(plain) or _from_format(plain)
    if moment is not None:
        return in_zone(moment).isoformat()
    return _from_words(plain)


def in_zone(moment: datetime) -> datetime:
    """`moment`; one without a time zone is in that of the page."""
    if moment.tzinfo:
        return moment
    reading = _reading.get()
    return moment.replace(tzinfo=reading.zone if reading else UTC)


def _from_digits(text: str) -> datetime:
    """`20240105`, or seconds, milliseconds or microseconds since 1970, by the number of digits."""
    if form := _COMPACT.get(len(text)):
        with suppress(ValueError):
            moment = in_zone(datetime.strptime(text, form))  # noqa: DTZ007 - the zone is set
            if _FIRST_YEAR <= moment.year <= _LAST_YEAR:
                return moment
    if unit := _EPOCH_UNITS.get(len(text)):
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(text) / unit)
    msg = f"{text!r} is not a date"
    raise ValueError(msg)


def _from_iso(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    if ":" in text:
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            # The format of mails.
            return parsedate_to_datetime(text)
    return None


def _from_format(text: str) -> datetime | None:
    plain = _ORDINAL.sub("", text)
    for form in _FORMATS:
        with suppress(ValueError):
            return datetime.strptime(plain, form)  # noqa: DTZ007 - the zone is set by the caller
    return None


@lru_cache(maxsize=8)
def _parser(zone: str, now: datetime | None = None) -> Any:
    """The parser of words, imported when it is needed: that takes half a second."""
    from dateparser.date import DateDataParser

    settings = {
        "TIMEZONE": zone,
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
        "REQUIRE_PARTS": ["day", "month", "year"],
        "DATE_ORDER": "DMY",
        "PARSERS": ["relative-time", "absolute-time"],
    }
    if now is not None:
        settings["RELATIVE_BASE"] = now
    return DateDataParser(languages=list(_LANGUAGES), settings=settings)


def _from_words(text: str) -> str:
    reading = _reading.get() or _Reading(datetime.now(UTC))
    msg = f"{text!r} is not a date in a known format: write date:%d %B %Y or similar"
    if not text or len(text) > _MAX_TEXT or reading.failures >= _MAX_FAILURES:
        raise ValueError(msg)
    both = _DAY_OR_MONTH.match(text)
    if both and both[1] != both[2] and max(int(both[1]), int(both[2])) <= _MONTHS:
        msg = f"{text!r} is ambiguous: write date:%d/%m/%Y or date:%m/%d/%Y"
        raise ValueError(msg)
    zone = getattr(reading.zone, "key", "UTC")
    moment = _parser(zone).get_date_data(text).date_obj if _YEAR.search(text) else None
    if moment is not None:
        return str(moment.isoformat())
    now = reading.now.astimezone(reading.zone).replace(tzinfo=None)
    found = _parser(zone, now).get_date_data(text).date_obj
    if found is None:
        reading.failures += 1
        raise ValueError(msg)
    return f"{ABOUT}{found.isoformat()}"
