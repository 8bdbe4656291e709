"""The family of WordPress sites."""

from __future__ import annotations

from importlib import resources

from novel_core import Family, Page, Recognition, Site, Source, read_refused_hosts, read_sites


class WordPress(Family):
    """Every site that runs WordPress; those at WordPress.com without anybody adding them."""

    name = "wordpress"
    title = "WordPress"
    host_patterns = ("*.wordpress.com",)

    def __init__(self) -> None:
        text = resources.files(__package__).joinpath("sites.toml").read_text(encoding="utf-8")
        self.sites = read_sites(text)
        self.refused_hosts = read_refused_hosts(text)

    def recognise(self, page: Page) -> Recognition | None:
        from novel_wordpress.signs import recognise

        return recognise(page)

    def source(self, site: Site) -> Source:
        from novel_wordpress.source import WordPressSource

        return WordPressSource(site)
