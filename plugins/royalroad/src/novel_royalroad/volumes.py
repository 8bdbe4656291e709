"""The volumes of a fiction: those in the script, then those only chapters have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from novel_core import Volume
from novel_royalroad.chapter_list import Entry
from novel_royalroad.index_page import cover_url
from novel_royalroad.raw_html import read_value
from novel_royalroad.values import identifier, words


def read_volumes(body: bytes, entries: Iterable[Entry]) -> tuple[Volume, ...]:
    """The volumes in the author's order; one without a title is named by its number."""
    volumes: dict[str, Volume] = {}
    for item in _listed(body):
        volume_id = identifier(item.get("id"))
        if volume_id and volume_id not in volumes:
            volumes[volume_id] = Volume(
                source_id=volume_id,
                title=words(item.get("title")) or f"Volume {len(volumes) + 1}",
                cover_url=cover_url(words(item.get("cover"))),
            )
    for entry in entries:
        if entry.volume_id and entry.volume_id not in volumes:
            title = f"Volume {len(volumes) + 1}"
            volumes[entry.volume_id] = Volume(source_id=entry.volume_id, title=title)
    return tuple(volumes.values())


def _listed(body: bytes) -> list[dict[str, Any]]:
    listed = read_value(body, "volumes")
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return sorted(items, key=_order)


def _order(item: dict[str, Any]) -> float:
    order = item.get("order")
    return order if isinstance(order, int) else float("inf")
