"""A family whose sites all show the look-alike, each at a host of its own: for benchmarks and tests of many sites.

It is no installed plugin. `install` makes it one for processes that have a folder in PYTHONPATH.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    Family,
    NovelTable,
    Page,
    Parser,
    Politeness,
    Recognition,
    Site,
    SiteTable,
    Source,
    UrlKind,
    UrlMatch,
    hookimpl,
)

_NOVEL = re.compile(r"/fiction/([0-9]+)(?:/[^/]*)?")
_CHAPTER = re.compile(r"/fiction/([0-9]+)/[^/]+/chapter/([0-9]+)/[^/]+")
_TABLE = SiteTable(
    novel=NovelTable(title="div.fic-title h1", authors="div.fic-title h4 a"),
    chapters=ChapterListTable(
        rows="table#chapters tbody tr", link="td a@href", published="time@datetime | date"
    ),
    chapter=ChapterTable(title="h1", content="div.chapter-inner@html"),
)


class Mirror(Source):
    """The source of one mirror."""

    def __init__(self, site: Site) -> None:
        # Sites of one pattern of hosts are one rate group, unless they say otherwise.
        self.info = replace(site.source_info(), politeness=Politeness(rate_group=site.host))
        self._base_url = site.base_url

    def match(self, url: str) -> UrlMatch | None:
        """
        >>> Mirror(Site("m1-mirror-example", "mirrors", "https://m1.mirror.example")).match(
        ...     "https://m1.mirror.example/fiction/7/a-lamp"
        ... ).url
        'https://m1.mirror.example/fiction/7'
        """
        path = url.removeprefix(self._base_url)
        if found := _NOVEL.fullmatch(path):
            return UrlMatch(UrlKind.NOVEL, self._novel_url(found[1]), novel_id=found[1])
        if found := _CHAPTER.fullmatch(path):
            return UrlMatch(
                UrlKind.CHAPTER,
                url,
                novel_id=found[1],
                chapter_id=found[2],
                novel_url=self._novel_url(found[1]),
            )
        return None

    def parser(self) -> Parser:
        return DeclarativeParser(_TABLE, match_url=self.match, version="1")

    def _novel_url(self, number: str) -> str:
        return f"{self._base_url}/fiction/{number}"


class Mirrors(Family):
    """Every host below mirror.example."""

    name = "mirrors"
    title = "Mirrors of the look-alike"
    host_patterns = ("*.mirror.example",)

    def recognise(self, page: Page) -> Recognition | None:
        del page
        return None

    def source(self, site: Site) -> Source:
        return Mirror(site)


@hookimpl
def novel_sources() -> Sequence[Family]:
    return (Mirrors(),)


def host(number: int) -> str:
    """The host of a mirror.

    >>> host(7)
    'm7.mirror.example'
    """
    return f"m{number}.mirror.example"


def install(folder: Path, module: str = __name__) -> None:
    """Write the metadata of a distribution that has the family as its plugin, or that of `module`."""
    info = folder / "novel_mirrors-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: novel-mirrors\nVersion: 1.0\nRequires-Dist: novel-core>=0.1,<0.2\n",
        encoding="utf-8",
    )
    (info / "entry_points.txt").write_text(
        f"[novel.sources]\nmirrors = {module}\n", encoding="utf-8"
    )
