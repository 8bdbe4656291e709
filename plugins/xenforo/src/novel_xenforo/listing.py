"""The list of a thread's threadmarks: one category, one page of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from novel_core import Element, PageChanged, select, text_of
from novel_xenforo.outcomes import no_threadmarks
from novel_xenforo.urls import Route
from novel_xenforo.views import ForumPage, count_of

#: The category of the threadmarks themselves, on every forum.
MAIN = "1"
_BODY = ".block-body--threadmarkBody"
_DEFAULT_SIZE, _LARGEST_SIZE = 25, 1000
#: More pages of one list, or categories of one thread, are a forged page.
_MOST_PAGES, _MOST_CATEGORIES = 400, 50
_CATEGORY = re.compile(r"\bcategory-([0-9]{1,6})\b")
_PARAMETER = re.compile(r"\bthreadmark_category=([0-9]{1,6})(?![0-9])")
_DIGITS = re.compile(r"[0-9]{1,6}")
#: `Statistics (1,077 threadmarks, 177k words)`; an abbreviated number is none to compare with.
_STATED = re.compile(r"\(\s*([0-9][0-9.,\u00a0\u202f']*)\s+[^\W\d]")


@dataclass(frozen=True, slots=True)
class Category:
    """A category of threadmarks, which is a list of its own."""

    id: str
    name: str


class ThreadmarkList:
    """A page of the list, read once."""

    def __init__(self, view: ForumPage) -> None:
        self.view = view
        self._body = _list_body(view)
        found = _CATEGORY.search(self._body.attributes.get("class") or "")
        self.category = found[1] if found else _asked_category(view.address) or MAIN

    @property
    def rows(self) -> Sequence[Element]:
        return [
            row
            for row in select(self._body, ".structItem--threadmark")
            if "structItem--threadmark-filler" not in (row.attributes.get("class") or "")
        ]

    @property
    def hidden(self) -> int:
        """The number of placeholders for rows that the page does not have."""
        return len(select(self._body, ".structItem--threadmark-filler"))

    @cached_property
    def categories(self) -> Sequence[Category]:
        """All categories of the thread, in the forum's order."""
        tabs = self.view.document.css(".block-tabHeader--threadmarkCategoryTabs a.tabs-tab")
        found: dict[str, Category] = {}
        for tab in tabs:
            asked = _PARAMETER.search(tab.attributes.get("href") or "")
            key = asked[1] if asked else MAIN
            found.setdefault(key, Category(key, text_of(tab) or f"Category {key}"))
        if self.category not in found:
            found[self.category] = Category(self.category, "Threadmarks")
        return list(found.values())[:_MOST_CATEGORIES]

    @property
    def name(self) -> str:
        return next(
            one.name
            for one in [*self.categories, Category("", "")]
            if one.id in (self.category, "")
        )

    @cached_property
    def size(self) -> int:
        """The number of rows on a full page: a size that the forum does not offer is not kept."""
        options = select(self.view.document.root, 'select[name="per_page"] option')
        chosen = [option for option in options if "selected" in option.attributes]
        asked = re.search(r"\bper_page=([0-9]{1,6})(?![0-9])", self.view.address.query)
        return next(_sizes(chosen), int(asked[1]) if asked else 0) or _DEFAULT_SIZE

    @cached_property
    def largest_size(self) -> int:
        options = select(self.view.document.root, 'select[name="per_page"] option')
        return max(_sizes(options), default=self.size)

    @property
    def page(self) -> int:
        return self.view.address.page

    @cached_property
    def last_page(self) -> int:
        """The number of the last page, by the links to pages; at least this one's."""
        places = [f".threadmarks-pagenav--wrapper.category-{self.category}", "body"]
        boxes = [box for place in places for box in self.view.document.css(place)[:1]]
        numbers = [
            int(text)
            for box in boxes[:1]
            for link in select(box, ".pageNav-page a")
            if _DIGITS.fullmatch(text := text_of(link).replace(",", ""))
        ]
        return max([self.page, *numbers])

    @cached_property
    def stated(self) -> int | None:
        """The number of threadmarks that the forum itself gives for this category."""
        for heading in self._panel.css(".block-formSectionHeader"):
            if (found := _STATED.search(text_of(heading))) and (
                count := count_of(found[1])
            ) is not None:
                return count
        return None

    @property
    def _panel(self) -> Element:
        for pane in self.view.document.css('li[role="tabpanel"]'):
            if pane.attributes.get("aria-labelledby") == f"threadmark-category-{self.category}":
                return pane
        return self.view.document.root

    @property
    def authors(self) -> Sequence[Element]:
        """The rows of the table of authors: name, and number of threadmarks."""
        return select(
            self._panel, "table.dataList-table tr.dataList-row:not(.dataList-row--header)"
        )

    @property
    def reader(self) -> Route:
        """The address of the first reader page of this category."""
        thread = self.view.thread_address
        for link in select(self._panel, "a.reader[href]"):
            url = self.view.document.absolute(link.attributes.get("href"))
            route = Route.of(url) if url else None
            if route and route.thread == thread and route.path.rstrip("/").endswith("/reader"):
                return route
        is_main = self.category == MAIN
        return thread.below("reader/", threadmark_category=None if is_main else self.category)

    def pages(self) -> Iterator[tuple[int, int]]:
        """The pages that this one makes known: number and size; the last one last.

        The first page knows all. A later one knows the next, in case the first was wrong.
        """
        if self.page > 1:
            if self.page < self.last_page:
                yield self.page + 1, self.size
            return
        if self.last_page == 1:
            return
        most = self.last_page * self.size
        least = most - self.size + 1
        total = self.stated if self.stated and least <= self.stated <= most else most
        size, first = self.size, 2
        if self.largest_size > size:
            size, first = self.largest_size, 1
        for number in range(first, min(-(-total // size), _MOST_PAGES) + 1):
            yield number, size

    def address(self, page: int, size: int, category: str | None = None) -> str:
        """The URL of a page of this list, or of the one of another category."""
        category = category or self.category
        return str(
            self.view.thread_address.below(
                "threadmarks",
                threadmark_category=None if category == MAIN else category,
                per_page=size,
                page=page if page > 1 else None,
            )
        )


def _list_body(view: ForumPage) -> Element:
    """The rows' element, only of a page that is a list: a thread's page has an extract of it."""
    if view.template == "thread_view":
        raise no_threadmarks(view.page)
    found = view.document.css_first(_BODY)
    if found is None or view.document.css_first("article.message") is not None:
        raise PageChanged("The page is no list of threadmarks", url=view.page.url, selector=_BODY)
    return found


def _asked_category(address: Route) -> str | None:
    found = _PARAMETER.search(address.query)
    return found[1] if found else None


def _sizes(options: Sequence[Element]) -> Iterator[int]:
    for option in options:
        value = option.attributes.get("value") or ""
        if _DIGITS.fullmatch(value) and 0 < int(value) <= _LARGEST_SIZE:
            yield int(value)
