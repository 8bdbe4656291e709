"""The chapter index: the one page with every chapter's full title and date."""

from __future__ import annotations

import re

from novel_ao3.markup import day_of, first_text, link_of
from novel_ao3.plan import Entry
from novel_ao3.urls import absolute, read_address
from novel_ao3.views import Opened
from novel_core.document import children, text_of
from novel_core.errors import PageChanged

_SELECTOR = "#main ol.chapter.index > li > a"
_NUMBER = re.compile(r"(?<![0-9])[0-9]+\.\s*")


def read_index(opened: Opened) -> tuple[str, list[Entry]]:
    """The work's id, and its chapters in reading order."""
    url = opened.page.url
    work: str | None = None
    entries: list[Entry] = []
    for row in opened.main.css("ol.chapter.index > li"):
        link = next(iter(children(row, "a[href]")), None)
        target = absolute(link_of(link)) if link is not None else None
        address = read_address(target) if target else None
        if link is None or address is None or address.work is None or address.chapter is None:
            raise PageChanged("A line of the index has no chapter", url=url, selector=_SELECTOR)
        work = address.work
        # The number is the line's place; the title may begin with a number of its own.
        words = text_of(link)
        title = _NUMBER.sub("", words, count=1)
        day = first_text(children(row, "span.datetime")).strip("()") or None
        entries.append(Entry(address.chapter, title or words, day, day_of(day) if day else None))
    if work is None:
        raise PageChanged("The index names no chapter", url=url, selector=_SELECTOR)
    return work, entries
