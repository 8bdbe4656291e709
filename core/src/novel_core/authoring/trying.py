"""A plugin under development, run through the whole pipeline into a database that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.registry import LoadedSource, Registry, SourceEntry
from novel_core.runtime import Runtime, open_runtime
from novel_core.settings import Settings
from novel_core.source import PageKind


def first_chapters(parser: Parser, chapters: int) -> Parser:
    """`parser` asking for so many chapters only."""
    is_plain = type(parser).follow is Parser.follow
    return FirstChapters(parser, chapters) if is_plain else FirstLinks(parser, chapters)


class FirstChapters(Parser):
    """Another parser, whose `parse` alone tells what to request: so a page is parsed once."""

    def __init__(self, parser: Parser, chapters: int) -> None:
        self.version = parser.version
        self._parser = parser
        self._left = chapters
        self._asked: set[str] = set()

    def parse(self, page: Page) -> Parsed:
        parsed = self._parser.parse(page)
        if not isinstance(parsed, Parsed):  # the engine says what is wrong with it
            return parsed
        return replace(parsed, follow=self._first(parsed.follow))

    def _first(self, follows: Sequence[Follow]) -> Sequence[Follow]:
        return [follow for follow in follows if self._wants(follow)]

    def _wants(self, follow: Follow) -> bool:
        if follow.kind is not PageKind.CHAPTER or follow.part or follow.url in self._asked:
            return True
        if self._left <= 0:
            return False
        self._left -= 1
        self._asked.add(follow.url)
        return True


class FirstLinks(FirstChapters):
    """Another parser, whose `follow` tells what to request."""

    def parse(self, page: Page) -> Parsed:
        return self._parser.parse(page)

    def follow(self, page: Page) -> Sequence[Follow]:
        return self._first(self._parser.follow(page))


@dataclass(frozen=True, eq=False)
class _Limited(LoadedSource):
    first: Parser = field(kw_only=True)

    def parser(self) -> Parser:
        return self.first


def limited(entry: SourceEntry, chapters: int | None) -> Registry:
    """A registry of this source alone, asking for its first chapters only; for all of them with None."""
    source = entry.source
    assert source is not None
    if chapters is None:
        return Registry([entry])
    only = _Limited(
        source.name,
        source.package,
        source.hooks,
        source.callers,
        source.info,
        first=first_chapters(source.parser(), chapters),
    )
    return Registry([replace(entry, source=only)])


@contextmanager
def throwaway(settings: Settings, registry: Registry) -> Iterator[Runtime]:
    """A runtime over servers and data that are gone after the block."""
    from novel_core import services

    # The servers end by themselves a moment after the last one who used them, and write until then.
    with tempfile.TemporaryDirectory(prefix="novel-try-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            with services.attach(folder, durable=False, valkey=False) as attachment:
                url = attachment.services.database_url
                assert url is not None
                database = open_database(url)
                migrate.upgrade(database)
                database.dispose()
                own = {"data_dir": folder, "database_url": url, "redis_url": None}
                with open_runtime(settings.model_copy(update=own), registry) as runtime:
                    yield runtime
        finally:
            services.stop(folder, force=True)
