"""One page, asked field by field by the selectors of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from novel_core.declarative.dates import ABOUT
from novel_core.declarative.selecting import Selector
from novel_core.document import Element, parse, text_of
from novel_core.errors import InvalidUrl, NotFound, PageChanged, PluginError
from novel_core.leniency import report, reported
from novel_core.page import Page
from novel_core.source import UrlMatch
from novel_core.urls import normalize_url

Selectors = tuple[Selector, ...]


class Reader:
    """One page, asked field by field."""

    def __init__(self, page: Page, match_url: Callable[[str], UrlMatch | None]) -> None:
        self.page = page
        self.document = parse(page)
        self.tree = self.document.root
        self._match_url = match_url
        #: The titles of the volumes the chapter list names, by the ids they are given here.
        self.volumes: dict[str, str] = {}

    def first(self, field: str, selectors: Selectors, root: Element | None = None) -> str | None:
        """The first value of the first selector that finds any; one that cannot be read is left out, with a warning."""
        for selector in selectors:
            for value in self._values(field, selector, root):
                return value
        return None

    def all(self, field: str, selectors: Selectors, root: Element | None = None) -> list[str]:
        """The values of the first selector that finds any, without those that cannot be read."""
        for selector in selectors:
            if values := list(self._values(field, selector, root)):
                return values
        return []

    def _values(self, field: str, selector: Selector, root: Element | None) -> Iterator[str]:
        for element in selector.elements(self.tree if root is None else root):
            if value := self.value(field, selector, element):
                yield value

    def value(self, field: str, selector: Selector, element: Element) -> str | None:
        """What one element gives; None, with a warning, where it cannot be read."""
        try:
            return selector.value_of(element)
        except ValueError as error:
            self.leave_out(field, str(error))
            return None

    def leave_out(self, field: str, reason: str) -> None:
        report(field, f"The {field} is left out: {reason}.")

    def required(self, field: str, selectors: Selectors, root: Element | None = None) -> str:
        """PageChanged where there is no such value."""
        with reported() as problems:
            value = self.first(field, selectors, root)
        if value is None:
            raise self.lacks(field, selectors, problems.lines())
        return value

    def lacks(self, field: str, selectors: Selectors, problems: Sequence[str] = ()) -> PageChanged:
        wanted = " or ".join(selector.text for selector in selectors)
        message = " ".join((*problems, f"The page has no {field}"))
        return PageChanged(message, url=self.page.url, selector=wanted)

    def link(self, field: str, selectors: Selectors, root: Element | None = None) -> str | None:
        """An absolute http(s) address, or None."""
        return self.address(field, self.first(field, selectors, root))

    def address(self, field: str, link: str | None) -> str | None:
        """`link` made absolute; None, with a warning, for what is no address on the web."""
        url = self.document.absolute(link)
        if link and url is None:
            self.leave_out(field, f"{link!r} is no address on the web")
        return url

    def way(self, field: str, selectors: Selectors, root: Element | None = None) -> str | None:
        """An address that the rest of the novel depends on: PageChanged where it is there and cannot be read."""
        with reported() as problems:
            link = self.first(field, selectors, root)
        if link is None and (lines := problems.lines()):
            raise PageChanged(" ".join(lines), url=self.page.url)
        return self.address(field, link)

    def moment(
        self, field: str, selectors: Selectors, root: Element | None = None
    ) -> datetime | None:
        """A moment told exactly. One told relative to now would be another at each look, and is left out."""
        found, is_approximate = self.moment_about(field, selectors, root)
        if is_approximate:
            self.leave_out(field, "the page tells it relative to now only")
            return None
        return found

    def moment_about(
        self, field: str, selectors: Selectors, root: Element | None = None
    ) -> tuple[datetime | None, bool]:
        """A moment, and whether it was told relative to now."""
        value = self.first(field, selectors, root) or ""
        try:
            found = datetime.fromisoformat(value.removeprefix(ABOUT)) if value else None
        except ValueError:
            self.leave_out(field, f"{value!r} is no date: end its selector with `| date`")
            return None, False
        return found, value.startswith(ABOUT)

    def has(self, selectors: Selectors, root: Element | None = None) -> bool:
        return any(selector.elements(self.tree if root is None else root) for selector in selectors)

    def match(self, url: str) -> UrlMatch | None:
        """What the source's own `match_url` says of a link; PluginError where it fails."""
        try:
            normal = normalize_url(url)
        except InvalidUrl:
            return None  # a link of the page may be anything
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
                told = text_of(element) or "an empty notice"
                raise NotFound(f"The site says: {told}", url=self.page.url)
