"""JSON values with one of their parts missing, null, empty, of another type, or cut off."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

Path = tuple[str | int, ...]
_MISSING = object()


def mutations(value: Any, generator: random.Random) -> Iterator[tuple[str, Any]]:
    """What is wrong, and the value with that: first the keys near its top.

    Entries of a list are alike: one of them is changed, then all of them.

    >>> found = dict(mutations({"id": 7, "list": [{"n": "1"}, {}]}, random.Random(1)))
    >>> found["id is missing"], found["id is a number as text, or a text as number"]
    ({'list': [{'n': '1'}, {}]}, {'id': '7', 'list': [{'n': '1'}, {}]})
    >>> found["list[] is null (all of 2)"], found["list[].n is in a list"]
    ({'id': 7, 'list': [None, None]}, {'id': 7, 'list': [{'n': ['1']}, {}]})
    """
    yield "it is null", None
    yield "it is an empty list", []
    yield "it is an empty object", {}
    yield "it is of another type", _other_type(value)
    queues = [
        _of_places(value, shape, places, generator) for shape, places in _shapes(value).items()
    ]
    # One change of each key before the second of any: what comes late may not be tried.
    for round_ in zip_longest(*queues):
        yield from (found for found in round_ if found is not None)


def _shapes(value: Any) -> dict[str, list[Path]]:
    """The places of all parts below the value, under one name for those that are alike."""
    shapes: dict[str, list[Path]] = {}
    level: list[tuple[str, Path, Any]] = [("", (), value)]
    while level:
        below: list[tuple[str, Path, Any]] = []
        for shape, path, one in level:
            if isinstance(one, dict):
                parts = [
                    (f"{shape}.{name}".removeprefix("."), name, part) for name, part in one.items()
                ]
            elif isinstance(one, list):
                parts = [(f"{shape}[]", number, part) for number, part in enumerate(one)]
            else:
                continue
            for name, key, part in parts:
                place = (*path, key)
                shapes.setdefault(name, []).append(place)
                below.append((name, place, part))
        level = below
    return shapes


def _of_places(
    value: Any, shape: str, places: list[Path], generator: random.Random
) -> Iterator[tuple[str, Any]]:
    one = [generator.choice(places)]
    several = len(places) > 1
    for what, change in _CHANGES:
        for chosen in (one, places) if several else (one,):
            changed = _changed(value, chosen, change)
            if changed is not None:
                number = f" ({'all' if chosen is places else 'one'} of {len(places)})"
                yield f"{shape} {what}{number if several else ''}", changed


def _changed(value: Any, places: list[Path], change: Callable[[Any], Any]) -> Any:
    """The value with the parts at the places changed; None if the change is of other parts."""
    value = copy.deepcopy(value)
    is_changed = False
    # From the end, so that the numbers of entries hold.
    for *way, last in reversed(places):
        holder = value
        for key in way:
            holder = holder[key]
        other = change(holder[last])
        if other is _MISSING:
            del holder[last]
        else:
            is_changed |= type(other) is not type(holder[last]) or other != holder[last]
            holder[last] = other
        is_changed |= other is _MISSING
    return value if is_changed else None


def _missing(part: Any) -> Any:
    del part
    return _MISSING


def _null(part: Any) -> Any:
    del part


def _empty(part: Any) -> Any:
    return type(part)() if isinstance(part, str | list | dict) else part


def _other_scalar(part: Any) -> Any:
    """Numbers as texts, and the reverse: what is the same to a reader."""
    if isinstance(part, bool):
        return str(part).lower()
    if isinstance(part, int | float):
        return str(part)
    if isinstance(part, str) and part.isascii() and part.isdigit() and str(int(part)) == part:
        return int(part)
    return part


def _other_type(part: Any) -> Any:
    if isinstance(part, dict):
        return list(part.values())
    if isinstance(part, list):
        return {str(number): entry for number, entry in enumerate(part)}
    return {"value": part}


def _listed(part: Any) -> Any:
    return part if isinstance(part, list) else [part]


def _scalar(part: Any) -> Any:
    """A list or an object in which only a text or number stands: `false` for none, as PHP has it."""
    return False if isinstance(part, list | dict) else part


_CHANGES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("is missing", _missing),
    ("is null", _null),
    ("is an object, or a list if it was one", _other_type),
    ("is a number as text, or a text as number", _other_scalar),
    ("is empty", _empty),
    ("is in a list", _listed),
    ("is false", _scalar),
)
