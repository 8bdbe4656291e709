"""What a URL is about: the source that owns it and the source's match."""

from __future__ import annotations

from dataclasses import dataclass

from novel_core.registry import Registry
from novel_core.source import UrlMatch


@dataclass(frozen=True, slots=True)
class Target:
    """A URL as it was given, the name of the source that owns it, and the source's match."""

    url: str
    source: str
    match: UrlMatch


def resolve(registry: Registry, url: str) -> Target:
    """Return what `url` is about. Needs no server.

    Raise InvalidUrl, UnsupportedUrl, AmbiguousUrl or PluginError where no source owns it.

    >>> resolve(registry, "https://toy.example/works/1").match.novel_id
    '1'
    """
    resolved = registry.resolve(url)
    return Target(url.strip(), resolved.source.name, resolved.match)
