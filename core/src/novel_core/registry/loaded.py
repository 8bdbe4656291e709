"""A loaded source: its hooks as typed methods. An exception of the plugin becomes a PluginError."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from novel_core.errors import NovelError, PluginError
from novel_core.hookspecs import SkipItem
from novel_core.page import Parser
from novel_core.registry.checks import match_problems
from novel_core.registry.discovery import Distribution
from novel_core.source import Sample, SourceInfo, UrlMatch
from novel_core.urls import parse_url

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider
    from novel_core.hookspecs import SaveContext
    from novel_core.items import Chapter, Novel

_MATCH = "novel_match_url"
ItemT = TypeVar("ItemT", "Novel", "Chapter")

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

    def ask(self, hook: str, **arguments: Any) -> Any:
        """The result of the plugin's implementation of `hook`; None where it has none."""
        try:
            answers = getattr(self.callers, hook)(**arguments)
        except SkipItem:
            raise
        except FAULTS as error:
            raise self.broke(hook, f"raised {describe(error)}") from error
        return answers[0] if answers else None

    def broke(self, hook: str, what: str) -> PluginError:
        """The error for a hook of this plugin that did `what`."""
        return PluginError(f"The plugin {self}: {hook} {what}.")


@dataclass(frozen=True, eq=False)
class LoadedSource(LoadedPlugin):
    """A source: it matches URLs and reads pages."""

    info: SourceInfo

    def match(self, url: str) -> UrlMatch | None:
        """The source's checked match of `url`; None also for a host it does not declare."""
        parsed = parse_url(url)
        return self.match_normalized(parsed.url) if parsed.host in self.info.domains else None

    def match_normalized(self, url: str) -> UrlMatch | None:
        """The checked match of a normalised `url` at one of the source's hosts."""
        match = self.ask(_MATCH, url=url)
        if match is None:
            return None
        if not isinstance(match, UrlMatch):
            raise self.broke(_MATCH, f"returned {type(match).__name__} for {url}, not a UrlMatch")
        for problem in match_problems(match, self.info.domains):
            raise self.broke(_MATCH, f"matches {url}, but {problem}")
        if match.url != url:
            again = self.ask(_MATCH, url=match.url)
            if again != match:
                what = "not at all" if again is None else f"as {again!r}"
                raise self.broke(
                    _MATCH,
                    f"gives {match.url} as the canonical form of {url}, and matches that {what}:"
                    " a canonical URL must give the same match again",
                )
        return match

    def parser(self) -> Parser:
        """The source's parser: one object for the life of the registry."""
        return self._parser

    @cached_property
    def _parser(self) -> Parser:
        parser = self.ask("novel_parser")
        if not isinstance(parser, Parser):
            raise self.broke("novel_parser", f"returned {_kind(parser)}, not a novel_core.Parser")
        return parser

    def spider(self) -> type[NovelSpider]:
        """The source's spider, or core's. Imports Scrapy."""
        # By name: the registry itself imports no Scrapy.
        default: type[NovelSpider] = importlib.import_module("novel_core.crawl.spider").NovelSpider
        spider = self.ask("novel_spider")
        if spider is None:
            return default
        if not (isinstance(spider, type) and issubclass(spider, default)):
            raise self.broke(
                "novel_spider", f"returned {_kind(spider)}, not a class of NovelSpider"
            )
        return spider

    def samples(self) -> tuple[Sample, ...]:
        """The source's known URLs."""
        given = self.ask("novel_samples")
        if not isinstance(given, Iterable):
            raise self.broke("novel_samples", f"returned {_kind(given)}, not samples")
        try:
            samples = tuple(given)
        except FAULTS as error:
            raise self.broke("novel_samples", f"raised {describe(error)}") from error
        for sample in samples:
            if not isinstance(sample, Sample):
                raise self.broke("novel_samples", f"gave {_kind(sample)}, not a Sample")
        return samples

    def before_save(self, item: ItemT, context: SaveContext) -> ItemT:
        """The item as the source wants it saved. SkipItem passes through: the item is left out."""
        changed = self.ask("novel_before_save", item=item, context=context)
        if changed is None:
            return item
        if type(changed) is not type(item):
            wanted = type(item).__name__
            raise self.broke("novel_before_save", f"returned {_kind(changed)} for a {wanted}")
        if changed.source_id != item.source_id:
            raise self.broke("novel_before_save", f"changed the source_id of {item.source_id!r}")
        try:
            # `model_copy` checks nothing.
            return type(item).model_validate(changed.model_dump())
        except (ValueError, NovelError) as error:
            what = f"returned an item that is not valid: {describe(error)}"
            raise self.broke("novel_before_save", what) from error


def describe(error: BaseException) -> str:
    """An exception in one line.

    >>> describe(ValueError("no\\nid"))
    'ValueError: no id'
    """
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
