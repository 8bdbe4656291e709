"""The tests of the plugin contract for one source. Every failure says what to change."""

from __future__ import annotations

from dataclasses import MISSING, fields
from urllib.parse import urlsplit

import pytest

from novel_core.errors import AmbiguousUrl
from novel_core.page import Follow
from novel_core.registry import LoadedSource
from novel_core.source import PageKind, Sample, UrlKind
from novel_core.testing.imports import heavy_imports
from novel_core.testing.page_tests import PageTests
from novel_core.testing.sample_tests import SampleTests
from novel_core.testing.source_under_test import registry

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


class SourceContract(SampleTests, PageTests):
    """The tests of an installed source: subclass it with the source's name.

    The recorded pages are in `recordings`, by default the folder of that name beside the test.
    """

    def test_source_info_is_valid(self, loaded: LoadedSource) -> None:
        check_info(loaded)

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
            " inside the methods parser and spider, NovelSpider for types only (`if TYPE_CHECKING:`),"
            " and keep parsing out of the module that matches URLs."
        )

    def test_there_are_samples(self, loaded: LoadedSource) -> None:
        if loaded.site is not None and not loaded.samples():
            pytest.skip("A site of a family needs no samples: it has recordings.")
        assert any(sample.kind is UrlKind.NOVEL for sample in loaded.samples()), (
            "The source's samples have no novel: add a Sample of kind UrlKind.NOVEL with the URL of"
            " a public novel."
        )

    def test_no_other_source_matches_the_samples(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        for sample in samples:
            try:
                owner = registry().resolve(sample.url).source
            except AmbiguousUrl as error:
                pytest.fail(f"{error.message} Make one of them match fewer URLs.")
            assert owner.name == loaded.name

    def test_other_urls_do_not_match(self, loaded: LoadedSource) -> None:
        assert loaded.match(loaded.info.homepage) is None, (
            f"match matches {loaded.info.homepage}, which is no novel: return None."
        )
        for url in (
            f"https://{host}/{path}" for host in loaded.info.domains for path in _ODD_PATHS
        ):
            # A PluginError names what it raised.
            match = loaded.match(url)
            assert match is None or match.novel_id or match.chapter_id, (
                f"match matches {url} without an id: return None for a URL without one."
            )

    def test_options_are_a_frozen_dataclass_with_defaults(self, loaded: LoadedSource) -> None:
        options = loaded.source.Options
        if options is None:
            pytest.skip("The source has no settings of its own.")
        parameters = getattr(options, "__dataclass_params__", None)
        assert parameters is not None, "Options is no dataclass: write @dataclass(frozen=True)."
        assert parameters.frozen, "Options can be changed: write @dataclass(frozen=True)."
        for field in fields(options):
            assert field.default is not MISSING or field.default_factory is not MISSING, (
                f"Options.{field.name} has no default: a user need not set it."
            )
        assert isinstance(loaded.source.options, options), (
            f"options is {type(loaded.source.options).__name__}, not an Options."
        )

    def test_the_list_of_recent_changes_is_at_an_own_host(self, loaded: LoadedSource) -> None:
        url = loaded.recent_list()
        if url is None:
            pytest.skip("The source names no list of recent changes.")
        assert loaded.match(url) is None, (
            f"match matches {url}, which recent_list gives: it is no novel, return None for it."
        )

    def test_the_parser_has_a_version(self, loaded: LoadedSource) -> None:
        version = loaded.parser().version
        assert isinstance(version, str), "Parser.version must be a text."
        assert version, (
            'Write version = "1" into the parser, and raise it when a change gives other items.'
        )

    def test_the_spider_keeps_the_engines_settings(self, loaded: LoadedSource) -> None:
        spider, samples = loaded.spider(), loaded.samples()
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


def check_info(loaded: LoadedSource) -> None:
    """Fail the test for metadata that the registry accepts, and no site would like."""
    info = loaded.info
    host = urlsplit(info.homepage).hostname
    assert host in info.domains, (
        f"SourceInfo.homepage is at {host}, which is not one of SourceInfo.domains"
        f" {info.domains}: add it there."
    )
    for pace in (info.politeness, *info.host_politeness.values()):
        assert 0 < pace.requests_per_second <= MAX_REQUESTS_PER_SECOND, (
            f"Politeness.requests_per_second is {pace.requests_per_second}:"
            f" choose more than 0 and at most {MAX_REQUESTS_PER_SECOND:g}."
        )
        assert 1 <= pace.concurrency <= MAX_CONCURRENCY, (
            f"Politeness.concurrency is {pace.concurrency}: choose 1 to {MAX_CONCURRENCY}."
        )
        assert 0 <= pace.jitter <= 1, f"Politeness.jitter is {pace.jitter}: choose 0 to 1."
    others = info.host_politeness.keys() - set(info.domains)
    assert not others, (
        f"SourceInfo.host_politeness names {', '.join(sorted(others))}, which is not one of"
        f" SourceInfo.domains {info.domains}."
    )
