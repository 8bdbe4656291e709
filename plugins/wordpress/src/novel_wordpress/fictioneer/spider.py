"""The spider of Fictioneer sites."""

from __future__ import annotations

from novel_core import NovelSpider, Page
from novel_wordpress.fictioneer import walls


class FictioneerSpider(NovelSpider):
    """Requests what the parser names."""

    name = "fictioneer"

    def check(self, page: Page) -> None:
        walls.check(page)
