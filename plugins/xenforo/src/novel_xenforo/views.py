"""A page of a forum, with what its `html` element says of it; and its times and numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from novel_core import Document, Element, Page, PageChanged, read_number
from novel_xenforo.outcomes import is_forum
from novel_xenforo.urls import Route

_THREAD_KEY = re.compile(r"thread-0*([1-9][0-9]{0,11})")
_STAMP = re.compile(r"-?[0-9]{1,12}")
#: A larger number is none of a thread.
_MOST = 2**53


@dataclass(frozen=True, slots=True)
class ForumPage:
    """`thread` is the id of the thread that the page is about, `address` the page's URL in parts."""

    page: Page
    document: Document
    template: str
    thread: str
    address: Route

    @property
    def thread_address(self) -> Route:
        """The thread's address with its present slug, which a request needs not be redirected."""
        found = self.address.thread
        if found is None:
            raise PageChanged("The page is not below its thread's address", url=self.page.url)
        return found


def open_page(page: Page) -> ForumPage:
    """PageChanged for a page of another software, or one that belongs to no thread."""
    document = page.document()
    html = {name: value or "" for name, value in document.root.attributes.items()}
    if not is_forum(html):
        raise PageChanged("The page is of no XenForo forum", url=page.url, selector="html#XF")
    key = _THREAD_KEY.fullmatch(html.get("data-content-key", ""))
    if key is None:
        raise PageChanged(
            "The page belongs to no thread", url=page.url, selector="html[data-content-key]"
        )
    template = html.get("data-template", "")
    return ForumPage(page, document, template, key[1], Route.of(page.url))


def time_of(element: Element | None) -> datetime | None:
    """The moment of a `time` element, never its words: `data-time` is a clock in XenForo 2.3.

    >>> from novel_core import fragment
    >>> [element] = fragment('<time data-timestamp="1372130870" data-time="11:27 PM">').css("time")
    >>> time_of(element).isoformat()
    '2013-06-25T03:27:50+00:00'
    """
    if element is None:
        return None
    values = element.attributes
    for name in ("data-timestamp", "data-time"):
        if moment := moment_of(values.get(name)):
            return moment
    try:
        found = datetime.fromisoformat(values.get("datetime") or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def moment_of(seconds: str | None) -> datetime | None:
    """The moment of seconds since 1970; None for any other text."""
    if seconds is None or not _STAMP.fullmatch(seconds):
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def count_of(text: str) -> int | None:
    """A number as the software writes it (`1,093`, `2.9k`); None if it is none."""
    try:
        number = int(float(read_number(text)))
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < _MOST else None
