"""Loaded plugins, sources and families. An exception of their code becomes a PluginError."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

from novel_core.errors import NovelError, PluginError
from novel_core.page import Page, Parser
from novel_core.plugin import Family, Recognition, SaveContext, Site, SkipItem, Source
from novel_core.registry.checks import info_problems, match_problems
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

    def call(self, hook: str, **arguments: Any) -> Any:
        """The result of the plugin's implementation of `hook`."""
        try:
            answers = getattr(self.callers, hook)(**arguments)
        except FAULTS as error:
            raise self.broke(hook, f"raised {describe(error)}") from error
        return answers[0] if answers else None

    def broke(self, hook: str, what: str) -> PluginError:
        """The error for a hook of this plugin that did `what`."""
        return PluginError(f"The plugin {self}: {hook} {what}.")


@dataclass(frozen=True, eq=False)
class LoadedSource:
    """A source of a plugin, with checked results. `site` is set for a site of a family."""

    plugin: LoadedPlugin
    source: Source
    site: Site | None = None

    @property
    def info(self) -> SourceInfo:
        return self.source.info

    @property
    def name(self) -> str:
        return self.source.info.name

    @property
    def package(self) -> Distribution:
        return self.plugin.package

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"

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
            raise self.broke("match", f"returned {_kind(match)} for {url}, not a UrlMatch")
        for problem in match_problems(match, self.info.domains):
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

    def parser(self) -> Parser:
        """The source's parser: one object for the life of the registry."""
        return self._parser

    @cached_property
    def _parser(self) -> Parser:
        parser = self._call("parser", self.source.parser)
        if not isinstance(parser, Parser):
            raise self.broke("parser", f"returned {_kind(parser)}, not a novel_core.Parser")
        return parser

    def spider(self) -> type[NovelSpider]:
        """The source's spider. Imports Scrapy."""
        spider: Any = self._call("spider", self.source.spider)
        # By name: the registry itself imports no Scrapy.
        base: type = importlib.import_module("novel_core.crawl.spider").NovelSpider
        if isinstance(spider, type) and issubclass(spider, base):
            return cast("type[NovelSpider]", spider)
        raise self.broke("spider", f"returned {_kind(spider)}, not a class of NovelSpider")

    def samples(self) -> tuple[Sample, ...]:
        """The source's known URLs."""
        samples = self._call("samples", lambda: tuple(self.source.samples))
        for sample in samples:
            if not isinstance(sample, Sample):
                raise self.broke("samples", f"has {_kind(sample)}, not a Sample")
        return samples

    def before_save(self, item: ItemT, context: SaveContext) -> ItemT:
        """The item as the source wants it saved. SkipItem passes through: the item is left out."""
        method = "before_save"
        changed = self._call(method, self.source.before_save, item, context)
        if changed is item:
            return item
        if type(changed) is not type(item):
            raise self.broke(method, f"returned {_kind(changed)} for a {type(item).__name__}")
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
        return PluginError(f"The source {self}: {method} {what}.")

    def _call(self, method: str, call: Callable[..., ResultT], *arguments: Any) -> ResultT:
        try:
            return call(*arguments)
        except SkipItem:
            raise
        except FAULTS as error:
            raise self.broke(method, f"raised {describe(error)}") from error


@dataclass(frozen=True, eq=False)
class LoadedFamily:
    """A family of a plugin; `sites` are those of its package that can be loaded."""

    plugin: LoadedPlugin
    family: Family
    sites: tuple[Site, ...] = ()
    _loaded: dict[Site, LoadedSource] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.family.name

    @property
    def title(self) -> str:
        return self.family.title

    @property
    def package(self) -> Distribution:
        return self.plugin.package

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"

    def load(self, site: Site) -> LoadedSource:
        """The source of `site`, made at its first use."""
        loaded = self._loaded.get(site)
        if loaded is None:
            loaded = self._loaded[site] = self._make(site)
        return loaded

    def recognise(self, page: Page) -> Recognition | None:
        """The family's checked answer to `page`."""
        try:
            found = self.family.recognise(page)
        except FAULTS as error:
            raise self._broke(f"recognise raised {describe(error)} on {page.url}") from error
        if found is not None and not isinstance(found, Recognition):
            raise self._broke(f"recognise returned {_kind(found)}, not a Recognition")
        return found

    def _make(self, site: Site) -> LoadedSource:
        try:
            source = self.family.source(site)
        except FAULTS as error:
            raise self._broke(f"source raised {describe(error)} for {site.name}") from error
        if not isinstance(source, Source):
            raise self._broke(f"source returned {_kind(source)} for {site.name}, not a Source")
        problems = list(info_problems(getattr(source, "info", None)))
        if not problems and source.info.name != site.name:
            problems.append(f"its name is {source.info.name!r}, and not the site's")
        if problems:
            raise self._broke(f"its source of {site.name}: {'; '.join(problems)}")
        return LoadedSource(self.plugin, source, site)

    def _broke(self, what: str) -> PluginError:
        return PluginError(f"The family {self}: {what}.")


def describe(error: BaseException) -> str:
    """An exception in one line.

    >>> describe(ValueError("no\\nid"))
    'ValueError: no id'
    """
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
