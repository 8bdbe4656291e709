"""The next page of a chapter list, computed from the number in the address of the present one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from novel_core.declarative.selector import Selector


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """The pages of a chapter list by number.

    The number is the parameter `query` of the page's address, or stands in its path as in `path`
    (`/page/{}/`). `first` is the number of the first page, whose address may lack it; each next
    page has `step` more: the rows of a page, where the number is an offset.

    The list ends with the page numbered `last`, or with row number `total`, or else with the first
    page on which `more` finds nothing that means yes, or else with the first page that has fewer
    than `per_page` rows. `last`, `total` and `more` are selectors.

    >>> pages = PageNumbers(query="page", per_page=50)
    >>> pages.next_url("https://example.org/api?novel=7", rows=50)
    'https://example.org/api?novel=7&page=2'
    >>> pages = PageNumbers(path="/page/{}/", per_page=50)
    >>> pages.next_url("https://example.org/tale/page/2/", rows=100, total=120)
    'https://example.org/tale/page/3/'
    """

    query: str = ""
    path: str = ""
    first: int = 1
    step: int = 1
    per_page: int = 0
    last: str | Selector | Sequence[str | Selector] = ()
    total: str | Selector | Sequence[str | Selector] = ()
    more: str | Selector | Sequence[str | Selector] = ()

    def __post_init__(self) -> None:
        if bool(self.query) == bool(self.path):
            msg = "PageNumbers needs either the name of a parameter (query) or a path"
            raise ValueError(msg)
        if self.path and self.path.count("{}") != 1:
            msg = f"path needs {{}} in the place of the number, not {self.path!r}"
            raise ValueError(msg)
        if not self.last and not self.more and not self.rows_per_page:
            msg = "PageNumbers needs to know where the list ends: last, more, or per_page"
            raise ValueError(msg)

    @property
    def rows_per_page(self) -> int:
        return self.per_page or (self.step if self.step > 1 else 0)

    def next_url(
        self,
        url: str,
        *,
        rows: int,
        last: int | None = None,
        total: int | None = None,
        more: bool | None = None,
    ) -> str | None:
        """The address of the page after the one at `url`, which has so many rows; None at the end."""
        number = self._number(url)
        if last is not None:
            ends = number + self.step > last
        elif total is not None and self.rows_per_page:
            ends = ((number - self.first) // self.step + 1) * self.rows_per_page >= total
        elif more is not None:
            ends = not more
        else:
            # A list of one page often names no last page.
            ends = not self.rows_per_page or rows < self.rows_per_page
        return None if ends or not rows else self._with_number(url, number + self.step)

    @property
    def _pattern(self) -> re.Pattern[str]:
        before, after = (re.escape(part) for part in self.path.strip("/").split("{}"))
        return re.compile(rf"/{before}([0-9]{{1,18}}){after}/?$")

    def _number(self, url: str) -> int:
        parts = urlsplit(url)
        if self.query:
            values = [value for name, value in parse_qsl(parts.query) if name == self.query]
            is_number = values and re.fullmatch(r"[0-9]{1,18}", values[-1])
            return int(values[-1]) if is_number else self.first
        found = self._pattern.search(parts.path)
        return int(found[1]) if found else self.first

    def _with_number(self, url: str, number: int) -> str:
        parts = urlsplit(url)._replace(fragment="")
        if self.query:
            known = parse_qsl(parts.query, keep_blank_values=True)
            kept = [(name, value) for name, value in known if name != self.query]
            query = urlencode([*kept, (self.query, str(number))], safe="[],:/{}~")
            return parts._replace(query=query).geturl()
        start = self._pattern.sub("", parts.path).rstrip("/")
        path = start + "/" + self.path.lstrip("/").format(number)
        return parts._replace(path=path).geturl()
