"""How Royal Road is fetched."""

from __future__ import annotations

from typing import ClassVar

from novel_core.crawl.spider import NovelSpider
from novel_core.page import Page
from novel_royalroad import walls


class RoyalRoadSpider(NovelSpider):
    """Asks for the older of the site's two layouts, the one whose markup is known in full."""

    name = "royalroad"
    cookies: ClassVar[dict[str, str]] = {"rr_ui_mode": "legacy"}

    def check(self, page: Page) -> None:
        walls.check(page)
