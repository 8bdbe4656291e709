"""The parser: a page of a thread's list of threadmarks, or one with its posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from novel_core import (
    ChapterRef,
    Element,
    Follow,
    Item,
    Page,
    PageChanged,
    PageKind,
    Parsed,
    Parser,
    Stated,
    Statistics,
    select,
    text_of,
)
from novel_xenforo import outcomes
from novel_xenforo.follows import is_of_list, list_follows, missing_follows, text_follows
from novel_xenforo.header import cover_of, read_novel
from novel_xenforo.listing import ThreadmarkList
from novel_xenforo.posts import posts_on, read_chapters
from novel_xenforo.urls import Addresses, post_in
from novel_xenforo.views import ForumPage, count_of, moment_of, open_page, time_of

_LINK = ".structItem-title a[href]"


class ReaderOptions(Protocol):
    """Where the forum shows the texts."""

    @property
    def has_reader(self) -> bool: ...

    @property
    def reader_posts(self) -> int: ...


class XenForoParser(Parser):
    version = "1"

    def __init__(self, addresses: Addresses, options: ReaderOptions) -> None:
        self._addresses = addresses
        self._reader_posts = max(1, options.reader_posts) if options.has_reader else 0

    def check(self, page: Page) -> None:
        outcomes.check(page)

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.IMAGE:
            return Parsed()
        outcomes.check(page)
        view = open_page(page)
        self._check_thread(view)
        return self._list(view) if page.kind is PageKind.INDEX else self._posts(view)

    def _check_thread(self, view: ForumPage) -> None:
        """PageChanged for a page of another thread. A novel that has moved is the engine's matter."""
        page = view.page
        asked = self._addresses.match(page.requested_url or page.url)
        is_start = page.kind is PageKind.INDEX and not page.position
        if asked and asked.novel_id not in (None, view.thread) and not is_start:
            raise PageChanged(
                f"The page is of thread {view.thread}, not of {asked.novel_id}.", url=page.url
            )

    def _list(self, view: ForumPage) -> Parsed:
        marks = ThreadmarkList(view)
        match = self._addresses.novel(view.thread)
        if not is_of_list(view.page, marks):
            warning = f"The forum shows category {marks.category} instead of another one."
            return Parsed(novel=match, warnings=(warning,))
        refs = list(self._refs(marks))
        _check_rows(marks, refs)
        follow = [*text_follows(marks, refs, self._reader_posts), *list_follows(marks)]
        items: list[Item] = [ref for ref, _ in refs]
        if not view.page.position:
            items.insert(0, read_novel(marks, match))
            if cover := cover_of(marks):
                follow.append(Follow.image(cover))
        stated = [] if marks.stated is None else [Stated(marks.stated, name=marks.name)]
        return Parsed(
            items=items,
            follow=follow,
            novel=match,
            warnings=tuple(_warnings(marks, refs)),
            stated=stated,
        )

    def _refs(self, marks: ThreadmarkList) -> Iterator[tuple[ChapterRef, Element]]:
        has_volumes = len(marks.categories) > 1
        for row in marks.rows:
            links = select(row, _LINK)
            post = next(filter(None, map(_post_of, links)), None)
            if post is None:
                continue
            words = next(map(text_of, select(row, ".structItem-cell--meta dd")), "")
            posted = moment_of(row.attributes.get("data-content-date"))
            values = {
                "source_id": post,
                "title": text_of(links[0]),
                "url": self._addresses.post_of_thread(marks.view.thread, post),
                "volume_id": marks.category if has_volumes else None,
                "published_at": posted or time_of(row.css_first("time")),
                "statistics": Statistics(words=count_of(words)) if words else None,
            }
            yield ChapterRef.model_validate(values), links[0]

    def _posts(self, view: ForumPage) -> Parsed:
        posts = posts_on(view)
        chapters, warnings = read_chapters(view, posts, self._addresses)
        return Parsed(
            items=chapters,
            follow=list(missing_follows(view, posts, self._addresses)),
            novel=self._addresses.novel(view.thread),
            warnings=tuple(warnings),
        )


def _post_of(link: Element) -> str | None:
    values = link.attributes
    return post_in(values.get("data-preview-url") or "") or post_in(values.get("href") or "")


def _check_rows(marks: ThreadmarkList, refs: Sequence[tuple[ChapterRef, Element]]) -> None:
    """PageChanged for a page whose rows are missing, or cannot be read."""
    if refs:
        return
    if marks.rows:
        raise PageChanged("No threadmark names its post", url=marks.view.page.url, selector=_LINK)
    if marks.stated:
        raise PageChanged(
            f"The forum states {marks.stated:,} threadmarks and the list shows none",
            url=marks.view.page.url,
            selector=".structItem--threadmark",
        )


def _warnings(marks: ThreadmarkList, refs: Sequence[tuple[ChapterRef, Element]]) -> Iterator[str]:
    if unread := len(marks.rows) - len(refs):
        yield f"{unread} of {len(marks.rows)} threadmarks name no post."
    if marks.hidden:
        yield "The list hides some of its threadmarks."
