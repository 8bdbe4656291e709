"""The spider of Royal Road."""

from __future__ import annotations

from typing import ClassVar

from novel_core import NovelSpider, Page
from novel_royalroad import walls


class RoyalRoadSpider(NovelSpider):
    """A spider that requests the older of the site's two layouts, which is known completely."""

    name = "royalroad"
    cookies: ClassVar[dict[str, str]] = {"rr_ui_mode": "legacy"}

    def check(self, page: Page) -> None:
        walls.check(page)
