"""Nothing costs the square of what a site sends: every pattern of the packages, and every parser."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from re import (
    _constants as codes,  # type: ignore[attr-defined]
    _parser as grammar,  # type: ignore[attr-defined]
)
from typing import Any

import pytest
from growing import too_steep

from novel_core import Page, PageKind
from novel_core.errors import SourceError
from novel_core.page import Parser
from novel_core.recording import read_recording
from novel_core.recording.owner import source_of
from novel_core.registry import load_registry

pytestmark = pytest.mark.growth

PACKAGES = ("novel_core", "novel_royalroad", "novel_ao3", "novel_wordpress", "novel_xenforo")
#: Not read from a site: the look-alikes read what they wrote themselves.
APART = (".lookalike", ".template", ".migrations", ".__main__")
SIZES = (128, 512, 2_048, 8_192)
SIGNS = "<>\"'= \na0,;:(/\\-.&"
ROOT = Path(__file__).parent.parent
REGISTRY = load_registry()


def patterns() -> Iterator[tuple[str, re.Pattern[Any], tuple[str, ...]]]:
    """The compiled patterns of all modules, each with the ways in which its module uses it."""
    for package in PACKAGES:
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if any(part in f"{module.name}." for part in APART):
                continue
            loaded = importlib.import_module(module.name)
            for name, value in vars(loaded).items():
                if isinstance(value, re.Pattern):
                    text = Path(loaded.__file__ or "").read_text(encoding="utf-8")
                    used = set(re.findall(rf"\b{name}\.(\w+)", text)) & set(METHODS)
                    yield f"{module.name}.{name}", value, tuple(sorted(used)) or ("match",)


METHODS: dict[str, Callable[[re.Pattern[Any], Any], object]] = {
    "search": lambda pattern, text: pattern.search(text),
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "findall": lambda pattern, text: pattern.findall(text),
    "finditer": lambda pattern, text: list(pattern.finditer(text)),
    "split": lambda pattern, text: pattern.split(text),
    "sub": lambda pattern, text: pattern.sub(lambda found: found.group(), text),
}


def words_of(tree: Any) -> Iterator[str]:
    """The runs of plain characters in a pattern, in its order."""
    run = ""
    for operation, argument in tree:
        if operation is codes.LITERAL:
            run += chr(argument)
            continue
        if run:
            yield run
            run = ""
        yield from _inside(argument)
    if run:
        yield run


def _inside(argument: Any) -> Iterator[str]:
    if isinstance(argument, grammar.SubPattern):
        yield from words_of(argument)
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from _inside(part)


def hostile(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    """What stands once before, and what is repeated: the pattern's own words, and signs that stop nothing."""
    text = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    words = list(dict.fromkeys(words_of(grammar.parse(text, pattern.flags & ~re.UNICODE))))[:8]
    starts = ["", *words[:1], "".join(words[:2])]
    pieces = [*SIGNS, *words, "".join(words)]
    pieces += [f"{word}{sign}" for word in words[:3] for sign in '< "']
    return (
        (start, piece)
        for start in dict.fromkeys(starts)
        for piece in dict.fromkeys(filter(None, pieces))
    )


PATTERNS = list(patterns())


@pytest.mark.parametrize(
    ("pattern", "methods"),
    [(pattern, methods) for _, pattern, methods in PATTERNS],
    ids=[name for name, _, _ in PATTERNS],
)
def test_no_pattern_costs_the_square_of_its_text(
    pattern: re.Pattern[Any], methods: tuple[str, ...]
) -> None:
    is_text = isinstance(pattern.pattern, str)
    for start, piece in hostile(pattern):
        for method in methods:

            def run(
                size: int, start: str = start, piece: str = piece, method: str = method
            ) -> None:
                text = start + piece * (size // len(piece)) + "\x01"
                METHODS[method](pattern, text if is_text else text.encode("utf-8"))

            wrong = too_steep(run, SIZES)
            assert wrong is None, f"{method} on {start!r} + {piece!r} many times: {wrong}"


def test_the_patterns_are_found() -> None:
    """And a pattern that is a square is told."""
    assert len(PATTERNS) > 60
    square = re.compile(r"<div\b[^>]*\bid=\"main\"")
    pieces = [(start, piece) for start, piece in hostile(square) if piece == "<div"]
    assert too_steep(lambda size: square.search(pieces[0][1] * size), SIZES) is not None


FILLERS = [
    "<div", "<div>", "<p", '<p class="notice', "<p class='", "<a href=", '"', "<", "&", "<!--", '<li id="work_1"', "<img src=x ",
    "<span></b>", "<b id=x><p>", "<table>", "<details>", "<br>", "\u00a0", " ", "a", "<script>", "window.chapters = ", "<style>.a{",
    '<p style="display:none;', "<time>", "page-404", "<div class=spoiler-new>",
]  # fmt: skip
RECORDINGS = sorted(
    file.parent for file in (ROOT / "plugins").glob("*/tests/*recordings/**/page.json")
)


@pytest.mark.parametrize(
    "place", RECORDINGS, ids=lambda place: "-".join(place.relative_to(ROOT).parts[1:])
)
def test_no_parser_costs_the_square_of_a_page(place: Path) -> None:
    recording = read_recording(place)
    page = recording.page
    parser = source_of(recording, REGISTRY).parser()
    assert isinstance(parser, Parser)
    middle = page.body.find(b"<p>", len(page.body) // 3)
    for filler in FILLERS:
        for cut in (middle, len(page.body) - 8):
            wrong = too_steep(
                lambda size, f=filler, c=cut: _read(parser, page, f, c, size), (8_000, 32_000)
            )
            assert wrong is None, f"{filler!r} many times at {cut}: {wrong}"


def _read(parser: Parser, page: Page, filler: str, cut: int, size: int) -> None:
    inserted = (filler * (size // len(filler))).encode()
    body = page.body[:cut] + inserted + page.body[cut:]
    for kind in (page.kind, PageKind.INDEX):
        for read in (parser.parse, parser.follow):
            with suppress(SourceError):
                read(replace(page, body=body, kind=kind))
