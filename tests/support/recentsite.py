"""The toy site with its list of recent changes."""

from __future__ import annotations

from collections.abc import Sequence

from toysite import ROOT, ToySource

from novel_core import Source, hookimpl


class RecentSource(ToySource):
    def recent_list(self) -> str | None:
        return f"{ROOT}/recent"


@hookimpl
def novel_sources() -> Sequence[Source]:
    return (RecentSource(),)
