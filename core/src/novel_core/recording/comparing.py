"""The differences between two outcomes, field by field, readable for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from novel_core.recording.outcome import OF_THE_LIST, Outcome

#: Numbers that change from day to day: they differ only in type, or by more than this factor.
VOLATILE = frozenset({"statistics", "stated"})
FACTOR = 10.0

_MISSING = object()
_SHOWN = 160
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs, at `path`, such as `("novel", "authors", "0", "name")`.

    A side without the value is None.
    """

    path: Path
    expected: Any
    actual: Any

    @property
    def where(self) -> str:
        return ".".join(self.path)

    @property
    def field(self) -> str:
        """The field the value belongs to: `novel.title`, `chapter list`, `follow`, `error`, …

        `chapter` alone is a chapter that is on one side only.
        """
        match self.path:
            case ("novel", name, *_) | ("chapter", _, name, *_):
                return f"{self.path[0]}.{name}"
        return self.path[0]

    def __str__(self) -> str:
        return f"{self.where}\n  - {_shown(self.expected)}\n  + {_shown(self.actual)}"


def differences(expected: Outcome, actual: Outcome, *, volatile: bool = True) -> list[Difference]:
    """The differences of `actual` from `expected`; `volatile` if the pages are of different days.

    >>> rest = {"follow": [], "novel": None, "warnings": []}
    >>> old = {"items": [{"item": "novel", "title": "A Tale"}], **rest}
    >>> new = {"items": [{"item": "novel", "title": "A Tail"}], **rest}
    >>> print(*differences(old, new))
    novel.title
      - "A Tale"
      + "A Tail"
    """
    return list(_compare((), _by_item(expected), _by_item(actual), volatile=volatile))


def _by_item(outcome: Outcome) -> dict[str, Any]:
    """The items by kind and id: one new chapter in a list of 500 is one difference, not 500."""
    if "items" not in outcome:
        return dict(outcome)
    named: dict[str, Any] = {}
    order: list[str] = []
    for item in outcome["items"]:
        content = {name: value for name, value in item.items() if name != "item"}
        match item["item"]:
            case "novel":
                named["novel"] = content
            case "chapter_ref":
                order.append(item["source_id"])
                named.setdefault("chapter list", {})[item["source_id"]] = content
            case _:
                part = f" part {item['part']}" if item.get("part") else ""
                named.setdefault("chapter", {})[f"{item['source_id']}{part}"] = content
    if order:
        named["chapter list"]["order"] = order
    pages = {entry["url"]: entry for entry in outcome["follow"]}
    of_the_list = {name: told for name, told in outcome.items() if name in OF_THE_LIST}
    return (
        named
        | of_the_list
        | {
            "follow": pages | {"order": list(pages)},
            "novel it belongs to": outcome["novel"],
            "warnings": outcome["warnings"],
        }
    )


def _compare(path: Path, old: Any, new: Any, *, volatile: bool) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            left, right = old.get(name, _MISSING), new.get(name, _MISSING)
            yield from _compare((*path, name), left, right, volatile=volatile)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from _compare((*path, str(index)), left, right, volatile=volatile)
    elif volatile and not VOLATILE.isdisjoint(path) and _is_number(old) and _is_number(new):
        low, high = sorted((max(abs(old), 1), max(abs(new), 1)))
        if high > FACTOR * low:
            yield Difference(path, old, new)
    elif old != new:
        yield Difference(path, *(None if one is _MISSING else one for one in (old, new)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"
