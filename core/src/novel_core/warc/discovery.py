"""The novels in a WARC file that another program wrote: a browser, wget, a crawler.

Such a file has URLs only. A novel's own page is recognised by its URL, the rest by what its
source's parser would request next: as in a crawl, with the file in place of the site.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from novel_core.archive.pages import kept_headers
from novel_core.content.visible import follows_of
from novel_core.crawl.limits import follow_problem
from novel_core.crawl.response_checks import problem_of
from novel_core.errors import NovelError, PluginError, SourceError
from novel_core.ingest.parsing import parse_page
from novel_core.jobs.failures import MAX_URL_BYTES
from novel_core.page import Follow
from novel_core.registry import LoadedSource, Registry
from novel_core.registry.loaded import describe
from novel_core.requests import request_key
from novel_core.source import PageKind, UrlKind, UrlMatch
from novel_core.warc.http_message import read_head
from novel_core.warc.index import ForeignResponse, IndexedPage, WarcIndex, url_key
from novel_core.warc.notes import PageNote
from novel_core.warc.records import record_at

_MAX_REDIRECTS = 5

#: The source's name, and its id of the novel or chapter.
Key = tuple[str, str]


@dataclass(slots=True)
class FoundNovel:
    """A novel of the file. `pages` may lack its own page, which the library may have.

    `error` is why its pages cannot be imported; other novels of the file still can.
    """

    source: LoadedSource
    match: UrlMatch
    pages: list[IndexedPage] = field(default_factory=list)
    error: NovelError | None = None


class Discovery:
    """Finds the novels in the responses of one file."""

    def __init__(self, index: WarcIndex, registry: Registry) -> None:
        self._index = index
        self._registry = registry
        self._responses: dict[str, ForeignResponse] = {}
        self._chapters: dict[Key, tuple[UrlMatch, ForeignResponse]] = {}
        self._novels: dict[Key, tuple[LoadedSource, UrlMatch]] = {}
        self._used: set[int] = set()

    def run(self) -> list[FoundNovel]:
        """Every novel that a page of the file belongs to."""
        for response in sorted(self._index.foreign, key=lambda response: response.date):
            self._responses[response.key] = response
            is_plain = response.key == url_key(response.url)
            if is_plain and not response.content_type.startswith("image/"):
                self._match(response)
        found = {key: self._gather(*named) for key, named in list(self._novels.items())}
        # A chapter whose URL does not name its novel, and that no novel here links to.
        for (source, chapter), (_, response) in list(self._chapters.items()):
            if response.offset not in self._used:
                self._read_novel(found, self._registry.get(source), chapter, response)
        return [novel for novel in found.values() if novel.pages or novel.error]

    def _match(self, response: ForeignResponse) -> None:
        try:
            source, match = self._registry.resolve(response.url)
        except NovelError:
            # Of another site, or a page that no source reads.
            return
        if match.chapter_id is not None:
            self._chapters[source.name, match.chapter_id] = match, response
        if match.novel_id is not None and (match.kind is UrlKind.NOVEL or match.novel_url):
            url = match.novel_url or match.url
            novel = UrlMatch(UrlKind.NOVEL, url, novel_id=match.novel_id)
            self._novels.setdefault((source.name, match.novel_id), (source, novel))

    def _gather(self, source: LoadedSource, match: UrlMatch) -> FoundNovel:
        novel = FoundNovel(source, match)
        try:
            self._walk(novel)
            if not novel.pages:
                novel.pages.extend(self._loose_chapters(source, match))
        except NovelError as error:
            novel.error = error
        return novel

    def _walk(self, novel: FoundNovel) -> None:
        source, match = novel.source, novel.match
        waiting, seen = deque([Follow(match.url, PageKind.INDEX)]), {match.url}
        while waiting:
            follow = waiting.popleft()
            response = self._response(source, match, follow)
            page = self._checked(source, match, follow, response) if response else None
            if page is None:
                continue
            novel.pages.append(page)
            for further in self._follows(source, page):
                if further.key not in seen:
                    seen.add(further.key)
                    waiting.append(further)

    def _loose_chapters(self, source: LoadedSource, match: UrlMatch) -> Iterator[IndexedPage]:
        """Chapters whose URL names the novel, in a file without the novel's own page."""
        for (name, chapter), (own, response) in self._chapters.items():
            if (name, own.novel_id) == (source.name, match.novel_id):
                follow = Follow(own.url, PageKind.CHAPTER, chapters=(chapter,))
                page = self._checked(source, match, follow, response)
                if page is not None:
                    yield page

    def _read_novel(
        self,
        found: dict[Key, FoundNovel],
        source: LoadedSource,
        chapter: str,
        response: ForeignResponse,
    ) -> None:
        """Add the chapter to the novel that its page names."""
        follow = Follow(response.url, PageKind.CHAPTER, chapters=(chapter,))
        unknown = UrlMatch(UrlKind.NOVEL, response.url, novel_id="")
        try:
            page = self._checked(source, unknown, follow, response)
            if page is None:
                return
            match = parse_page(source.parser(), source.name, self._index.load(page)).novel
        except NovelError:
            # A page that cannot be read belongs to no novel.
            return
        if match is None or match.novel_id is None:
            return
        novel = found.setdefault((source.name, match.novel_id), FoundNovel(source, match))
        named = page.note.model_copy(update={"novel_id": match.novel_id})
        novel.pages.append(IndexedPage(named, page.offset))

    def _response(
        self, source: LoadedSource, match: UrlMatch, follow: Follow
    ) -> ForeignResponse | None:
        if follow.key != follow.url:
            key = request_key(url_key(follow.url), follow.method, follow.body)
            return self._responses.get(key)
        url = follow.url
        for _ in range(_MAX_REDIRECTS):
            if response := self._responses.get(url_key(url)):
                return response
            if url_key(url) not in self._index.redirects:
                break
            url = self._index.redirects[url_key(url)]
        if follow.kind is PageKind.CHAPTER and len(follow.chapters) == 1 and not follow.part:
            _, response = self._chapters.get((source.name, follow.chapters[0]), (None, None))
            return response
        if follow.url == match.url:
            return self._own_page(source, match)
        return None

    def _own_page(self, source: LoadedSource, match: UrlMatch) -> ForeignResponse | None:
        """The novel's page under another of its URLs; one without a query first."""

        def is_same(response: ForeignResponse) -> bool:
            try:
                other = source.match(response.url)
            except NovelError:
                return False
            return (
                other is not None
                and other.kind is UrlKind.NOVEL
                and other.novel_id == match.novel_id
            )

        same = filter(is_same, self._responses.values())
        return min(same, key=lambda response: len(urlsplit(response.url).query), default=None)

    def _checked(
        self, source: LoadedSource, match: UrlMatch, follow: Follow, response: ForeignResponse
    ) -> IndexedPage | None:
        """The page, if the response is of the right kind, from a permitted host, and no error."""
        is_image = response.content_type.startswith("image/")
        if is_image is not (follow.kind is PageKind.IMAGE):
            return None
        if max(len(response.url.encode()), len(follow.url.encode())) > MAX_URL_BYTES:
            return None
        if follow_problem(Follow(response.url, follow.kind), source.info):
            return None
        head = read_head(record_at(self._index.file, response.offset))
        if head is None:
            return None
        note = PageNote(
            source=source.name,
            novel_id=match.novel_id or "",
            kind=follow.kind,
            url=response.url,
            requested_url=follow.url,
            chapters=follow.chapters,
            part=follow.part,
            position=follow.position,
            status=head.status,
            headers=kept_headers(head.headers),
            fetched_at=response.date,
            context=dict(follow.context),
            method=follow.method,
            request_body=follow.body,
            is_optional=follow.is_optional,
        )
        indexed = IndexedPage(note, response.offset)
        # Checked with all its headers, of which the archive keeps a few.
        received = replace(self._index.load(indexed), headers=head.headers)
        # A bot check, a broken picture.
        if problem_of(received) is not None:
            return None
        self._used.add(response.offset)
        return indexed

    def _follows(self, source: LoadedSource, indexed: IndexedPage) -> list[Follow]:
        if indexed.note.kind is PageKind.IMAGE:
            return []
        page = self._index.load(indexed)
        try:
            follows = follows_of(source.parser(), page)
            return [
                request
                for follow in follows
                for request in (follow.batches(follow.chapters) if follow.batch else [follow])
            ]
        except Exception as error:
            if indexed.note.kind is PageKind.CHAPTER or indexed.note.is_optional:
                # The parse stage reports what is wrong with it.
                return []
            if isinstance(error, SourceError):
                raise
            raise PluginError(
                f"The parser of {source.name} failed on {page.url}: {describe(error)}"
            ) from error
