"""The spider of WordPress sites: recognises the pages that are not what was requested."""

from __future__ import annotations

from novel_core import NovelSpider, Page
from novel_wordpress import walls


class WordPressSpider(NovelSpider):
    """Requests what the parser names."""

    name = "wordpress"

    def check(self, page: Page) -> None:
        walls.check(page)
