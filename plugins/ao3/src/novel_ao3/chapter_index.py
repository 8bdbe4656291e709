"""The chapter index, the only page with the full titles and dates of all chapters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from novel_ao3.markup import address_of, day_of, first_text
from novel_ao3.views import SitePage
from novel_core import PageChanged, children, text_of

_SELECTOR = "#main ol.chapter.index > li > a"
_NUMBER = re.compile(r"(?<![0-9])[0-9]+\.\s*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A chapter in the index. `day` is the date as written, `published_at` its value."""

    chapter_id: str
    title: str
    day: str | None
    published_at: datetime | None


def read_index(site_page: SitePage) -> tuple[str, list[Entry]]:
    """The id of the work, and its chapters in reading order."""
    url = site_page.page.url
    work: str | None = None
    entries: list[Entry] = []
    for row in site_page.main.css("ol.chapter.index > li"):
        link = next(iter(children(row, "a[href]")), None)
        address = address_of(link, site_page.urls)
        if link is None or address is None or address.work is None or address.chapter is None:
            raise PageChanged("A line of the index has no chapter", url=url, selector=_SELECTOR)
        work = address.work
        # The first number is the position; the title may start with a number too.
        words = text_of(link)
        title = _NUMBER.sub("", words, count=1)
        day = first_text(children(row, "span.datetime")).strip("()") or None
        entries.append(Entry(address.chapter, title or words, day, day_of(day) if day else None))
    if work is None:
        raise PageChanged("The index names no chapter", url=url, selector=_SELECTOR)
    return work, entries
