"""Pages as archived, what a parser yields from them, and the pages to request next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from novel_core.requests import check_request, json_context, request_key
from novel_core.source import PageKind

if TYPE_CHECKING:
    from novel_core.document import Document, Feed
    from novel_core.items import ChapterRef, Item
    from novel_core.source import UrlMatch


@dataclass(frozen=True, slots=True)
class Follow:
    """A page to request, found on another page.

    The class methods below make one for each purpose; they set what the engine needs:

    `chapters` are the source's ids of the chapters whose text the page carries, `markers` their
    markers (`ChapterRef.marker`) in the same order: the page is requested when one of them is not
    held, or is held with another marker. `part` numbers the pages of a chapter that spans several.
    `position` orders the pages of a chapter list (0 is the novel's own page; a page whose chapters
    come before it has a negative position).

    `context` is a dict of JSON values, handed back as `Page.context`. A page that `is_optional` is
    no gap when it cannot be fetched, and never ends the job. `method`, `headers` and `body` are
    those of the request; the engine's own headers win, and a cookie or a login belongs to the
    spider.

    `batch` above 0: `url` or `body` has `{ids}` in the place of the chapters' ids, and the engine
    requests those it needs, at most `batch` a request. With `is_walk` the page's next chapter is known only
    from the page itself: the engine goes on from the last chapter that it holds.

    `unless_held` above 0: a further page of the list, of which the site states so many chapters. It
    is requested only if the library does not hold them: its own, and the new ones on the same page.

    >>> Follow("https://example.org/c/9", PageKind.CHAPTER, chapters=("9",)).part
    0
    """

    url: str
    kind: PageKind
    chapters: tuple[str, ...] = ()
    markers: tuple[str | None, ...] = ()
    part: int = 0
    position: int = 0
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_optional: bool = False
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: bytes = b""
    batch: int = 0
    is_walk: bool = False
    unless_held: int = 0

    def __post_init__(self) -> None:
        """ValueError for a request that cannot be sent, or a context that cannot be kept."""
        if self.method != "GET" or self.body or self.headers:
            check_request(self.method, self.headers, self.body, is_of_parser=True)
        if self.kind is PageKind.IMAGE and (self.method != "GET" or self.body):
            msg = "An image is requested with GET and without a body."
            raise ValueError(msg)
        if self.context:
            object.__setattr__(self, "context", json_context(self.context))
        problem: str | None = None
        if self.markers and len(self.markers) != len(self.chapters):
            problem = f"{len(self.chapters)} chapters have {len(self.markers)} markers."
        elif self.batch and "{ids}" not in self.url and b"{ids}" not in self.body:
            problem = "Batches need {ids} in the URL or the body, where the chapters' ids go."
        elif self.is_walk and len(self.chapters) != 1:
            problem = "The next chapter is one chapter."
        elif self.unless_held and self.kind is not PageKind.INDEX:
            problem = "Only a page of the list can be left out where its chapters are held."
        if problem:
            raise ValueError(problem)

    @property
    def key(self) -> str:
        """What identifies the page among those of a job: the URL, and method and body of a POST.

        >>> Follow("https://example.org/n/1", PageKind.INDEX).key
        'https://example.org/n/1'
        """
        return request_key(self.url, self.method, self.body)

    def batches(self, chapters: Collection[str]) -> list[Follow]:
        """The requests for those of the Follow's chapters that are in `chapters`, in their order.

        >>> url = "https://example.org/api/texts?ids={ids}"
        >>> texts = Follow(url, PageKind.CHAPTER, chapters=("1", "2", "3", "4"), batch=2)
        >>> [request.url for request in texts.batches({"1", "3", "4"})]
        ['https://example.org/api/texts?ids=1,3', 'https://example.org/api/texts?ids=4']
        """
        pairs = zip_longest(self.chapters, self.markers)
        wanted = [pair for pair in pairs if pair[0] in chapters]
        found: list[Follow] = []
        for start in range(0, len(wanted), self.batch):
            ids, markers = zip(*wanted[start : start + self.batch], strict=True)
            found.append(
                replace(
                    self,
                    url=self.url.replace("{ids}", ",".join(quote(one, safe="") for one in ids)),
                    body=self.body.replace(b"{ids}", ",".join(ids).encode()),
                    chapters=ids,
                    markers=markers if any(markers) else (),
                    batch=0,
                )
            )
        return found

    @classmethod
    def chapter(cls, ref: ChapterRef, **more: Any) -> Self:
        """The page of one chapter of the list.

        >>> from novel_core import ChapterRef
        >>> ref = ChapterRef(source_id="9", title="Home", url="https://example.org/c/9", marker="v2")
        >>> Follow.chapter(ref).markers
        ('v2',)
        """
        return cls.chapters_on(ref.url, (ref,), **more)

    @classmethod
    def chapters_on(cls, url: str, refs: Sequence[ChapterRef], **more: Any) -> Self:
        """One page that carries the text of several chapters."""
        ids = tuple(ref.source_id for ref in refs)
        has_markers = any(ref.marker is not None for ref in refs)
        markers = tuple(ref.marker for ref in refs) if has_markers else ()
        return cls(url, PageKind.CHAPTER, chapters=ids, markers=markers, **more)

    @classmethod
    def in_batches(cls, url: str, refs: Sequence[ChapterRef], *, size: int, **more: Any) -> Self:
        """Requests of up to `size` chapters each; `{ids}` in `url` becomes their ids, with commas."""
        return cls.chapters_on(url, refs, batch=size, **more)

    @classmethod
    def next_page(cls, url: str, page: Page, *, newest_first: bool = False, **more: Any) -> Self:
        """The page of the chapter list that comes after `page`.

        With `newest_first` its chapters come before those of `page`. It has the context of `page`,
        unless another one is given.

        >>> page = Page("https://example.org/n/1", PageKind.INDEX, b"")
        >>> Follow.next_page("https://example.org/n/1?page=2", page).position
        1
        """
        step = -1 if newest_first else 1
        more.setdefault("context", page.context)
        return cls(url, PageKind.INDEX, position=page.position + step, **more)

    @classmethod
    def next_part(cls, url: str, page: Page, **more: Any) -> Self:
        """The page on which the chapter of `page` goes on, with the same context."""
        more.setdefault("context", page.context)
        return cls(url, PageKind.CHAPTER, chapters=page.chapters, part=page.part + 1, **more)

    @classmethod
    def next_chapter(cls, url: str, chapter_id: str, **more: Any) -> Self:
        """The chapter that a chapter's page, or the novel's page, names as the next one to read."""
        return cls(url, PageKind.CHAPTER, chapters=(chapter_id,), is_walk=True, **more)

    @classmethod
    def image(cls, url: str) -> Self:
        """A cover."""
        return cls(url, PageKind.IMAGE)


@dataclass(frozen=True, slots=True)
class Page:
    """One response, as stored in the archive.

    `url` is the final URL after redirects, with the canonical host; `requested_url` is the one
    requested. Header names are lower-case. `body` is decompressed, otherwise as received. `context`,
    `method`, `request_body` and `is_optional` are what the Follow carried.
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
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)
    method: str = "GET"
    request_body: bytes = b""
    is_optional: bool = False

    @property
    def key(self) -> str:
        """What identifies the page among those of a job, as `Follow.key`."""
        return request_key(self.requested_url or self.url, self.method, self.request_body)

    @property
    def address(self) -> str:
        """What a message names: the URL, or the key of a POST, of which one URL has many."""
        return self.url if self.method == "GET" else self.key

    @property
    def text(self) -> str:
        """The body as text, decoded as a browser does (`novel_core.document.decode`); never fails."""
        from novel_core.document.decoding import decode

        return decode(self.body, self.headers.get("content-type", ""), self.url)

    def document(self) -> Document:
        """The page's HTML as a tree; PageChanged if empty, PageBroken if nested too deep.

        >>> page = Page("https://example.org/n/1", PageKind.INDEX, b"<h1>A Tale</h1>")
        >>> page.document().css_first("h1").text()
        'A Tale'
        """
        from novel_core.document.tree import parse_html

        return parse_html(self.text, self.url)

    def json(self) -> Any:
        """The value that a page of JSON holds.

        PageChanged if it is no JSON (an API that sent HTML, for example), PageBroken if it is cut
        off or nested too deep.

        >>> Page("https://example.org/api/1", PageKind.INDEX, b'{"title": "A Tale"}').json()
        {'title': 'A Tale'}
        """
        from novel_core.document.json_body import read_json

        return read_json(self.text, self.url)

    def feed(self) -> Feed:
        """The page's RSS, Atom or JSON Feed; PageChanged if it is none."""
        from novel_core.document.feed import read_feed

        return read_feed(self.text, self.url)


