"""Rate groups: which hosts share one request rate, and how fast each group may be asked.

A host is one machine for all sources, and an operator may serve many hosts from one. So the pace
is kept by group: that of a source is its homepage's host, or the one that its Politeness names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from novel_core.crawl.pacing import LocalPacer, Pacer
from novel_core.settings import Settings, SourceOverride
from novel_core.source import Politeness, SourceInfo

#: Requests per second to hosts that are not the source's own (images).
FOREIGN_RATE = 1.0


def politeness_of(info: SourceInfo, settings: Settings) -> Politeness:
    """The plugin's politeness with the overrides of the settings."""
    override = settings.source(info.name, info.family)
    return replace(
        info.politeness,
        **override.model_dump(exclude_none=True, exclude={"options", "confirm_gates"}),
    )


def rate_groups(info: SourceInfo) -> dict[str, str]:
    """The rate group of each of the source's hosts. Another host is a group of its own.

    >>> info = SourceInfo("a", "A", "https://a.example", ("a.example", "www.a.example"),
    ...                   host_politeness={"api.example": Politeness()})
    >>> rate_groups(info)
    {'a.example': 'a.example', 'www.a.example': 'a.example', 'api.example': 'api.example'}
    """
    own = info.politeness.rate_group or urlsplit(info.homepage).hostname or info.name
    others = {host: pace.rate_group or host for host, pace in info.host_politeness.items()}
    return dict.fromkeys(info.domains, own) | others


def group_of(info: SourceInfo, url: str) -> str:
    """The rate group of the host of `url`."""
    host = urlsplit(url).hostname or ""
    return rate_groups(info).get(host, host)


def rates_of(info: SourceInfo, settings: Settings) -> dict[str, float]:
    """The requests per second of each rate group of the source; 0 means no limit."""
    groups = rate_groups(info)
    rates: dict[str, float] = {}
    override = settings.source(info.name, info.family)
    for host, rate in _rates(info, politeness_of(info, settings), override):
        rates[groups[host]] = _slower(rate, rates.get(groups[host], 0.0))
    return rates


def make_pacer(info: SourceInfo, settings: Settings, redis_url: str | None = None) -> Pacer:
    """The pacer of a source: one rate for each group of its hosts, and one for every other host.

    Shared through Redis where `redis_url` is given and a rate is limited.
    """
    politeness = politeness_of(info, settings)
    groups = rate_groups(info)
    group_rates = rates_of(info, settings)
    foreign_rate = FOREIGN_RATE if politeness.requests_per_second else 0.0

    def rates(host: str) -> tuple[str, float]:
        group = groups.get(host, host)
        return group, group_rates.get(group, foreign_rate)

    if redis_url is None or not any(group_rates.values()):
        return LocalPacer(rates, politeness.jitter)
    # Here, because the import takes 0.1 s.
    from novel_core.crawl.shared_pacing import SharedPacer

    return SharedPacer(redis_url, rates, politeness.jitter)


def _rates(
    info: SourceInfo, politeness: Politeness, override: SourceOverride
) -> Iterator[tuple[str, float]]:
    """The rate of each of the source's hosts. The rate of the settings is the highest for each."""
    highest = override.requests_per_second
    for host in info.domains:
        if host not in info.host_politeness:
            yield host, politeness.requests_per_second
    for host, pace in info.host_politeness.items():
        rate = pace.requests_per_second
        yield host, _slower(rate, highest) if highest else rate if highest is None else 0.0


def _slower(one: float, other: float) -> float:
    """The lower one of two rates; 0 means no limit.

    >>> _slower(1.0, 0.0), _slower(2.0, 0.5)
    (1.0, 0.5)
    """
    return min(one, other) if one and other else one or other
