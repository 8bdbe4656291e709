"""Texts of the page as values; None if a text is not one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from novel_core import Element

# A longer number cannot be stored, nor be true.
_NUMBER = re.compile(r"[0-9][0-9,]{0,23}")
_SCORE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:\s*/\s*5)?")
_BEST_SCORE = 5.0


def count(text: str) -> int | None:
    """`216,070` as a number."""
    text = text.strip()
    return int(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def score(text: str) -> float | None:
    """`4.52 / 5` as a number. The site's lowest score is 0.5; it shows 0 for none."""
    found = _SCORE.fullmatch(text.strip())
    value = float(found[1]) if found else 0.0
    return value if 0 < value <= _BEST_SCORE else None


def words(value: object) -> str:
    """A text of a script in one line, without NUL and surrogates; empty if it is not a text."""
    if not isinstance(value, str):
        return ""
    return " ".join(value.replace("\x00", "").encode("utf-8", "replace").decode().split())


def identifier(value: object) -> str | None:
    """A positive number, or its digits, as an id; else None."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = str(value).strip().lstrip("0")
    return digits if digits.isascii() and digits.isdigit() else None


def moment(text: object) -> datetime | None:
    """An ISO time; without a zone it is in UTC, as all times of the site are."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def moment_of(element: Element) -> datetime | None:
    """The time of a `<time>`: its Unix time, else its ISO time, which has several formats."""
    try:
        return datetime.fromtimestamp(int(element.attributes.get("unixtime") or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return moment(element.attributes.get("datetime"))
