"""The novels in a WARC file that another program wrote: a browser's, wget's, a crawler's.

Such a file tells addresses only. A novel's own page is known by its address, the rest by what its source's parser would request
next: the walk of a crawl, over the file in place of the site.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from novel_core.archive.pages import KEPT_HEADERS
from novel_core.content.visible import follows_of
from novel_core.crawl.limits import follow_problem
from novel_core.crawl.response_checks import problem_of
from novel_core.errors import NovelError, PluginError, SourceError
from novel_core.ingest.parsing import parse_page
from novel_core.jobs.failures import MAX_URL_BYTES
from novel_core.page import Follow, Page
from novel_core.registry import LoadedSource, Registry
from novel_core.registry.loaded import describe
from novel_core.source import PageKind, UrlKind, UrlMatch
from novel_core.warc.extension import PageNote
from novel_core.warc.http_message import read_head
from novel_core.warc.index import Capture, Catalogue, Entry, address
from novel_core.warc.records import record_at

_MAX_MOVES = 5

#: A novel: the source's name and the source's id.
Key = tuple[str, str]


@dataclass(slots=True)
class Found:
    """A novel of the file; `entries` may lack its own page, where the library has to help out.

    `error` tells why nothing can be made of its pages; other novels of the file are no worse for it.
    """

    source: LoadedSource
    match: UrlMatch
    entries: list[Entry] = field(default_factory=list)
    error: NovelError | None = None


class Discovery:
    """Finds the novels in the captures of one file."""

    def __init__(self, catalogue: Catalogue, registry: Registry) -> None:
        self._catalogue = catalogue
        self._registry = registry
        self._by_address: dict[str, Capture] = {}
        self._chapters: dict[Key, Capture] = {}
        self._novels: dict[Key, tuple[LoadedSource, UrlMatch]] = {}
        self._used: set[int] = set()

    def run(self) -> list[Found]:
        """Every novel that a page of the file belongs to."""
        for capture in sorted(self._catalogue.captures, key=lambda capture: capture.date):
            self._by_address[address(capture.url)] = capture
            if not capture.content_type.startswith("image/"):
                self._claim(capture)
        found = {key: self._gather(*named) for key, named in list(self._novels.items())}
        # A chapter whose address tells no novel, and that no novel here has led to: its page tells.
        for (source, chapter), capture in list(self._chapters.items()):
            if capture.offset not in self._used:
                self._ask_chapter(found, self._registry.get(source), chapter, capture)
        return [novel for novel in found.values() if novel.entries or novel.error]

    def _claim(self, capture: Capture) -> None:
        try:
            source, match = self._registry.resolve(capture.url)
        except NovelError:
            return  # of another site, or a page nobody reads
        if match.chapter_id is not None:
            self._chapters[source.name, match.chapter_id] = capture
        if match.novel_id is not None and (match.kind is UrlKind.NOVEL or match.novel_url):
            url = match.novel_url or match.url
            novel = UrlMatch(UrlKind.NOVEL, url, novel_id=match.novel_id)
            self._novels.setdefault((source.name, match.novel_id), (source, novel))

    def _gather(self, source: LoadedSource, match: UrlMatch) -> Found:
        novel = Found(source, match)
        try:
            self._walk(novel)
            if not novel.entries:
                novel.entries.extend(self._loose_chapters(source, match))
        except NovelError as error:
            novel.error = error
        return novel

    def _walk(self, novel: Found) -> None:
        source, match = novel.source, novel.match
        waiting, seen = deque([Follow(match.url, PageKind.INDEX)]), {match.url}
        while waiting:
            follow = waiting.popleft()
            entry = self._entry(source, match, follow)
            if entry is None:
                continue
            novel.entries.append(entry)
            for further in self._follows(source, entry):
                if further.url not in seen:
                    seen.add(further.url)
                    waiting.append(further)

    def _loose_chapters(self, source: LoadedSource, match: UrlMatch) -> Iterator[Entry]:
        """Chapters whose address names the novel, in a file without the novel's own page."""
        for (name, chapter), capture in self._chapters.items():
            if name != source.name:
                continue
            claim = self._registry.resolve(capture.url).match
            if claim.novel_id == match.novel_id:
                follow = Follow(claim.url, PageKind.CHAPTER, chapters=(chapter,))
                entry = self._checked(source, match, follow, capture)
                if entry is not None:
                    yield entry

    def _ask_chapter(
        self, found: dict[Key, Found], source: LoadedSource, chapter: str, capture: Capture
    ) -> None:
        follow = Follow(capture.url, PageKind.CHAPTER, chapters=(chapter,))
        nobody = UrlMatch(UrlKind.NOVEL, capture.url, novel_id="")
        try:
            entry = self._checked(source, nobody, follow, capture)
            if entry is None:
                return
            match = parse_page(source.parser(), source.name, self._catalogue.page(entry)).novel
        except NovelError:
            return  # a page that tells nothing belongs to nothing
        if match is None or match.novel_id is None:
            return
        novel = found.setdefault((source.name, match.novel_id), Found(source, match))
        named = entry.note.model_copy(update={"novel_id": match.novel_id})
        novel.entries.append(Entry(named, entry.offset))

    def _entry(self, source: LoadedSource, match: UrlMatch, follow: Follow) -> Entry | None:
        capture = self._capture(source, match, follow)
        return self._checked(source, match, follow, capture) if capture else None

    def _capture(self, source: LoadedSource, match: UrlMatch, follow: Follow) -> Capture | None:
        url = follow.url
        for _ in range(_MAX_MOVES):
            if capture := self._by_address.get(address(url)):
                return capture
            if address(url) not in self._catalogue.moved:
                break
            url = self._catalogue.moved[address(url)]
        if follow.kind is PageKind.CHAPTER and len(follow.chapters) == 1 and not follow.part:
            return self._chapters.get((source.name, follow.chapters[0]))
        if follow.url == match.url:
            return self._own_page(source, match)
        return None

    def _own_page(self, source: LoadedSource, match: UrlMatch) -> Capture | None:
        """The novel's page under another of its addresses: without a query before one with."""
        same = [
            capture
            for capture in self._by_address.values()
            if (claim := self._quietly(source, capture)) is not None
            and claim.kind is UrlKind.NOVEL
            and claim.novel_id == match.novel_id
        ]
        return min(same, key=lambda capture: len(urlsplit(capture.url).query), default=None)

    def _quietly(self, source: LoadedSource, capture: Capture) -> UrlMatch | None:
        try:
            return source.match(capture.url)
        except NovelError:
            return None

    def _checked(
        self, source: LoadedSource, match: UrlMatch, follow: Follow, capture: Capture
    ) -> Entry | None:
        """The entry, if the capture is what is looked for and lies at a host the source may read."""
        is_image = capture.content_type.startswith("image/")
        if is_image is not (follow.kind is PageKind.IMAGE):
            return None
        if max(len(capture.url.encode()), len(follow.url.encode())) > MAX_URL_BYTES:
            return None
        if follow_problem(Follow(capture.url, follow.kind), source.info):
            return None
        answer = read_head(record_at(self._catalogue.file, capture.offset))
        if answer is None:
            return None
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        note = PageNote(
            source=source.name,
            novel_id=match.novel_id or "",
            kind=follow.kind,
            url=capture.url,
            requested_url=follow.url,
            chapters=follow.chapters,
            part=follow.part,
            position=follow.position,
            status=answer.status,
            headers=headers,
            fetched_at=capture.date,
        )
        entry = Entry(note, capture.offset)
        # Judged by all its headers, of which the archive keeps a few.
        received = replace(self._catalogue.page(entry), headers=answer.headers)
        if problem_of(received) is not None:  # a bot's wall, a broken picture
            return None
        self._used.add(capture.offset)
        return entry

    def _follows(self, source: LoadedSource, entry: Entry) -> list[Follow]:
        if entry.note.kind is PageKind.IMAGE:
            return []
        page: Page = self._catalogue.page(entry)
        try:
            return follows_of(source.parser(), page)
        except Exception as error:
            if entry.note.kind is PageKind.CHAPTER:
                return []  # the parse stage says what is wrong with it
            if isinstance(error, SourceError):
                raise
            raise PluginError(
                f"The parser of {source.name} failed on {page.url}: {describe(error)}"
            ) from error
