"""A chapter in CPU beside a bare parse of its page, for each source: parsed, sanitised, and written for a book."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random

from selectolax.lexbor import LexborHTMLParser

from novel_ao3 import SOURCE as AO3
from novel_ao3_lookalike import archived
from novel_ao3_lookalike.library import LookalikeWork
from novel_core.export.container import Container
from novel_core.export.markdown import to_markdown
from novel_core.export.tree import as_xhtml, parse
from novel_core.export.xhtml_repair import repair_xhtml
from novel_core.ingest.chapter_texts import CleanText
from novel_core.ingest.parsing import parse_page
from novel_core.items import Chapter
from novel_core.page import Page, Parser
from novel_core.source import PageKind
from novel_royalroad import SOURCE as ROYALROAD
from novel_royalroad_lookalike import chapter_page
from novel_royalroad_lookalike.library import Fiction
from novel_royalroad_lookalike.switches import SiteSwitches

SIZES = (16_000, 250_000)
_ROUNDS = 15
_NOW = datetime(2026, 3, 4, tzinfo=UTC)


def cost(run: Callable[[], object]) -> float:
    """CPU milliseconds of one run, the best of some."""
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.thread_time()
        run()
        best = min(best, time.thread_time() - began)
    return best * 1000


def pages(size: int) -> Iterator[tuple[str, Parser, Page]]:
    fiction = Fiction.generate(1, chapters=2, chapter_bytes=size, seed=1)
    chapter = fiction.chapters[0]
    html = chapter_page.render(fiction, chapter, SiteSwitches(), Random(1))
    url = fiction.chapter_url(chapter)
    page = Page(url, PageKind.CHAPTER, html.encode(), chapters=(str(chapter.id),))
    yield "royalroad", ROYALROAD.parser(), page
    work = LookalikeWork.generate(7, chapters=2, chapter_bytes=size)
    yield "ao3", AO3.parser(), archived.chapter(work, 1)


def text_of(parser: Parser, page: Page) -> Chapter:
    [item] = [item for item in parser.parse(page).items if isinstance(item, Chapter)]
    return item


def epub(html: str) -> bytes:
    """A text as it stands in an EPUB: valid XHTML, compressed."""
    root = parse(html)
    repair_xhtml(root)
    container = Container(_NOW)
    container.add("chapter.xhtml", as_xhtml(root).encode())
    return container.take()


def markdown(html: str) -> bytes:
    return to_markdown(html).encode()


def main() -> None:
    print("content: a chapter, beside a bare parse of its page by Lexbor")
    for size in SIZES:
        for name, parser, page in pages(size):
            html, item = page.body.decode(), text_of(parser, page)
            bare = cost(lambda html=html: LexborHTMLParser(html))  # type: ignore[misc]
            read = cost(lambda parser=parser, name=name, page=page: parse_page(parser, name, page))  # type: ignore[misc]
            clean = cost(lambda item=item: CleanText.of(item))  # type: ignore[misc]
            print(
                f"  {name:<9} {len(html) // 1000:4} kB: bare {bare:6.2f} ms, parse {read:6.2f}, sanitise, count, compare {clean:6.2f};"
                f" ratio {(read + clean) / bare:.1f} (wanted: at most 3)"
            )
            saved = CleanText.of(item).content_html
            in_epub = cost(lambda saved=saved: epub(saved))  # type: ignore[misc]
            in_markdown = cost(lambda saved=saved: markdown(saved))  # type: ignore[misc]
            print(
                f"            written: EPUB {in_epub:6.2f} ms, ratio {in_epub / bare:.1f}; Markdown {in_markdown:6.2f} ms,"
                f" ratio {in_markdown / bare:.1f}; Markdown over EPUB {in_markdown / in_epub:.2f} (wanted: at most 1.0)"
            )


if __name__ == "__main__":
    main()
