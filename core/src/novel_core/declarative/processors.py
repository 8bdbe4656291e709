"""What can be done to a selected text, by name: each takes the text and the argument after the colon, and gives a text or None.

None means that the page does not tell it. ValueError means that the text is not what it should be: the page has changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Processor = Callable[[str, str], str | None]

_NUMBER = re.compile(r"(\d[\d.,'\s]*)\s*([kKmM])?(?![A-Za-z])")
_THOUSANDS = {"": 1, "k": 1_000, "m": 1_000_000}


def _after(text: str, mark: str) -> str | None:
    """`after:Chapters:` what follows the mark; None where the mark is missing."""
    _, found, rest = text.partition(mark)
    return rest.strip() if found else None


def _before(text: str, mark: str) -> str | None:
    """`before: by ` what stands before the mark; all of it where the mark is missing."""
    return text.partition(mark)[0].strip()


def _map(text: str, table: str) -> str | None:
    """`map:Ongoing=ongoing,Completed=completed` the word that stands for the site's; case does not matter."""
    words = dict(pair.split("=", 1) for pair in table.split(","))
    found = {name.strip().lower(): value.strip() for name, value in words.items()}.get(text.lower())
    if found is None:
        msg = f"{text!r} is none of {', '.join(words)}"
        raise ValueError(msg)
    return found


def _regex(text: str, pattern: str) -> str | None:
    r"""`regex:/(\d+)$` the first group of the first match, or the whole match; None where nothing matches."""
    found = re.search(pattern, text)
    return found.group(found.re.groups and 1) if found else None


def _number(text: str, _: str) -> str | None:
    """`number` a count as people write it: 1,234, 12 345 or 1.2k."""
    found = _NUMBER.search(text)
    if found is None:
        msg = f"there is no number in {text!r}"
        raise ValueError(msg)
    digits, unit = found[1].strip(), (found[2] or "").lower()
    if unit:
        return str(round(float(digits.replace(",", ".")) * _THOUSANDS[unit]))
    return re.sub(r"\D", "", digits)


def _date(text: str, form: str) -> str | None:
    """`date` an ISO date or time, seconds since 1970, or a mail date; `date:%d %B %Y` another form. Without a zone UTC is meant."""
    moment = datetime.strptime(text, form) if form else _guessed(text)  # noqa: DTZ007 - the zone is set below
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat()


def _guessed(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        msg = f"{text!r} is no date in a form known by itself: write date:%d %B %Y or the like"
        raise ValueError(msg) from None


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
