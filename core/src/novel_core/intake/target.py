"""What a URL is about: the source that owns it and the source's match."""

from __future__ import annotations

from dataclasses import dataclass

from novel_core.plugin import Site
from novel_core.registry import Registry
from novel_core.source import SourceInfo, UrlMatch
from novel_core.states import ADOPTION, RECENT


@dataclass(frozen=True, slots=True)
class Target:
    """A URL as it was given, the source that owns it, and the source's match.

    `source` is the name under which its novels are stored. `site` is set for a site of a family, and whether a package ships it: its first submission
    stores it. With `is_recent_list` it is the source's list of recent changes.
    """

    url: str
    source: str
    match: UrlMatch
    info: SourceInfo
    site: Site | None = None
    is_shipped: bool = False
    is_recent_list: bool = False

    @property
    def kind(self) -> str:
        """The kind of its job."""
        if self.is_recent_list:
            return RECENT
        return ADOPTION if self.source == ADOPTION else self.match.kind


def resolve(registry: Registry, url: str) -> Target:
    """Return what `url` is about. Needs no server, but the database where no package names the host.

    Raise InvalidUrl, UnsupportedUrl, AmbiguousUrl or PluginError where no source owns it.

    >>> resolve(registry, "https://toy.example/works/1").match.novel_id
    '1'
    """
    resolved = registry.resolve(url)
    site = resolved.source.site
    is_shipped = site is not None and registry.is_shipped(site)
    found = resolved.source
    return Target(url.strip(), found.name, resolved.match, found.info, site, is_shipped)
