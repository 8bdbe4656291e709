"""Finding the installed plugins in the metadata of distributions, without importing them."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import EntryPoint


@dataclass(frozen=True, slots=True)
class Distribution:
    """The installed package of a plugin. `requires` are its raw `Requires-Dist` lines."""

    name: str
    version: str
    requires: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


UNKNOWN = Distribution("unknown distribution", "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An installed plugin. `entry_point` is None if the metadata that declares it cannot be read."""

    name: str
    distribution: Distribution
    entry_point: EntryPoint | None
    problem: str | None = None


def find_candidates(
    group: str, entry_points: Iterable[EntryPoint] | None = None
) -> list[Candidate]:
    """The plugins of `group` by name, from the given entry points or from all installed ones."""
    found = _installed(group) if entry_points is None else _given(group, entry_points)
    return sorted(found, key=lambda candidate: (candidate.name, candidate.distribution.name))


def _installed(group: str) -> Iterator[Candidate]:
    # Not importlib.metadata.entry_points(): it parses the entry points of everything installed, and
    # one unreadable file anywhere makes it raise.
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        try:
            if f"[{group}]" not in (distribution.read_text("entry_points.txt") or ""):
                continue
        # Not text, so not one of our plugins.
        except (OSError, ValueError):
            continue
        card = read_card(distribution)
        key = re.sub(r"[-_.]+", "-", card.name).lower()
        # An older copy, further down the path.
        if key in seen:
            continue
        seen.add(key)
        try:
            points = list(distribution.entry_points.select(group=group))
        except Exception as error:  # noqa: BLE001 - the parser raises what it meets
            yield Candidate(key, card, None, f"its entry points cannot be read: {error}")
            continue
        for point in points:
            yield Candidate(point.name, card, point)


def _given(group: str, entry_points: Iterable[EntryPoint]) -> Iterator[Candidate]:
    for point in entry_points:
        if point.group == group:
            card = UNKNOWN if point.dist is None else read_card(point.dist)
            yield Candidate(point.name, card, point)


def read_card(distribution: importlib.metadata.Distribution) -> Distribution:
    """The name, version and requirements from the headers of the metadata.

    The properties of `importlib.metadata.Distribution` parse the whole text for each, README
    included.
    """
    try:
        text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    except (OSError, ValueError):
        return UNKNOWN
    headers = HeaderParser().parsestr(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0])
    return Distribution(
        name=str(headers.get("Name", UNKNOWN.name)),
        version=str(headers.get("Version", "")),
        requires=tuple(str(line) for line in headers.get_all("Requires-Dist", [])),
    )
