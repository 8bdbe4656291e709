"""One page, asked field by field by the selectors of a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from novel_core.declarative.selecting import Selector
from novel_core.document import Element, parse, text_of
from novel_core.errors import InvalidUrl, NotFound, PageChanged, PluginError
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
        return next(iter(self.all(field, selectors, root)), None)

    def all(self, field: str, selectors: Selectors, root: Element | None = None) -> list[str]:
        """The values of the first selector that finds any."""
        for selector in selectors:
            try:
                values = selector.all(self.tree if root is None else root)
            except ValueError as error:
                raise PageChanged(
                    f"The {field} is not as expected: {error}", url=self.page.url
                ) from error
            if values:
                return values
        return []

    def required(self, field: str, selectors: Selectors) -> str:
        value = self.first(field, selectors)
        if value is None:
            raise self.lacks(field, selectors)
        return value

    def lacks(self, field: str, selectors: Selectors) -> PageChanged:
        wanted = " or ".join(selector.text for selector in selectors)
        return PageChanged(f"The page has no {field}", url=self.page.url, selector=wanted)

    def link(self, field: str, selectors: Selectors, root: Element | None = None) -> str | None:
        """An absolute http(s) address, or None."""
        return self.document.absolute(self.first(field, selectors, root))

    def moment(
        self, field: str, selectors: Selectors, root: Element | None = None
    ) -> datetime | None:
        value = self.first(field, selectors, root)
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError as error:
            raise PageChanged(
                f"The {field} {value!r} is no date: end its selector with `| date`.",
                url=self.page.url,
            ) from error

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
