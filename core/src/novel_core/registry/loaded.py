"""Loaded plugins and sources. An exception of their code becomes a PluginError."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

from novel_core.errors import InvalidUrl, NovelError, PluginError
from novel_core.page import Parser
from novel_core.plugin import SaveContext, Site, SkipItem, Source
from novel_core.registry.checks import kind_of, match_problems
from novel_core.registry.discovery import Distribution
from novel_core.source import Sample, SourceInfo, UrlMatch
from novel_core.urls import parse_url

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider
    from novel_core.items import Chapter, Novel

ItemT = TypeVar("ItemT", "Novel", "Chapter")
ResultT = TypeVar("ResultT")

#: Exceptions of a plugin that are caught. A plugin that calls `sys.exit` does not end the program.
FAULTS = (Exception, SystemExit)


@dataclass(frozen=True, eq=False)
class LoadedPlugin:
    """An installed plugin whose hooks can be called. `hooks` are the names of those it implements."""

    name: str
    package: Distribution
    hooks: tuple[str, ...]
    callers: pluggy.HookRelay = field(repr=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"

    def call(self, hook: str, **arguments: Any) -> None:
        """Call the plugin's implementation of `hook`."""
        try:
            getattr(self.callers, hook)(**arguments)
        except FAULTS as error:
            raise self.broke(hook, f"raised {describe(error)}") from error

    def broke(self, hook: str, what: str) -> PluginError:
        """The error for a hook of this plugin that did `what`."""
        return PluginError(f"The plugin {self}: {hook} {what.removesuffix('.')}.")


@dataclass(frozen=True, eq=False)
class LoadedSource:
    """A source of a plugin, with checked results. `site` is set for a site of a family.

    `info` is the metadata at the time the source was loaded and checked.
    """

    plugin: LoadedPlugin
    source: Source
    site: Site | None = None
    info: SourceInfo = field(init=False)

    def __post_init__(self) -> None:
        info, site = self.source.info, self.site
        object.__setattr__(self, "info", replace(info, family=site.family) if site else info)

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def title(self) -> str:
        return self.info.title

    @property
    def package(self) -> Distribution:
        return self.plugin.package

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"

    def owns(self, url: str) -> bool:
        """Whether to ask the source about a normalised `url` at one of its hosts."""
        del url
        return True

    def load(self) -> LoadedSource:
        """The source itself; a site of a family is loaded at its first use."""
        return self

    def match(self, url: str) -> UrlMatch | None:
        """The source's checked match of `url`; None also for a host it does not declare."""
        parsed = parse_url(url)
        return self.match_normalized(parsed.url) if parsed.host in self.info.domains else None

    def match_normalized(self, url: str) -> UrlMatch | None:
        """The checked match of a normalised `url` at one of the source's hosts."""
        match = self._call("match", self.source.match, url)
        if match is None:
            return None
        if not isinstance(match, UrlMatch):
            raise self.broke("match", f"returned {kind_of(match)} for {url}, not a UrlMatch")
        for problem in match_problems(match, url, self.info.domains, self.site):
            raise self.broke("match", f"matches {url}, but {problem}")
        if match.url != url:
            again = self._call("match", self.source.match, match.url)
            if again != match:
                what = "not at all" if again is None else f"as {again!r}"
                raise self.broke(
                    "match",
                    f"gives {match.url} as the canonical form of {url}, and matches that {what}:"
                    " a canonical URL must give the same match again",
                )
        return match

    def other_way(self, url: str) -> UrlMatch | None:
        """The source's checked match of another address of what is at `url`."""
        other = self._call("other_way", self.source.other_way, url)
        return None if other is None or other.url == url else self.match(other.url)

    def set_options(self, options: Any) -> None:
        """Give the source its options; a parser made with others is made again."""
        if options != self.source.options:
            self.source.options = options
            self.__dict__.pop("_parser", None)

    def parser(self) -> Parser:
        """The source's parser: one object for the life of the registry."""
        return self._parser

    @cached_property
    def _parser(self) -> Parser:
        parser = self._call("parser", self.source.parser)
        if not isinstance(parser, Parser):
            raise self.broke("parser", f"returned {kind_of(parser)}, not a novel_core.Parser")
        return parser

    def spider(self) -> type[NovelSpider]:
        """The source's spider. Imports Scrapy."""
        spider: Any = self._call("spider", self.source.spider)
        # By name: the registry itself imports no Scrapy.
        base: type = importlib.import_module("novel_core.crawl.spider").NovelSpider
        if isinstance(spider, type) and issubclass(spider, base):
            return cast("type[NovelSpider]", spider)
        raise self.broke("spider", f"returned {kind_of(spider)}, not a class of NovelSpider")

    def samples(self) -> tuple[Sample, ...]:
        """The source's known URLs."""
        samples = self._call("samples", lambda: tuple(self.source.samples))
        for sample in samples:
            if not isinstance(sample, Sample):
                raise self.broke("samples", f"has {kind_of(sample)}, not a Sample")
        return samples

    def recent_list(self) -> str | None:
        """The checked address of the site's list of recent changes."""
        url = self._call("recent_list", self.source.recent_list)
        if url is None:
            return None
        try:
            parsed = parse_url(url)
        except (InvalidUrl, AttributeError, TypeError) as error:
            raise self.broke("recent_list", f"returned {url!r}, not a URL") from error
        if parsed.host not in self.info.domains:
            raise self.broke("recent_list", f"returned {url}, at a host it does not declare")
        return parsed.url

    def before_save(self, item: ItemT, context: SaveContext) -> ItemT:
        """The item as the source wants it saved. SkipItem passes through: the item is left out."""
        method = "before_save"
        try:
            changed = self.source.before_save(item, context)
        except SkipItem:
            raise
        except FAULTS as error:
            raise self._raised(method, error) from error
        if changed is item:
            return item
        if type(changed) is not type(item):
            raise self.broke(method, f"returned {kind_of(changed)} for a {type(item).__name__}")
        if changed.source_id != item.source_id:
            raise self.broke(method, f"changed the source_id of {item.source_id!r}")
        try:
            # `model_copy` checks nothing.
            return type(item).model_validate(changed.model_dump())
        except (ValueError, NovelError) as error:
            what = f"returned an item that is not valid: {describe(error)}"
            raise self.broke(method, what) from error

    def broke(self, method: str, what: str) -> PluginError:
        """The error for a method of this source that did `what`."""
        return PluginError(f"The source {self}: {method} {what.removesuffix('.')}.")

    def _raised(self, method: str, error: BaseException) -> PluginError:
        return self.broke(method, f"raised {describe(error)}")

    def _call(self, method: str, call: Callable[..., ResultT], *arguments: Any) -> ResultT:
        try:
            return call(*arguments)
        except FAULTS as error:
            raise self._raised(method, error) from error


#: Prepares a source for its use in this process.
SetUp = Callable[[LoadedSource], None]


def describe(error: BaseException) -> str:
    """An exception in one line.

    >>> describe(ValueError("no\\nid"))
    'ValueError: no id'
    """
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
