"""One novel from the several pages of a job that each tell something of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from novel_core.items import Novel, Statistics

#: The fields that a later page may tell; `base_url` belongs to the description.
_TOLD = tuple(name for name in Novel.model_fields if name not in {"base_url", "statistics"})


def merged(found: Sequence[tuple[Novel, str]]) -> Novel:
    """One novel of all, each with the URL of its page: the first that tells a field gives it.

    A list is taken as a whole from the first novel that has any entry, statistics number by number.

    >>> page = "https://example.org/n/1"
    >>> short = Novel(source_id="1", url=page, title="Home")
    >>> long = Novel(source_id="1", url=page, title="Home | Page 2", type="Original")
    >>> novel = merged([(short, page), (long, page)])
    >>> novel.title, novel.type
    ('Home', 'Original')
    """
    (first, _), *others = found
    values: dict[str, Any] = {}
    for novel, page_url in others:
        for name in _TOLD:
            if not values.get(name, getattr(first, name)) and (value := getattr(novel, name)):
                values[name] = value
                if name == "description_html":
                    # Its relative URLs are of the page that has it.
                    values["base_url"] = novel.base_url or page_url
    values["statistics"] = _statistics([novel.statistics for novel, _ in found])
    return first.model_copy(update=values)


def _statistics(found: Sequence[Statistics]) -> Statistics:
    values: dict[str, Any] = {}
    for statistics in reversed(found):
        told = statistics.model_dump(exclude_none=True)
        for name in ("scores", "other"):
            told[name] = values.get(name, {}) | told[name]
        values |= told
    return Statistics.model_validate(values)
