"""The toy source with a parser and a spider that misbehave at chapter 3 of some works, for real worker processes.

The letters at the start of a work's id say how: `/works/deaf1` is a work whose chapter 3 is never read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import toysite
from hanging import deaf_loop, held_interpreter

from novel_core import Follow, NovelSpider, Page, PageRequest, Parsed, Parser, Source, hookimpl

#: Bytes that `eat` takes in all, and at once.
_MEAL, _BITE = 500 * 2**20, 5 * 2**20


def loop() -> None:
    """Python that an interrupt ends."""
    while True:
        pass


def eat() -> None:
    """Take memory, and never return."""
    hoard: list[bytearray] = []
    while True:
        if len(hoard) * _BITE < _MEAL:
            hoard.append(bytearray(_BITE))
        time.sleep(0.01)


IN_PARSER: dict[str, Callable[[], None]] = {
    "loop": loop,
    "deaf": deaf_loop,
    "held": held_interpreter,
    "eater": eat,
}


def how(url: str) -> str:
    """How the page at the address misbehaves."""
    found = re.search(r"/works/([a-z]+)\d*/3$", url)
    return found[1] if found else ""


class TroubleParser(toysite.ToyParser):
    def parse(self, page: Page) -> Parsed:
        if (trouble := IN_PARSER.get(how(page.url))) is not None:
            trouble()
        return super().parse(page)


class TroubleSpider(NovelSpider):
    def make_request(self, follow: Follow) -> PageRequest:
        if how(follow.url) == "blocked":
            time.sleep(3600)
        return super().make_request(follow)


class TroubleSource(toysite.ToySource):
    def parser(self) -> Parser:
        return TroubleParser()

    def spider(self) -> type[NovelSpider]:
        return TroubleSpider


@hookimpl
def novel_sources() -> Sequence[Source]:
    return (TroubleSource(),)


def install(folder: Path) -> str:
    """Make an installed package of this module in `folder`; the PYTHONPATH that has both."""
    info = folder / "troublesite-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: troublesite\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[novel.sources]\ntoysite = troublesite\n")
    return f"{folder}:{Path(__file__).parent}"
