"""Pages as archived, what a parser yields from them, and the pages to request next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from novel_core.source import PageKind

if TYPE_CHECKING:
    from novel_core.items import Item
    from novel_core.source import UrlMatch


@dataclass(frozen=True, slots=True)
class Follow:
    """A page to request, found on another page.

    `chapters` are the source's ids of the chapters whose text the page carries: it is not requested
    when all of them are held and unchanged. A chapter that spans several pages has one Follow for
    each, numbered by `part`; a page that carries a whole work names all its chapters. `position`
    orders the pages of a chapter list that spans several (0 is the novel's own page; a page whose
    chapters come before it has a negative position). `marker` is the chapter's, as in `ChapterRef`:
    a held chapter is requested again when its marker differs.

    >>> Follow("https://example.org/c/9", PageKind.CHAPTER, chapters=("9",)).part
    0
    """

    url: str
    kind: PageKind
    chapters: tuple[str, ...] = ()
    part: int = 0
    position: int = 0
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One response, as stored in the archive.

    `url` is the final URL after redirects, with the canonical host; `requested_url` is the one
    requested. Header names are lower-case. `body` is decompressed, otherwise as received.
    """

    url: str
    kind: PageKind
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    requested_url: str = ""
    fetched_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    chapters: tuple[str, ...] = ()
    part: int = 0
    position: int = 0

    @property
    def text(self) -> str:
        """The body as text, decoded as a browser does (`novel_core.document.decode`); never fails."""
        from novel_core.document.decoding import decode

        return decode(self.body, self.headers.get("content-type", ""), self.url)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of parsing one page.

    `items`: one Novel from the novel's page, ChapterRef in reading order from a chapter list,
    Chapter from a chapter page; one page may yield all of them. `novel`: the novel that this page
    belongs to, where the page gives it; it settles a provisional match. `warnings`: what a person
    should know about the page.

    `complete_list`: the parser is sure that the chapter list is complete, even if it is short: the
    site's own count agrees, or a notice says that the author has removed chapters. Without it, a
    list that lost most of its chapters is a PageChanged. A novel whose status is STUB does not need
    it.
    """

    items: Sequence[Item] = ()
    follow: Sequence[Follow] = ()
    novel: UrlMatch | None = None
    warnings: Sequence[str] = ()
    complete_list: bool = False


class Parser(ABC):
    """A source's parser: pure functions of an archived page.

    Raises only subclasses of `novel_core.errors.SourceError` (NotFound, PageChanged, …). Change
    `version` whenever the same page gives other items: texts of another version are parsed again
    from the archive before they are compared.
    """

    version: str = "1"

    @abstractmethod
    def parse(self, page: Page) -> Parsed:
        """Everything that the page holds."""

    def follow(self, page: Page) -> Sequence[Follow]:
        """The pages to request next; called during the crawl, once for each page.

        The default parses the page. Override it where links can be found faster.
        """
        return self.parse(page).follow


def parse_reported(parser: Parser, page: Page) -> Parsed:
    """Parse `page`, with a warning for everything that its items have left out."""
    # Here, because pydantic is not needed to match a URL.
    from novel_core.leniency import reported

    with reported() as problems:
        parsed = parser.parse(page)
    lines = problems.lines()
    if not lines or not isinstance(parsed, Parsed):
        return parsed
    return replace(parsed, warnings=(*parsed.warnings, *lines))
