"""The family of archives that run otwarchive, the software of Archive of Our Own."""

from __future__ import annotations

from pathlib import Path

from novel_ao3.source import OtwSource
from novel_core import (
    Family,
    Page,
    Recognition,
    Site,
    Source,
    read_refused_hosts,
    read_sites,
)

_SITES = (Path(__file__).parent / "sites.toml").read_text(encoding="utf-8")


class OtwArchive(Family):
    name = "otw"
    title = "OTW Archive"
    sites = read_sites(_SITES)
    refused_hosts = read_refused_hosts(_SITES)

    def recognise(self, page: Page) -> Recognition | None:
        from novel_ao3.recognition import recognise

        return recognise(page)

    def source(self, site: Site) -> Source:
        return OtwSource(site)
