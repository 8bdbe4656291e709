"""The anti-theft sentence, which is hidden from readers by a class that is new in each response.

The engine finds what the page's style sheets hide (`novel_core.document`). This module adds the
shape of the sentence's class, which is known without a style sheet. A hidden class with a readable
name is not one of these sentences: it is left to the engine, with a warning. The sentence's words
are never used, since real stories quote them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from novel_core import Document, Element, Sheets, ancestors, drop, hidden_by_style, select

# Base64 of 33 bytes.
_MARK_LENGTH = 44
# The base64 of `r` and a hex digit starts with these.
_MAY_BE_MARKED = "[class*=cj], [class*=cm]"
_MARK = re.compile(rb"r[0-9a-f]{32}")
# Long, without a hyphen, and with a digit or three capitals.
_MACHINE_MADE = re.compile(r"(?=[^0-9]*[0-9]|(?:[^A-Z]*[A-Z]){3})[A-Za-z0-9+/=]{12,}")


@dataclass(slots=True)
class Removal:
    """The number of elements removed, and the readable hidden classes that were kept."""

    count: int = 0
    kept_classes: set[str] = field(default_factory=set)


def is_sentence_class(name: str) -> bool:
    """Whether a class is a hidden sentence's: the base64 of `r` and 32 hex digits."""
    if len(name) != _MARK_LENGTH:
        return False
    try:
        return _MARK.fullmatch(base64.b64decode(name, validate=True)) is not None
    except (binascii.Error, ValueError):
        return False


def is_random(name: str) -> bool:
    """Whether a class looks random, not named by a person.

    >>> is_random("cmE4NWNmMmFkN2JjZjRiYjc4"), is_random("hidden-content")
    (True, False)
    """
    return _MACHINE_MADE.fullmatch(name) is not None


def remove_hidden(document: Document, regions: Iterable[Element]) -> Removal:
    """Remove hidden elements from `regions`, none of which is inside another."""
    removal = Removal()
    sheets = Sheets.in_tree(document.root)
    by_sheets = sheets.hidden_in(document.root)
    hiding = {name for rule in sheets.rules if rule.hides for name in rule.names}
    for region in regions:
        marked = [
            one
            for one in select(region, _MAY_BE_MARKED)
            if any(map(is_sentence_class, _classes(one)))
        ]
        hidden = {one.mem_id: one for one in (*hidden_by_style(region), *marked)}
        for element in by_sheets:
            if element.mem_id in hidden or not _is_inside(element, {region.mem_id}):
                continue
            names = [name for name in _classes(element) if name in hiding]
            if names and not any(map(is_random, names)):
                removal.kept_classes.update(names)
            else:
                hidden[element.mem_id] = element
        hidden.pop(region.mem_id, None)
        removal.count += sum(not _is_inside(one, hidden.keys()) for one in hidden.values())
        drop(hidden.values())
    return removal


def _classes(element: Element) -> list[str]:
    return (element.attributes.get("class") or "").split()


def _is_inside(element: Element, others: Collection[int]) -> bool:
    return any(ancestor.mem_id in others for ancestor in ancestors(element))
