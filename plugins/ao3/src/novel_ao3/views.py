"""The kinds of the site's pages, and a page's main part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from novel_core import Document, Element, Page, PageChanged


class View(StrEnum):
    """The kind of a page, by the class of its main part."""

    INDEX = "works-navigate"
    # A work of one chapter, or all chapters of a longer one.
    WORK = "works-show"
    CHAPTER = "chapters-show"
    SERIES = "series-show"


@dataclass(frozen=True, slots=True)
class SitePage:
    """A parsed page: `main` is its own part, `workskin` the work in it."""

    page: Page
    view: View
    document: Document
    main: Element

    @property
    def workskin(self) -> Element:
        found = self.main.css_first("div#workskin")
        if found is None:
            raise PageChanged(
                "The page shows no work", url=self.page.url, selector="#main #workskin"
            )
        return found


def open_page(page: Page) -> SitePage:
    document = page.document()
    main = document.css_first("div#main")
    if main is not None:
        classes = (main.attributes.get("class") or "").split()
        for view in View:
            if view in classes:
                return SitePage(page, view, document, main)
    kinds = ", ".join(f"#main.{view}" for view in View)
    raise PageChanged("The page is of no known kind", url=page.url, selector=kinds)
