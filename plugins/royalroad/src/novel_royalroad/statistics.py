"""The statistics on a fiction's page; a missing number is None, never 0."""

from __future__ import annotations

import re
from itertools import pairwise

from novel_core import Element, Statistics, texts
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


def read_statistics(section: Element) -> Statistics:
    """The statistics of both layouts, which have a label and then its number."""
    counts: dict[str, int | None] = {}
    scores: dict[str, float] = {}
    stripped = (text.strip(": \n\t\r\u00a0") for text in texts(section))
    for label, value in pairwise(filter(None, stripped)):
        name = label.lower()
        if name in _FIELDS:
            counts[_FIELDS[name]] = count(value)
        else:
            _add_score(scores, name, value)
    tooltips: list[str] = []
    for element in section.css("[data-content]:not([data-rr-tooltip]), [data-rr-tooltip]"):
        attributes = element.attributes
        content = attributes.get("data-content") or ""
        name = (attributes.get("data-original-title") or "").strip().lower()
        _add_score(scores, name, content)
        tooltips += [content, attributes.get("data-rr-tooltip") or ""]
    words = next(filter(None, map(_WORDS.search, tooltips)), None)
    counts["words"] = count(words[1]) if words else None
    return Statistics.model_validate({**counts, "scores": scores})


def _add_score(scores: dict[str, float], label: str, text: str) -> None:
    value = score(text) if label.endswith(_SCORE) else None
    if value is not None:
        scores[label.removesuffix(_SCORE)] = value