@dataclass(frozen=True, slots=True)
class Stated:
    """A number that the site itself states, to compare with what was found.

    `chapters` and `words` are of the whole novel, or of the one list called `name` where the site
    has several (threadmark categories, parts); the totals of several lists are added.
    """

    chapters: int | None = None
    words: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChangedNovel:
    """A novel on a site's list of recent changes: its id at the site, and when it changed last."""

    novel_id: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of parsing one page.

    `items`: one Novel from the novel's page, ChapterRef in reading order from a chapter list,
    Chapter from a chapter page; one page may yield all of them. `novel`: the novel that this page
    belongs to, where the page gives it; it settles a provisional match. One that is provisional
    itself names the page to ask next. `warnings`: what a person
    should know about the page.

    `complete_list`: the parser is sure that the chapter list is complete, even if it is short: the
    site's own count agrees, or a notice says that the author has removed chapters. Without it, a
    list that lost most of its chapters is a PageChanged. A novel whose status is STUB does not need
    it. `partial_list`: the page shows only some of the chapters by its nature (a feed of the newest
    ones); those that it lacks are not removed. `stated` are the site's own totals. `recent` are the
    novels that the page of `Source.recent_list` names, newest first.
    """

    items: Sequence[Item] = ()
    follow: Sequence[Follow] = ()
    novel: UrlMatch | None = None
    warnings: Sequence[str] = ()
    complete_list: bool = False
    partial_list: bool = False
    stated: Sequence[Stated] = ()
    recent: Sequence[ChangedNovel] = ()


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

    def check(self, page: Page) -> None:  # noqa: B027 - most parsers need none
        """Raise a SourceError (LoginRequired, Locked, …) for a page with the status of an error.

        Such a page is not parsed. Without an error of this, or of the spider's `check`, the status
        says which it is. Pure.
        """


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
