"""The family of WordPress sites."""

from __future__ import annotations

from novel_core import Family, Page, Recognition, Site, Source
from novel_wordpress.signs import recognise


class WordPress(Family):
    """Every site that runs WordPress."""

    name = "wordpress"
    title = "WordPress"

    def recognise(self, page: Page) -> Recognition | None:
        return recognise(page)

    def source(self, site: Site) -> Source:
        from novel_wordpress.source import WordPressSource

        return WordPressSource(site)
