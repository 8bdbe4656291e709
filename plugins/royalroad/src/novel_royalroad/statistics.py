"""The numbers of a fiction's page: a missing one is None, never 0."""

from __future__ import annotations

import re
from itertools import pairwise

from novel_core.items import Statistics
from novel_core.lxml_document import Element, elements, strings
from novel_royalroad.values import count, score

_FIELDS = {
    "total views": "views",
    "average views": "average_views",
    "followers": "followers",
    "favorites": "favorites",
    "ratings": "ratings",
    "pages": "pages",
}
_SCORE = " score"
_WORDS = re.compile(r"\bfrom ([0-9][0-9,]*) words")

_TEXTS = strings("descendant::text()[not(parent::style) and not(parent::script)]")
_SCORED = elements("descendant::*[@data-original-title and @data-content]")
_TOOLTIPS = strings("descendant::*/@data-content | descendant::*/@data-rr-tooltip")


def read_statistics(section: Element) -> Statistics:
    """Both layouts put a label first and its number next."""
    counts: dict[str, int | None] = {}
    scores: dict[str, float] = {}
    stripped = (text.strip(": \n\t\r\u00a0") for text in _TEXTS(section))
    for label, value in pairwise(filter(None, stripped)):
        name = label.lower()
        if name in _FIELDS:
            counts[_FIELDS[name]] = count(value)
        else:
            _add_score(scores, name, value)
    for element in _SCORED(section):
        name = element.get("data-original-title", "").strip().lower()
        _add_score(scores, name, element.get("data-content", ""))
    words = next(filter(None, map(_WORDS.search, _TOOLTIPS(section))), None)
    counts["words"] = count(words[1]) if words else None
    return Statistics.model_validate({**counts, "scores": scores})


def _add_score(scores: dict[str, float], label: str, text: str) -> None:
    value = score(text) if label.endswith(_SCORE) else None
    if value is not None:
        scores[label.removesuffix(_SCORE)] = value
