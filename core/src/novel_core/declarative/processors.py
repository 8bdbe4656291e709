"""The steps that a selector may name after `|`.

Each takes the selected text and the argument after the colon, and returns a text, or None if the
page has no value. ValueError means a text of the wrong form: the field is left out, with a warning;
a required field is a PageChanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import escape
from urllib.parse import quote

from novel_core.declarative.dates import in_zone, read_date
from novel_core.declarative.numbers import read_number
from novel_core.document import fragment, text_of

Processor = Callable[[str, str], str | None]


def _after(text: str, mark: str) -> str | None:
    """`after:Chapters:` is the text after the mark; None without the mark."""
    _, found, rest = text.partition(mark)
    return rest.strip() if found else None


def _before(text: str, mark: str) -> str | None:
    """`before: by ` is the text before the mark; all of it without the mark."""
    return text.partition(mark)[0].strip()


def _lower(text: str, _: str) -> str:
    """`lower` is the text in small letters."""
    return text.lower()


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

    `date:%d %B %Y` gives the format. A date without a time zone is in the
    parser's, or in UTC.
    """
    if not form:
        return read_date(text)
    moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is set below
    return in_zone(moment).isoformat()


def _remove(text: str, pattern: str) -> str:
    r"""`remove:^\d+\. ` is the text, or the markup, without what the regular expression finds."""
    return re.sub(pattern, "", text)


def _text(html: str, _: str) -> str:
    """`text` is the text of markup, such as a title of JSON in which `&amp;` stands for `&`."""
    return text_of(fragment(html))


def _paragraphs(text: str, _: str) -> str:
    """`paragraphs` is plain text as HTML: each line that is not empty is a paragraph."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def _url(value: str, form: str) -> str:
    """`url:/api/posts/{}` is an address with the value in it, percent-encoded.

    `{novel}` in it becomes the novel's id, `{base}` the address of the site.
    """
    return form.replace("{}", value if form.startswith("{}") else quote(value, safe="/:,~"))


#: The names a selector may use after `|`.
PROCESSORS: dict[str, Processor] = {
    "after": _after,
    "before": _before,
    "date": _date,
    "lower": _lower,
    "map": _map,
    "number": _number,
    "paragraphs": _paragraphs,
    "regex": _regex,
    "remove": _remove,
    "text": _text,
    "url": _url,
}


def check_step(name: str, argument: str) -> None:
    """Raise ValueError if there is no such step, or it cannot work with its argument."""
    if name not in PROCESSORS:
        msg = f"there is no processor {name!r}, only {', '.join(sorted(PROCESSORS))}"
        raise ValueError(msg)
    if name in {"regex", "remove"}:
        try:
            re.compile(argument)
        except re.error as error:
            msg = f"{argument!r} is no regular expression: {error}"
            raise ValueError(msg) from error
    if name == "map" and not all("=" in pair for pair in argument.split(",")):
        msg = f"map needs word=word pairs with commas between them, not {argument!r}"
        raise ValueError(msg)
    if name == "url" and "{}" not in argument and "{novel}" not in argument:
        msg = (
            f"url needs an address with {{}} for the value, or {{novel}}, not {argument!r};"
            f" a constant address is a path: 'url:{argument}'"
        )
        raise ValueError(msg)
