"""Which of the site's pages a page is, and its main part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from novel_core.errors import PageChanged
from novel_core.lxml_document import Element, clean_body, elements, parse_tree
from novel_core.page import Page

_MAIN = elements("//div[@id='main']")
_WORKSKIN = elements(".//div[@id='workskin']")


class View(StrEnum):
    """By the class of the main part."""

    INDEX = "works-navigate"
    WORK = "works-show"  # a work of one chapter, or all chapters of a longer one
    CHAPTER = "chapters-show"
    SERIES = "series-show"


@dataclass(frozen=True, slots=True)
class Opened:
    """A page as read: `main` its own part, `workskin` the work in it, `body` the bytes it was made of."""

    page: Page
    view: View
    main: Element
    body: bytes

    @property
    def workskin(self) -> Element:
        found = _WORKSKIN(self.main)
        if not found:
            raise PageChanged(
                "The page shows no work", url=self.page.url, selector="#main #workskin"
            )
        return found[0]


def open_page(page: Page) -> Opened:
    body = clean_body(page)
    for main in _MAIN(parse_tree(body, page.url))[:1]:
        classes = main.get("class", "").split()
        for view in View:
            if view in classes:
                return Opened(page, view, main, body)
    kinds = ", ".join(f"#main.{view}" for view in View)
    raise PageChanged("The page is of no known kind", url=page.url, selector=kinds)
