"""The look-alike's pages as the engine archives them, for tests of the parser without a server."""

from __future__ import annotations

from novel_ao3_lookalike import list_pages, work_page
from novel_ao3_lookalike.library import HOST, LookalikeSeries, LookalikeWork
from novel_ao3_lookalike.switches import SiteSwitches
from novel_core import Page, PageKind

_WORKS = f"https://{HOST}/works"
_PLAIN = SiteSwitches()


def page(body: str, url: str, kind: PageKind = PageKind.INDEX, **options: object) -> Page:
    return Page(url=url, kind=kind, body=body.encode(), **options)  # type: ignore[arg-type]


def index(work: LookalikeWork, *, requested: str | None = None) -> Page:
    """A work's chapter index; `requested` is its canonical address unless it was saved before."""
    address = f"{_WORKS}/{work.id}"
    text = list_pages.navigate(work)
    return page(text, f"{address}/navigate", requested_url=requested or address)


def whole(
    work: LookalikeWork, *, chapters: tuple[str, ...] = (), switches: SiteSwitches = _PLAIN
) -> Page:
    """The page with the whole work, requested after the index."""
    show = work_page.one_shot if work.is_one_shot else work_page.full
    ids = chapters or tuple(str(chapter.id) for chapter in work.chapters)
    url = f"{_WORKS}/{work.id}?view_full_work=true&view_adult=true"
    return page(show(work, switches), url, chapters=ids, position=1)


def chapter(
    work: LookalikeWork,
    number: int,
    kind: PageKind = PageKind.CHAPTER,
    *,
    switches: SiteSwitches = _PLAIN,
) -> Page:
    """The page of a work's chapter; `number` counts from 1."""
    found = work.chapters[number - 1]
    url = f"{_WORKS}/{work.id}/chapters/{found.id}?view_adult=true"
    text = work_page.one_chapter(work, found, switches)
    return page(text, url, kind, chapters=(str(found.id),))


def series(one: LookalikeSeries, works: list[LookalikeWork], number: int = 1) -> Page:
    url = f"https://{HOST}/series/{one.id}" + (f"?page={number}" if number > 1 else "")
    return page(list_pages.series(one, works, number), url, position=number - 1)
