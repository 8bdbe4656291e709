"""A source's request rate, by plugin and settings, and the pacer made of it."""

from __future__ import annotations

from dataclasses import replace

from novel_core.crawl.pacing import LocalPacer, Pacer
from novel_core.settings import Settings, SourceOverride
from novel_core.source import Politeness, SourceInfo

#: Requests per second to hosts that are not the source's own (images).
FOREIGN_RATE = 1.0


def politeness_of(info: SourceInfo, settings: Settings) -> Politeness:
    """The plugin's politeness with the overrides of the settings."""
    override = settings.sources.get(info.name) or SourceOverride()
    return replace(info.politeness, **override.model_dump(exclude_none=True))


def make_pacer(info: SourceInfo, settings: Settings, redis_url: str | None = None) -> Pacer:
    """The pacer of a source: its hosts are one site, every other host is a site of its own.

    Shared through Redis where `redis_url` is given and the rate is limited.
    """
    politeness = politeness_of(info, settings)
    rate = politeness.requests_per_second
    foreign_rate = FOREIGN_RATE if rate else 0.0

    def rates(host: str) -> tuple[str, float]:
        return ("", rate) if host in info.domains else (host, foreign_rate)

    if redis_url is None or not rate:
        return LocalPacer(rates, politeness.jitter)
    # Here, because the import takes 0.1 s.
    from novel_core.crawl.shared_pacing import SharedPacer

    return SharedPacer(redis_url, info.name, rates, politeness.jitter)
