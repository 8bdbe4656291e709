"""The anti-theft sentence: shown to nobody, marked by a class made anew for each request.

What a page hides is told by `novel_core.document`. Of the site itself is the shape of the sentence's class, which tells
without any style sheet. A class with a name is not of the sentence's kind: what it hides is left to the engine, and told.
Never do the sentence's words tell: real stories quote such words.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from novel_core.document import (
    Document,
    Element,
    Sheets,
    ancestors,
    drop,
    hidden_by_style,
    select,
)

_MARK_LENGTH = 44  # base64 of 33 bytes
# In base64, `r` and a hex digit begin so.
_MAY_BE_MARKED = "[class*=cj], [class*=cm]"
_MARK = re.compile(rb"r[0-9a-f]{32}")
# Long, without a hyphen, and with a digit or three capitals.
_MACHINE_MADE = re.compile(r"(?=[^0-9]*[0-9]|(?:[^A-Z]*[A-Z]){3})[A-Za-z0-9+/=]{12,}")


@dataclass(slots=True)
class Removal:
    """What was removed from a page, and the classes with a name that a rule hides."""

    count: int = 0
    spared: set[str] = field(default_factory=set)


def is_mark(name: str) -> bool:
    """Whether a class has the shape of the hidden sentence's: base64 of `r` and 32 hex digits."""
    if len(name) != _MARK_LENGTH:
        return False
    try:
        return _MARK.fullmatch(base64.b64decode(name, validate=True)) is not None
    except (binascii.Error, ValueError):
        return False


def is_machine_made(name: str) -> bool:
    """Whether a class looks drawn at random, not named by a person.

    >>> is_machine_made("cmE4NWNmMmFkN2JjZjRiYjc4"), is_machine_made("hidden-content")
    (True, False)
    """
    return _MACHINE_MADE.fullmatch(name) is not None


def remove_hidden(document: Document, regions: Iterable[Element]) -> Removal:
    """Drop what a reader of the page never sees from `regions` of it, which are not inside each other."""
    removal = Removal()
    sheets = Sheets.in_tree(document.root)
    by_sheets = sheets.hidden_in(document.root)
    hiding = {name for rule in sheets.rules if rule.hides for name in rule.names}
    for region in regions:
        marked = [one for one in select(region, _MAY_BE_MARKED) if any(map(is_mark, _classes(one)))]
        doomed = {one.mem_id: one for one in (*hidden_by_style(region), *marked)}
        for element in by_sheets:
            if element.mem_id in doomed or not _is_inside(element, {region.mem_id}):
                continue
            told = [name for name in _classes(element) if name in hiding]
            if told and not any(map(is_machine_made, told)):
                removal.spared.update(told)
            else:
                doomed[element.mem_id] = element
        doomed.pop(region.mem_id, None)
        removal.count += sum(not _is_inside(one, doomed.keys()) for one in doomed.values())
        drop(doomed.values())
    return removal


def _classes(element: Element) -> list[str]:
    return (element.attributes.get("class") or "").split()


def _is_inside(element: Element, others: Collection[int]) -> bool:
    return any(ancestor.mem_id in others for ancestor in ancestors(element))
