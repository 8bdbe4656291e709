"""The look-alike's pages as the engine archives them: for tests of the parser that need no server."""

from __future__ import annotations

from novel_ao3 import urls
from novel_ao3.lookalike import list_pages, work_page
from novel_ao3.lookalike.library import LookalikeSeries, LookalikeWork
from novel_ao3.lookalike.switches import SiteSwitches
from novel_core.page import Page
from novel_core.source import PageKind

_PLAIN = SiteSwitches()


def page(body: str, url: str, kind: PageKind = PageKind.INDEX, **options: object) -> Page:
    return Page(url=url, kind=kind, body=body.encode(), **options)  # type: ignore[arg-type]


def index(work: LookalikeWork, *, requested: str | None = None) -> Page:
    """A work's chapter index; `requested` is its canonical address unless it was saved before."""
    asked = requested or urls.work_url(str(work.id))
    return page(list_pages.navigate(work), urls.index_url(str(work.id)), requested_url=asked)


def whole(
    work: LookalikeWork, *, chapters: tuple[str, ...] = (), switches: SiteSwitches = _PLAIN
) -> Page:
    """All of a work on one page, asked for beside the index."""
    show = work_page.one_shot if work.is_one_shot else work_page.full
    asked = chapters or tuple(str(chapter.id) for chapter in work.chapters)
    url = urls.with_adult_pass(urls.whole_url(str(work.id)))
    return page(show(work, switches), url, chapters=asked, position=1)


def chapter(
    work: LookalikeWork,
    number: int,
    kind: PageKind = PageKind.CHAPTER,
    *,
    switches: SiteSwitches = _PLAIN,
) -> Page:
    """The page of a work's chapter; `number` counts from 1."""
    found = work.chapters[number - 1]
    url = urls.with_adult_pass(urls.chapter_url(str(work.id), str(found.id)))
    text = work_page.one_chapter(work, found, switches)
    return page(text, url, kind, chapters=(str(found.id),))


def series(one: LookalikeSeries, works: list[LookalikeWork], number: int = 1) -> Page:
    url = urls.series_url(str(one.id), number)
    return page(list_pages.series(one, works, number), url, position=number - 1)
