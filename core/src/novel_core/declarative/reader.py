"""The values of one page, field by field, by the selectors of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from novel_core.declarative.dates import ABOUT
from novel_core.declarative.selector import Selector
from novel_core.document import Element, parse, text_of
from novel_core.errors import InvalidUrl, NotFound, PageChanged, PluginError
from novel_core.leniency import report, reported
from novel_core.page import Page
from novel_core.source import UrlMatch
from novel_core.urls import normalize_url

Selectors = tuple[Selector, ...]


class PageReader:
    """The values of one page. A value that cannot be read is left out, with a warning."""

    def __init__(self, page: Page, match_url: Callable[[str], UrlMatch | None]) -> None:
        self.page = page
        self.document = parse(page)
        self.tree = self.document.root
        self._match_url = match_url
        #: The titles of the volumes in the chapter list, by the ids made of them.
        self.volumes: dict[str, str] = {}

    def first(self, field: str, selectors: Selectors, root: Element | None = None) -> str | None:
        """The first value of the first selector that finds one."""
        found = (value for one in selectors for value in self._values(field, one, root))
        return next(found, None)

    def all(self, field: str, selectors: Selectors) -> list[str]:
        """The values of the first selector that finds any."""
        for selector in selectors:
            if values := list(self._values(field, selector, None)):
                return values
        return []

    def _values(self, field: str, selector: Selector, root: Element | None) -> Iterator[str]:
        for element in selector.elements(self.tree if root is None else root):
            if value := self.value(field, selector, element):
                yield value

    def value(self, field: str, selector: Selector, element: Element) -> str | None:
        """The value of one element, or None."""
        try:
            return selector.value_of(element)
        except ValueError as error:
            self.leave_out(field, str(error))
            return None

    def leave_out(self, field: str, reason: str) -> None:
        report(field, f"The {field} is left out: {reason}.")

    def required(self, field: str, selectors: Selectors) -> str:
        """The first value; PageChanged if there is none."""
        with reported() as problems:
            value = self.first(field, selectors)
        if value is None:
            raise self.missing(field, selectors, problems.lines())
        return value

    def missing(
        self, field: str, selectors: Selectors, problems: Sequence[str] = ()
    ) -> PageChanged:
        wanted = " or ".join(selector.text for selector in selectors)
        message = " ".join((*problems, f"The page has no {field}"))
        return PageChanged(message, url=self.page.url, selector=wanted)

    def link(self, field: str, selectors: Selectors) -> str | None:
        """An absolute http(s) URL, or None."""
        return self.address(field, self.first(field, selectors))

    def address(self, field: str, link: str | None) -> str | None:
        """`link` made absolute; None, with a warning, if it is not a web address."""
        url = self.document.absolute(link)
        if link and url is None:
            self.leave_out(field, f"{link!r} is not a web address")
        return url

    def essential_link(
        self, field: str, selectors: Selectors, root: Element | None = None
    ) -> str | None:
        """A link that the rest of the novel depends on; PageChanged if it cannot be read."""
        with reported() as problems:
            link = self.first(field, selectors, root)
        if link is None and (lines := problems.lines()):
            raise PageChanged(" ".join(lines), url=self.page.url)
        return self.address(field, link)

    def exact_date(self, field: str, selectors: Selectors) -> datetime | None:
        """A date; one relative to now is left out, since every fetch would give another."""
        found, is_approximate = self.date(field, selectors)
        if is_approximate:
            self.leave_out(field, "the page has it relative to now only")
            return None
        return found

    def date(
        self, field: str, selectors: Selectors, root: Element | None = None
    ) -> tuple[datetime | None, bool]:
        """A date, and whether the page has it relative to now."""
        value = self.first(field, selectors, root) or ""
        try:
            found = datetime.fromisoformat(value.removeprefix(ABOUT)) if value else None
        except ValueError:
            self.leave_out(field, f"{value!r} is not a date: end its selector with `| date`")
            return None, False
        return found, value.startswith(ABOUT)

    def has(self, selectors: Selectors, root: Element | None = None) -> bool:
        return any(selector.elements(self.tree if root is None else root) for selector in selectors)

    def match(self, url: str) -> UrlMatch | None:
        """The match of the source's own `match_url`; PluginError if that fails."""
        try:
            normal = normalize_url(url)
        except InvalidUrl:
            # A link of the page may be anything.
            return None
        try:
            return self._match_url(normal)
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"match_url failed on {normal}, a link of {self.page.url}:"
                f" {type(error).__name__}: {error}"
            ) from error

    def check_wall(self, selectors: Selectors) -> None:
        for selector in selectors:
            for element in selector.elements(self.tree):
                message = text_of(element) or "an empty notice"
                raise NotFound(f"The site says: {message}", url=self.page.url)
