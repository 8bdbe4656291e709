"""The values of one table on one page, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from novel_core.declarative.content import Content, Node
from novel_core.declarative.dates import ABOUT, in_zone
from novel_core.declarative.fields import Table, selectors
from novel_core.declarative.selector import Selector
from novel_core.document import absolute
from novel_core.errors import InvalidUrl, PageChanged, PluginError
from novel_core.items import Statistics
from novel_core.leniency import report, reported, shown
from novel_core.source import UrlMatch
from novel_core.urls import normalize_url

#: The name under which the novel's id goes to pages whose address does not say it.
_NOVEL = "novel"

_COUNT = re.compile(r"[0-9]{1,18}")

Match = Callable[[str], UrlMatch | None]


@dataclass(frozen=True, slots=True)
class SiteUrls:
    """The addresses of a site: `match` is the source's own, `base` what `{base}` stands for."""

    match: Match
    base: str = ""


class PageReader:
    """The values of a table on one page. One that cannot be read is left out, with a warning."""

    def __init__(self, content: Content, table: Table, urls: SiteUrls) -> None:
        self.content = content
        self.page = content.page
        self._table_root = selectors(table.root)
        self._urls = urls

    @cached_property
    def root(self) -> Node:
        """What the table's selectors start from; PageChanged if the page has no such part."""
        if not self._table_root:
            return self.content.root
        for selector in self._table_root:
            for node in self.nodes("part that the table is about", selector, self.content.root):
                return node
        raise self.missing("part that the table is about", self._table_root)

    def nodes(self, field: str, selector: Selector, root: Node = None) -> list[Node]:
        """What a selector finds; PageChanged if it cannot be read."""
        try:
            return selector.nodes(self.content, self.root if root is None else root)
        except ValueError as error:
            raise self._unreadable(field, selector, error) from error

    def on_page(self, field: str, selector: Selector) -> list[Node]:
        """What a selector finds on the whole page; PageChanged if it cannot be read."""
        try:
            return selector.nodes(self.content)
        except ValueError as error:
            raise self._unreadable(field, selector, error) from error

    def _unreadable(self, field: str, selector: Selector, error: ValueError) -> PageChanged:
        message = f"The {field} cannot be read: {error}"
        return PageChanged(message, url=self.page.url, selector=selector.text)

    def first(self, field: str, written: object, root: Node = None) -> str | None:
        """The first value of the first selector that finds one."""
        if not written:
            return None
        found = (value for one in selectors(written) for value in self._values(field, one, root))
        return next(found, None)

    def all(self, field: str, written: object, root: Node = None) -> list[str]:
        """The values of the first selector that finds any."""
        for selector in selectors(written):
            if values := list(self._values(field, selector, root)):
                return values
        return []

    def _values(self, field: str, selector: Selector, root: Node) -> Iterator[str]:
        try:
            nodes = selector.nodes(self.content, self.root if root is None else root)
        except ValueError as error:
            self.leave_out(field, str(error))
            return
        for node in nodes:
            if value := self.value(field, selector, node):
                yield value

    def value(self, field: str, selector: Selector, node: Node) -> str | None:
        """The value of one thing that was found, or None."""
        try:
            return selector.value_of(node)
        except ValueError as error:
            self.leave_out(field, str(error))
            return None

    def leave_out(self, field: str, reason: str) -> None:
        report(field, f"The {field} is left out: {reason}.")

    def required(self, field: str, written: object, root: Node = None) -> str:
        """The first value; PageChanged if there is none."""
        with reported() as problems:
            value = self.first(field, written, root)
        if value is None:
            raise self.missing(field, selectors(written), problems.lines())
        return value

    def missing(
        self, field: str, written: Iterable[Selector], problems: Sequence[str] = ()
    ) -> PageChanged:
        wanted = " or ".join(selector.text for selector in written)
        message = " ".join((*problems, f"The page has no {field}"))
        return PageChanged(message, url=self.page.url, selector=wanted)

    def link(self, field: str, written: object, root: Node = None) -> str | None:
        """An absolute http(s) URL, or None."""
        return self.address(field, self.first(field, written, root))

    @cached_property
    def novel_id(self) -> str | None:
        """The id of the page's novel: by its address, or from the page before it."""
        match = self.match(self.page.url)
        known = match.novel_id if match is not None else None
        return known or self.page.context.get(_NOVEL)

    def context_of(self, url: str) -> dict[str, Any]:
        """What the page at `url` needs to know and its address does not say."""
        match = self.match(url)
        is_known = self.novel_id is None or (match is not None and match.novel_id is not None)
        return {} if is_known else {_NOVEL: self.novel_id}

    def address(self, field: str, link: str | None) -> str | None:
        """`link` made absolute, with the novel's id for `{novel}` and the site's address for
        `{base}`; None, with a warning, if it is not a web address."""
        if link and "{novel}" in link:
            if self.novel_id is None:
                self.leave_out(field, f"the id of the novel is not known on {self.page.url}")
                return None
            link = link.replace("{novel}", quote(self.novel_id, safe=""))
        if link:
            link = link.replace("{base}", self._urls.base)
        url = absolute(link, self.content.declared_base or self.page.url)
        if link and url is None:
            self.leave_out(field, f"{link!r} is not a web address")
        return url

    def essential_link(self, field: str, written: object, root: Node = None) -> str | None:
        """A link that the rest of the novel depends on; PageChanged if it cannot be read."""
        return self.address(field, self.essential(field, written, root))

    def essential(self, field: str, written: object, root: Node = None) -> str | None:
        """A value that the rest of the novel depends on; PageChanged if it cannot be read."""
        if not written:
            return None
        with reported() as problems:
            value = self.first(field, written, root)
        if value is None and (lines := problems.lines()):
            raise PageChanged(" ".join(lines), url=self.page.url)
        return value

    def count(self, field: str, written: object) -> int | None:
        """A whole number, or None."""
        try:
            return self.essential_count(field, written)
        except PageChanged as error:
            report(field, error.message)
            return None

    def essential_count(self, field: str, written: object) -> int | None:
        """A whole number that the rest of the novel depends on; PageChanged if it is none."""
        value = self.essential(field, written)
        if value is not None and not _COUNT.fullmatch(value):
            message = (
                f"The {field} is left out: {shown(value)} is no whole number: write `| number`."
            )
            raise PageChanged(message, url=self.page.url)
        return int(value) if value is not None else None

    def exact_date(self, field: str, written: object, root: Node = None) -> datetime | None:
        """A date; one relative to now is left out, since every fetch would give another."""
        found, is_approximate = self.date(field, written, root)
        if is_approximate:
            self.leave_out(field, "the page has it relative to now only")
            return None
        return found

    def date(self, field: str, written: object, root: Node = None) -> tuple[datetime | None, bool]:
        """A date, and whether the page has it relative to now."""
        value = self.first(field, written, root) or ""
        try:
            found = datetime.fromisoformat(value.removeprefix(ABOUT)) if value else None
        except ValueError:
            self.leave_out(field, f"{value!r} is not a date: end its selector with `| date`")
            return None, False
        return in_zone(found) if found else None, value.startswith(ABOUT)

    def statistics(self, table: Mapping[str, object], root: Node = None) -> dict[str, Any]:
        """The fields of a Statistics item, by the names of the table."""
        known: dict[str, Any] = {}
        other: dict[str, Any] = {}
        for name, written in table.items():
            value = self.first(name, written, root)
            if value is not None:
                place = known if name in Statistics.model_fields else other
                place[name] = _figure(value)
        return known | ({"other": other} if other else {})

    def has(self, field: str, written: object, root: Node = None) -> bool:
        """Whether a selector finds something that means yes."""
        return any(
            self.means_yes(field, selector, node)
            for selector in selectors(written)
            for node in self.nodes(field, selector, root)
        )

    def means_yes(self, field: str, selector: Selector, node: Node) -> bool:
        """Whether one thing that was found means yes; one that cannot be read does not."""
        try:
            return selector.means_yes(node)
        except ValueError as error:
            self.leave_out(field, str(error))
            return False

    def match(self, url: str) -> UrlMatch | None:
        """The match of the source's own `match_url`; PluginError if that fails."""
        try:
            normal = normalize_url(url)
        except InvalidUrl:
            # A link of the page may be anything.
            return None
        try:
            return self._urls.match(normal)
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"match_url failed on {normal}, a link of {self.page.url}:"
                f" {type(error).__name__}: {error}"
            ) from error


def _figure(value: str) -> int | float | str:
    """The number, or the text itself, about which the item then warns."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(value)
    return value
