"""The markup of the page at a route, in either layout."""

from __future__ import annotations

import html
import random
from dataclasses import dataclass

from novel_royalroad_lookalike import (
    chapter_page,
    error_pages,
    fiction_page,
    redesign_page,
)
from novel_royalroad_lookalike.library import Fiction, Library, LookalikeChapter
from novel_royalroad_lookalike.routes import Kind, Route
from novel_royalroad_lookalike.switches import SiteSwitches


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the library: a fiction's, or with `chapter` a chapter's."""

    fiction: Fiction
    chapter: LookalikeChapter | None = None

    @property
    def path(self) -> str:
        """The page's true address."""
        if self.chapter is None:
            return self.fiction.path
        return self.fiction.chapter_path(self.chapter)


class Pages:
    """Finds and renders. Bytes, since that is what is sent."""

    def __init__(self, library: Library, switches: SiteSwitches) -> None:
        self._library = library
        self._switches = switches
        # The source of the hidden sentences: a new one for each request, the same ones in each run.
        self._random = random.Random(0)  # noqa: S311 - not a secret

    def find(self, route: Route) -> Found | None:
        if route.kind is Kind.FICTION:
            fiction = self._library.fictions.get(route.id)
            return Found(fiction) if fiction else None
        if route.kind is not Kind.CHAPTER:
            return None
        held = self._library.find_chapter(route.id)
        return None if held is None or held[1].removed else Found(*held)

    def render(self, found: Found, *, redesign: bool = False) -> bytes:
        fiction, chapter = found.fiction, found.chapter
        if chapter is None:
            page = redesign_page.fiction if redesign else fiction_page.render
            return page(fiction, self._switches).encode()
        body = redesign_page.chapter if redesign else chapter_page.render
        return body(fiction, chapter, self._switches, self._random).encode()

    def image(self, path: str) -> bytes:
        return self._library.image(path)

    def home(self) -> bytes:
        """A list of what there is, for a person who looks around."""
        links = "".join(
            f'<li><a href="{html.escape(Found(fiction).path)}">{html.escape(fiction.title)}</a></li>'
            for fiction in self._library.fictions.values()
        )
        return f"<!DOCTYPE html><html><head><title>Home | Royal Road</title></head><body><ul>{links}</ul></body></html>".encode()

    @staticmethod
    def not_found() -> bytes:
        return error_pages.not_found().encode()
