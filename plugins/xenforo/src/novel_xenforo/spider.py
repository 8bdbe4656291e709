"""The spider: pages that are not the one requested are known before the parser sees them."""

from __future__ import annotations

from novel_core import NovelSpider, Page
from novel_xenforo import outcomes


class XenForoSpider(NovelSpider):
    name = "xenforo"

    def check(self, page: Page) -> None:
        outcomes.check(page)
