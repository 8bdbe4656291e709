"""The pages to request: further pages of the list, and those with the texts.

A reader page shows about ten marked posts, so the place in the list tells the likely page. It may
have nine or eleven: what is missing there is looked for on the page beside it, then at its own post.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from novel_core import ChapterRef, Element, Follow, Page, PageKind
from novel_xenforo.listing import ThreadmarkList
from novel_xenforo.posts import Post
from novel_xenforo.urls import Addresses, Route
from novel_xenforo.views import ForumPage

#: Positions between two categories: more than one has pages.
_APART = 1000


def list_follows(marks: ThreadmarkList) -> Iterator[Follow]:
    """The further pages of this category, and on the novel's page the other categories.

    New threadmarks are on the last page, so that is read before those between.
    """
    base = _whole(marks.view.page.context, "base")
    context = {"base": base, "category": marks.category}
    pages = list(marks.pages())
    between = pages[:-1] if marks.page == 1 and marks.stated else []
    for number, size in pages[len(between) :]:
        rest = {"between": [list(one) for one in between]} if between else {}
        yield Follow(
            marks.address(number, size),
            PageKind.INDEX,
            position=base + number,
            context=context | rest,
        )
    for number, size in _between(marks):
        yield Follow(
            marks.address(number, size),
            PageKind.INDEX,
            position=base + number,
            context=context,
            unless_held=marks.stated or 0,
        )
    if marks.view.page.position:
        return
    for place, one in enumerate(marks.categories, 1):
        if one.id != marks.category:
            base = place * _APART
            yield Follow(
                marks.address(1, marks.largest_size, one.id),
                PageKind.INDEX,
                position=base,
                context={"base": base, "category": one.id},
            )


def _between(marks: ThreadmarkList) -> Iterator[tuple[int, int]]:
    """The pages before the last one, on that: number and size."""
    given = marks.view.page.context.get("between")
    for one in given if isinstance(given, list) else ():
        match one:
            case [int(number), int(size)]:
                yield number, size


def text_follows(
    marks: ThreadmarkList, refs: Sequence[tuple[ChapterRef, Element]], reader_posts: int
) -> Iterator[Follow]:
    """The reader pages with the texts of the rows; where the forum has none, the thread's pages."""
    first = (marks.page - 1) * marks.size
    if not reader_posts:
        yield from _thread_follows(marks, refs)
        return
    reader = marks.reader
    total = marks.stated or 0
    numbered = enumerate((ref for ref, _ in refs), first)
    for page, group in groupby(numbered, lambda pair: pair[0] // reader_posts + 1):
        places, chapters = zip(*group, strict=True)
        context = {"start": places[0], "ids": [ref.source_id for ref in chapters], "total": total}
        yield Follow.chapters_on(str(reader.at_page(page)), chapters, context=context)


def _thread_follows(
    marks: ThreadmarkList, refs: Sequence[tuple[ChapterRef, Element]]
) -> Iterator[Follow]:
    """The thread's pages that the rows link to; several rows of a page are one request."""
    thread = marks.view.thread_address
    for ref, link in refs:
        url = marks.view.document.absolute(link.attributes.get("href"))
        route = Route.of(url) if url else None
        is_below = route is not None and route.thread == thread
        yield Follow.chapter(ref) if not is_below else Follow.chapters_on(str(route), (ref,))


def missing_follows(
    view: ForumPage, posts: Mapping[str, Post], addresses: Addresses
) -> Iterator[Follow]:
    """Where to look for the chapters that the page was requested for and lacks."""
    page = view.page
    here = Route.of(page.requested_url or page.url)
    missing = [chapter for chapter in page.chapters if chapter not in posts]
    if not missing or "/reader" not in here.path:
        return
    assigned = {chapter: place for place, chapter in enumerate(page.context.get("ids", ()))}
    elsewhere: dict[int, list[str]] = {}
    for chapter in missing:
        number = _likely_page(view, here.page, page.chapters, chapter, assigned, posts)
        if number is None:
            yield _at_its_post(view, addresses, chapter)
        else:
            elsewhere.setdefault(number, []).append(chapter)
    for number, chapters in elsewhere.items():
        yield Follow(str(here.at_page(number)), PageKind.CHAPTER, chapters=tuple(chapters))


def _likely_page(
    view: ForumPage,
    here: int,
    asked: Sequence[str],
    chapter: str,
    assigned: Mapping[str, int],
    posts: Mapping[str, Post],
) -> int | None:
    """The reader page that has a chapter by its place in the list; None if that was this page."""
    if chapter not in assigned:
        # Looked for on another page before.
        return None
    place = _whole(view.page.context, "start") + assigned[chapter]
    last = _last_page(view)
    total = _whole(view.page.context, "total")
    size = max(1, -(-total // last)) if last > 1 else len(posts)
    guess = place // size + 1
    if guess == here:
        came_later = any(one in posts for one in asked[asked.index(chapter) :])
        guess = here - 1 if came_later else here + 1
    return guess if 1 <= guess <= max(last, here) and guess != here else None


def _last_page(view: ForumPage) -> int:
    numbers = [
        int(text)
        for link in view.document.css(".pageNav-page a")
        if (text := (link.text() or "").strip()).isascii() and text.isdigit() and len(text) < 7  # noqa: PLR2004
    ]
    return max([1, *numbers])


def _at_its_post(view: ForumPage, addresses: Addresses, chapter: str) -> Follow:
    url = addresses.post_of_thread(view.thread, chapter)
    return Follow(url, PageKind.CHAPTER, chapters=(chapter,))


def _whole(context: Mapping[str, Any], name: str) -> int:
    value = context.get(name, 0)
    return value if isinstance(value, int) else 0


def is_of_list(page: Page, marks: ThreadmarkList) -> bool:
    """Whether the forum shows the category that was asked for."""
    return bool(page.context.get("category", marks.category) == marks.category)
