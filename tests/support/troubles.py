"""The family of mirrors with faults of a plugin's code: each happens once, when a test asks for it.

A fault is a file in the folder that CHAOS_TROUBLES names. The process that removes the file has the fault.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from novel_core import Family, NovelSpider, Page, Parsed, Parser, Site, Source, hookimpl
from novel_royalroad_lookalike.mirrors import Mirror, Mirrors

#: A crawl's loop that does not go on, and a parser that takes memory until its process is ended.
FREEZE, EAT = "freeze", "eat"
VARIABLE = "CHAOS_TROUBLES"
#: Seconds that the memory is kept, if nobody minds.
HELD = 10.0
_PIECE = 16 * 2**20
_numbers = count()


def ask_for(fault: str, folder: Path) -> Path:
    """The fault, for the next page that meets it; the file is there until then."""
    file = folder / f"{fault}-{next(_numbers)}"
    file.touch()
    return file


def _is_asked_for(fault: str) -> bool:
    for file in Path(os.environ[VARIABLE]).glob(f"{fault}-*"):
        try:
            file.unlink()
        except FileNotFoundError:
            continue
        return True
    return False


class TroubledSpider(NovelSpider):
    def check(self, page: Page) -> None:
        if _is_asked_for(FREEZE):
            while True:
                time.sleep(3600)
        super().check(page)


class TroubledParser(Parser):
    """The parser of a mirror, which may take `CHAOS_BYTES` of memory first."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self.version = parser.version

    def parse(self, page: Page) -> Parsed:
        if _is_asked_for(EAT):
            eaten = [bytes([1]) * _PIECE for _ in range(int(os.environ["CHAOS_BYTES"]) // _PIECE)]
            deadline = time.monotonic() + HELD
            while time.monotonic() < deadline:
                time.sleep(0.1)
            del eaten
        return self._parser.parse(page)

    def check(self, page: Page) -> None:
        self._parser.check(page)


class TroubledMirror(Mirror):
    def parser(self) -> Parser:
        return TroubledParser(super().parser())

    def spider(self) -> type[NovelSpider]:
        return TroubledSpider


class TroubledMirrors(Mirrors):
    def source(self, site: Site) -> Source:
        return TroubledMirror(site)


@hookimpl
def novel_sources() -> Sequence[Family]:
    return (TroubledMirrors(),)
