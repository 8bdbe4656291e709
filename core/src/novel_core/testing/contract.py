"""The tests of the plugin contract for one source. Every failure says what to change."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from novel_core.errors import AmbiguousUrl, NovelError, SourceError
from novel_core.items import Chapter, Novel
from novel_core.page import Follow, Page, Parsed
from novel_core.plugin import SaveContext, SkipItem
from novel_core.recording import find_recordings, outcome_of, read_recording
from novel_core.registry import LoadedSource, Registry, load_registry
from novel_core.source import PageKind, Sample, UrlKind
from novel_core.testing.imports import heavy_imports
from novel_core.testing.unexpected_pages import UNEXPECTED_PAGES, UnexpectedPage

#: The most that a source may request: a site is somebody else's machine.
MAX_REQUESTS_PER_SECOND, MAX_CONCURRENCY = 5.0, 8
#: Settings of Scrapy that the engine sets; a spider's own have no effect.
_ENGINE_SETTINGS = (
    "USER_AGENT", "ROBOTSTXT_OBEY", "DOWNLOAD_DELAY", "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN", "COOKIES_ENABLED", "RETRY_ENABLED", "ITEM_PIPELINES",
)  # fmt: skip
_ODD_PATHS = (
    "", "about", "a/b/c/d/e", "%00", "%ff%fe", "0", "-1", "1" * 300, "٣", "?page=2&q=%20", "//",
    "x" * 1500,
)  # fmt: skip
_CONTEXT = SaveContext("contract", 0)


@lru_cache(maxsize=1)
def _registry() -> Registry:
    return load_registry()


class SourceContract:
    """The tests of an installed source: subclass it with the source's name.

    The recorded pages are in `recordings`, by default the folder of that name beside the test.
    """

    source: ClassVar[str] = ""
    recordings: ClassVar[Path | None] = None

    @pytest.fixture
    def loaded(self) -> LoadedSource:
        if not self.source:
            pytest.fail('Write `source = "the entry point\'s name"` into the test class.')
        try:
            return _registry().get(self.source)
        except NovelError as error:
            pytest.fail(
                f"{error.message} {error.hint}\n"
                "Install the plugin where the tests run: pip install -e ."
            )

    @pytest.fixture
    def samples(self, loaded: LoadedSource) -> tuple[Sample, ...]:
        return loaded.samples()

    @pytest.fixture
    def pages(self) -> list[Page]:
        """The recorded pages, for the tests that need real pages."""
        folder = self.recordings or Path(inspect.getfile(type(self))).parent / "recordings"
        return [read_recording(place).page for place in find_recordings(folder)]

    def test_source_info_is_valid(self, loaded: LoadedSource) -> None:
        info = loaded.info
        host = urlsplit(info.homepage).hostname
        assert host in info.domains, (
            f"SourceInfo.homepage is at {host}, which is not one of SourceInfo.domains"
            f" {info.domains}: add it there."
        )
        pace = info.politeness
        assert 0 < pace.requests_per_second <= MAX_REQUESTS_PER_SECOND, (
            f"Politeness.requests_per_second is {pace.requests_per_second}:"
            f" choose more than 0 and at most {MAX_REQUESTS_PER_SECOND:g}."
        )
        assert 1 <= pace.concurrency <= MAX_CONCURRENCY, (
            f"Politeness.concurrency is {pace.concurrency}: choose 1 to {MAX_CONCURRENCY}."
        )
        assert 0 <= pace.jitter <= 1, f"Politeness.jitter is {pace.jitter}: choose 0 to 1."

    def test_the_package_requires_a_range_of_the_core(self, loaded: LoadedSource) -> None:
        lines = [line for line in loaded.package.requires if line.lower().startswith("novel-core")]
        assert any("<" in line or "==" in line or "~=" in line for line in lines), (
            f"{loaded.package} requires {lines or 'no novel-core'}: write a range such as"
            ' "novel-core>=0.1,<0.2" into its dependencies; a core outside of it then says that'
            " the plugin is incompatible."
        )

    def test_the_import_is_light_and_opens_no_connection(self, loaded: LoadedSource) -> None:
        urls = [sample.url for sample in loaded.samples()]
        heavy = heavy_imports(self.source, urls)
        assert not heavy, (
            f"Importing the plugin imports {', '.join(heavy)}: import the parser and the spider"
            " inside novel_parser() and novel_spider(), and keep parsing out of the module that"
            " matches URLs."
        )

    def test_there_are_samples(self, samples: tuple[Sample, ...]) -> None:
        assert any(sample.kind is UrlKind.NOVEL for sample in samples), (
            "novel_samples() gives no novel: add a Sample of kind UrlKind.NOVEL with the URL of"
            " a public novel."
        )

    def test_samples_match_as_they_state(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        for sample in samples:
            match = loaded.match(sample.url)
            assert match is not None, (
                f"novel_match_url({sample.url!r}) returns None, but the URL is one of the source's"
                " samples."
            )
            actual = (match.kind, match.url, match.novel_id, match.chapter_id)
            stated = (sample.kind, sample.canonical_url, sample.novel_id, sample.chapter_id)
            assert actual == stated, (
                f"novel_match_url({sample.url!r}) and its Sample disagree"
                " (kind, canonical URL, novel id, chapter id):"
                f"\n  match_url: {actual}\n  Sample:    {stated}"
            )

    def test_canonical_urls_match_themselves(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        for sample in samples:
            match = loaded.match(sample.url)
            assert match is not None
            assert loaded.match(match.url) == match, (
                f"{match.url} is the canonical URL of {sample.url}: novel_match_url must give the"
                " same match for it."
            )
            if match.novel_url is not None:
                novel = loaded.match(match.novel_url)
                assert novel is not None, f"No source matches the novel_url {match.novel_url}."
                assert (novel.kind, novel.novel_id) == (UrlKind.NOVEL, match.novel_id), (
                    f"The novel_url {match.novel_url} is not the page of novel {match.novel_id}."
                )

    def test_no_other_source_matches_the_samples(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        for sample in samples:
            try:
                owner = _registry().resolve(sample.url).source
            except AmbiguousUrl as error:
                pytest.fail(f"{error.message} Make one of them match fewer URLs.")
            assert owner.name == loaded.name

    def test_other_urls_do_not_match(self, loaded: LoadedSource) -> None:
        assert loaded.match(loaded.info.homepage) is None, (
            f"novel_match_url matches {loaded.info.homepage}, which is no novel: return None."
        )
        for url in (
            f"https://{host}/{path}" for host in loaded.info.domains for path in _ODD_PATHS
        ):
            # A PluginError names what it raised.
            match = loaded.match(url)
            assert match is None or match.novel_id or match.chapter_id, (
                f"novel_match_url matches {url} without an id: return None for a URL without one."
            )

    def test_the_parser_has_a_version(self, loaded: LoadedSource) -> None:
        version = loaded.parser().version
        assert isinstance(version, str), "Parser.version must be a text."
        assert version, (
            'Write version = "1" into the parser, and raise it when a change gives other items.'
        )

    @pytest.mark.parametrize("kind", [PageKind.INDEX, PageKind.CHAPTER])
    @pytest.mark.parametrize("unexpected", UNEXPECTED_PAGES, ids=lambda page: page.name)
    def test_unexpected_pages_raise_typed_errors(
        self,
        loaded: LoadedSource,
        samples: tuple[Sample, ...],
        unexpected: UnexpectedPage,
        kind: PageKind,
    ) -> None:
        """As in the engine: the spider's check first, then the parser."""
        page = _page_of(unexpected, kind, samples, loaded.info.homepage)
        spider = loaded.spider()(name=loaded.name)
        parser = loaded.parser()
        for step in ("parse", "follow"):
            try:
                spider.check(page)
                result = getattr(parser, step)(page)
            except SourceError:
                continue
            except Exception as error:  # noqa: BLE001 - that is what is tested
                pytest.fail(
                    f"The spider's check or the parser's {step} fails on {unexpected.name} with"
                    f" {type(error).__name__}: {error}\n"
                    "Where a part of the page may be missing, raise PageChanged (or NotFound,"
                    " Blocked, LoginRequired) of novel_core.errors, with url=page.url."
                )
            if isinstance(result, Parsed):
                assert not result.items, (
                    f"The parser finds {len(result.items)} items in {unexpected.name}: raise"
                    f" PageChanged where a required part of a page of kind {kind} (a title, a text)"
                    " is missing."
                )

    def test_the_parser_is_a_pure_function(self, loaded: LoadedSource, pages: list[Page]) -> None:
        parser = loaded.parser()
        first = [outcome_of(loaded, page) for page in pages]
        again = [outcome_of(loaded, page) for page in reversed(pages)][::-1]
        assert first == again, (
            "The parser gives other items the second time: keep no state between two pages."
        )
        for page, outcome in zip(pages, first, strict=True):
            if "error" not in outcome:
                assert list(parser.follow(page)) == list(parser.parse(page).follow), (
                    f"follow() and parse().follow disagree on {page.url}: one decides which pages"
                    " are requested, the other which are counted."
                )

    def test_followed_urls_can_be_requested(self, loaded: LoadedSource, pages: list[Page]) -> None:
        for page in pages:
            if "error" in outcome_of(loaded, page):
                continue
            for follow in loaded.parser().follow(page):
                parts = urlsplit(follow.url)
                assert parts.scheme in {"http", "https"}, (
                    f"{page.url} follows {follow.url}: make it absolute."
                )
                if follow.kind is not PageKind.IMAGE:
                    assert parts.hostname in loaded.info.domains, (
                        f"{page.url} follows {follow.url}, which is at none of SourceInfo.domains."
                    )

    def test_save_hooks_are_idempotent(self, loaded: LoadedSource, pages: list[Page]) -> None:
        for item in _savable(loaded, pages):
            try:
                once = _saved(loaded, item)
            except SkipItem:
                continue
            assert _saved(loaded, item) == once, (
                "novel_before_save gives two results for one item: a job may save it twice."
            )
            assert _saved(loaded, once) == once, (
                "novel_before_save changes its own result: the hook may get it a second time."
            )

    def test_the_spider_keeps_the_engines_settings(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        spider = loaded.spider()
        for name in _ENGINE_SETTINGS:
            assert name not in (spider.custom_settings or {}), (
                f"The spider's custom_settings have {name}, which the engine sets: remove it. Pace"
                " belongs into SourceInfo.politeness, headers and cookies into the spider's"
                " attributes."
            )
        url = samples[0].canonical_url if samples else loaded.info.homepage
        request = spider(name=loaded.name).make_request(Follow(url, PageKind.INDEX))
        host = urlsplit(request.url).hostname
        assert host in loaded.info.domains, (
            f"make_request turns {url} into {request.url}, at none of SourceInfo.domains."
        )


def _page_of(
    unexpected: UnexpectedPage, kind: PageKind, samples: tuple[Sample, ...], homepage: str
) -> Page:
    """The page at the URL of a sample of that kind, else of any sample, else at the homepage."""
    wanted = UrlKind.NOVEL if kind is PageKind.INDEX else UrlKind.CHAPTER
    found = sorted(samples, key=lambda sample: sample.kind is not wanted)
    chapter_id = found[0].chapter_id if found else None
    chapters = (chapter_id or "1",) if kind is PageKind.CHAPTER else ()
    return unexpected.page(kind, found[0].canonical_url if found else homepage, chapters)


def _savable(loaded: LoadedSource, pages: list[Page]) -> Iterator[Novel | Chapter]:
    url = loaded.info.homepage
    yield Novel(source_id="1", url=url, title="A Tale", description_html="<p>Of old.</p>")
    yield Chapter(source_id="1", title="One", url=url, content_html="<p>Text.</p>")
    for page in pages:
        try:
            parsed = loaded.parser().parse(page)
        except SourceError:
            continue
        yield from (item for item in parsed.items if isinstance(item, Novel | Chapter))


def _saved(loaded: LoadedSource, item: Novel | Chapter) -> Novel | Chapter:
    if isinstance(item, Novel):
        return loaded.before_save(item, _CONTEXT)
    return loaded.before_save(item, _CONTEXT)
