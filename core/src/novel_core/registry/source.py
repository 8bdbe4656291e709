"""One source: what is known of any, and what can be asked of a loaded one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from novel_core.errors import NovelError, PluginError
from novel_core.hookspecs import SaveContext, SkipItem
from novel_core.source import Sample, SourceInfo, UrlMatch
from novel_core.urls import host_of

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider
    from novel_core.items import Chapter, Novel
    from novel_core.page import Parser


class SourceState(StrEnum):
    LOADED = "loaded"
    DISABLED = "disabled"  # by the owner of this installation, before import
    FAILED = "failed"  # broken; the error says how
    INCOMPATIBLE = "incompatible"  # made for another novel-core
    DUPLICATE = "duplicate"  # two distributions use the name: neither is loaded


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source as installed, loaded or not. `details` is the traceback of one that failed."""

    name: str
    state: SourceState
    distribution: str
    version: str
    domains: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    error: str | None = None
    details: str | None = None


class LoadedSource:
    """A loaded source. It is asked through its own implementations only, never by broadcast."""

    def __init__(
        self, entry: SourceEntry, info: SourceInfo, hooks: dict[str, Callable[..., Any]]
    ) -> None:
        self.entry = entry
        self.info = info
        self.name = entry.name
        self._hooks = hooks
        self._domains = frozenset(info.domains)
        self._parser: Parser | None = None

    def implements(self, hook: str) -> bool:
        return hook in self._hooks

    def match(self, url: str) -> UrlMatch | None:
        """The source's claim on a normalised URL of a host it declares."""
        match = self.ask("novel_match_url", url)
        if match is None:
            return None
        if not isinstance(match, UrlMatch):
            raise self._broken("novel_match_url", f"returned {match!r}, not a UrlMatch or None")
        if host_of(match.url) not in self._domains:
            raise self._broken("novel_match_url", f"claims {match.url}, a host it does not declare")
        if match.url != url and self.ask("novel_match_url", match.url) != match:
            raise self._broken(
                "novel_match_url", f"gives {match.url} for {url}, which it does not match likewise"
            )
        return match

    def parser(self) -> Parser:
        """The source's parser, made once."""
        if self._parser is None:
            from novel_core.page import Parser

            parser = self.ask("novel_parser")
            if not isinstance(parser, Parser):
                raise self._broken("novel_parser", f"returned {parser!r}, not a Parser")
            self._parser = parser
        return self._parser

    def spider(self) -> type[NovelSpider]:
        """The source's spider, or core's own."""
        from novel_core.crawl.spider import NovelSpider

        if not self.implements("novel_spider"):
            return NovelSpider
        spider = self.ask("novel_spider")
        if spider is None:
            return NovelSpider
        if not (isinstance(spider, type) and issubclass(spider, NovelSpider)):
            raise self._broken(
                "novel_spider", f"returned {spider!r}, not a subclass of NovelSpider"
            )
        return spider

    def samples(self) -> Sequence[Sample]:
        samples = tuple(self.ask("novel_samples"))
        for sample in samples:
            if not isinstance(sample, Sample):
                raise self._broken("novel_samples", f"yields {sample!r}, not a Sample")
        return samples

    def before_save(self, item: Novel | Chapter, context: SaveContext) -> Any:
        """The item as the source's save hook leaves it; SkipItem passes through."""
        if not self.implements("novel_before_save"):
            return item
        adjusted = self.ask("novel_before_save", item, context)
        if adjusted is None:
            return item
        if type(adjusted) is not type(item):
            raise self._broken(
                "novel_before_save", f"returned {type(adjusted).__name__} for {type(item).__name__}"
            )
        if adjusted.source_id != item.source_id:
            raise self._broken("novel_before_save", "changed the item's source_id")
        return adjusted

    def ask(self, hook: str, *arguments: Any) -> Any:
        """Call one of the source's hooks; what it raises beyond the contract is a PluginError that names it."""
        try:
            return self._hooks[hook](*arguments)
        except (NovelError, SkipItem):
            raise
        except Exception as error:
            raise self._broken(hook, f"raised {type(error).__name__}: {error}") from error

    def _broken(self, hook: str, what: str) -> PluginError:
        return PluginError(
            f"The source {self.name!r} ({self.entry.distribution} {self.entry.version}): {hook} {what}."
        )
