"""A page as archived, and what a parser makes of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from novel_core.source import PageKind

if TYPE_CHECKING:
    from novel_core.items import Item
    from novel_core.source import UrlMatch


@dataclass(frozen=True, slots=True)
class Follow:
    """A page worth requesting, found on another page.

    `chapters` are the source's ids of the chapters whose text the page carries: it is not requested when all of
    them are held and unchanged. A chapter that spans several pages has one Follow for each, numbered by `part`;
    one page that carries a whole work names all its chapters. `position` orders the pages of a chapter list
    that itself has several pages (0 is the novel's own page; one whose chapters come before it has a negative position). `marker` is the chapter's, as in `ChapterRef`: a held
    chapter whose marker differs is requested again.

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
    """One response, as the archive keeps it.

    `url` is the final address after redirects, with the canonical host; `requested_url` the one asked for. Header names are
    lower-case. `body` is decompressed, otherwise as received.
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
    """What one page yields.

    `items`: one Novel from the novel's page, ChapterRef in reading order from a chapter list, Chapter from a
    chapter page; one page may yield all of them. `novel`: the novel this page belongs to, where
    the page tells it; it settles a provisional claim. `warnings`: what a person should know of the page.

    `complete_list`: the parser is sure that the chapter list is whole, however short it is: the site's own count agrees, or a
    notice says that the author has taken chapters down. Without it a list that lost most of its chapters
    is a PageChanged. A novel whose status is STUB needs no such word.
    """

    items: Sequence[Item] = ()
    follow: Sequence[Follow] = ()
    novel: UrlMatch | None = None
    warnings: Sequence[str] = ()
    complete_list: bool = False


class Parser(ABC):
    """A source's parser: pure functions of an archived page.

    Raises only errors of `novel_core.errors.SourceError` (NotFound, PageChanged, …). `version` changes whenever the same page gives other
    items: texts made by another version are made again from the archive before they are compared.
    """

    version: str = "1"

    @abstractmethod
    def parse(self, page: Page) -> Parsed:
        """Everything the page holds."""

    def follow(self, page: Page) -> Sequence[Follow]:
        """Only what to request next: asked during the crawl, once for each page.

        The default parses the page. Override it where links can be had for less.
        """
        return self.parse(page).follow
