"""The steps that a selector may name after `|`.

Each takes the selected text and the argument after the colon, and returns a text, or None if the
page has no value. ValueError means a text of the wrong form: the field is left out, with a warning;
a required field is a PageChanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from novel_core.declarative.dates import read_date
from novel_core.declarative.numbers import read_number

Processor = Callable[[str, str], str | None]


def _after(text: str, mark: str) -> str | None:
    """`after:Chapters:` is the text after the mark; None without the mark."""
    _, found, rest = text.partition(mark)
    return rest.strip() if found else None


def _before(text: str, mark: str) -> str | None:
    """`before: by ` is the text before the mark; all of it without the mark."""
    return text.partition(mark)[0].strip()


def _map(text: str, table: str) -> str | None:
    """`map:Ongoing=ongoing,Completed=completed` replaces the site's word; case does not matter."""
    words = dict(pair.split("=", 1) for pair in table.split(","))
    found = {name.strip().lower(): value.strip() for name, value in words.items()}.get(text.lower())
    if found is None:
        msg = f"{text!r} is not one of {', '.join(words)}"
        raise ValueError(msg)
    return found


def _regex(text: str, pattern: str) -> str | None:
    r"""`regex:/(\d+)$` is the first group of the first match, or the match; None without one."""
    found = re.search(pattern, text)
    return found.group(found.re.groups and 1) if found else None


def _number(text: str, _: str) -> str | None:
    """`number` is the first number of the text: 1,234, 12 345, 1.2k, 3.2万 or 4.5."""
    return read_number(text)


def _date(text: str, form: str) -> str | None:
    """`date` is a date as sites write it: ISO, mail dates, seconds since 1970, words, `2 hours ago`.

    `date:%d %B %Y` gives the format. A date without a time zone is in UTC.
    """
    if not form:
        return read_date(text)
    moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is set below
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


#: The names a selector may use after `|`.
PROCESSORS: dict[str, Processor] = {
    "after": _after,
    "before": _before,
    "date": _date,
    "lower": lambda text, _: text.lower(),
    "map": _map,
    "number": _number,
    "regex": _regex,
}
