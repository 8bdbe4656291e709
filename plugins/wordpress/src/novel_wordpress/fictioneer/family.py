"""The family of sites that run Fictioneer."""

from __future__ import annotations

from novel_core import Family, Page, Recognition, Site, Source
from novel_wordpress.fictioneer.source import FictioneerSource


class Fictioneer(Family):
    """Every site that runs the theme. It ships none: many publish texts without a licence."""

    name = "fictioneer"
    title = "Fictioneer"

    def recognise(self, page: Page) -> Recognition | None:
        from novel_wordpress.fictioneer.recognition import recognise

        return recognise(page)

    def source(self, site: Site) -> Source:
        return FictioneerSource(site)
