"""The kinds of the site's pages, and a page's main part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from novel_ao3.urls import SiteUrls
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
    """A parsed page: `main` is its own part, `workskin` the element around preface and text."""

    page: Page
    urls: SiteUrls
    view: View
    document: Document
    main: Element

    @property
    def workskin(self) -> Element:
        found = self.main.css_first("div#workskin")
        if found is None:
            # Older software has none.
            chapters = self.main.css_first("div#chapters")
            found = chapters.parent if chapters is not None else None
        if found is None:
            raise PageChanged(
                "The page shows no work",
                url=self.page.url,
                selector="#main #workskin, #main #chapters",
            )
        return found


def open_page(page: Page, urls: SiteUrls) -> SitePage:
    document = page.document()
    main = document.css_first("div#main")
    if main is not None:
        classes = (main.attributes.get("class") or "").split()
        for view in View:
            if view in classes:
                return SitePage(page, urls, view, document, main)
    kinds = ", ".join(f"#main.{view}" for view in View)
    what = "The page is of no known kind"
    if main is None:
        what = "The page is not one of the archive's software, which its site may have replaced"
    raise PageChanged(what, url=page.url, selector=kinds)
