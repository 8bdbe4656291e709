"""What is adjusted before a fiction of this site is saved."""

from __future__ import annotations

from novel_core.hookspecs import SaveContext
from novel_core.items import Chapter, Novel
from novel_royalroad.genres import with_genre


def adjust(item: Novel | Chapter, context: SaveContext) -> Novel | Chapter | None:  # noqa: ARG001 - the hook's arguments
    """A novel with its tags sorted into genres and others; chapters are kept as they are."""
    if isinstance(item, Novel):
        return item.model_copy(update={"tags": tuple(map(with_genre, item.tags))})
    return None
