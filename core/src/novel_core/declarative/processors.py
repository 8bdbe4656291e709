"""What can be done to a selected text, by name: each takes the text and the argument after the colon, and gives a text or None.

None means that the page does not tell it. ValueError means that the text is not what it should be: the field is left out, with a
warning, or the page has changed where it must have the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from novel_core.declarative.dates import read_date
from novel_core.declarative.numbers import read_number

Processor = Callable[[str, str], str | None]


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
    """`number` a number as people write it: 1,234, 12 345, 1.2k, 3.2万 or 4.5."""
    return read_number(text)


def _date(text: str, form: str) -> str | None:
    """`date` a date as sites write it: ISO, mail dates, seconds since 1970, words, `2 hours ago`; `date:%d %B %Y` in another form.
    Without a zone UTC is meant."""
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
