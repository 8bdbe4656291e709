"""Pages rendered once, with slots for the parts that differ in each response.

`slot("hidden")` in the page's text is a slot. Filling takes microseconds, rendering milliseconds.
"""

from __future__ import annotations

import base64
import re
from random import Random

from novel_royalroad_lookalike import words

_SLOT = re.compile("\x01([a-z]+)(?::([^\x02]*))?\x02")
_P_DIGITS = 31
_CLASS_LENGTH = 44
_CONSTANT_P_CLASS = base64.b64encode(b"rs0123456789abcdef0123456789abcde").decode()


def slot(name: str, argument: str = "") -> str:
    """The mark of a slot.

    hidden: the class of the hidden sentence; sentence: its words; decoy: a class of the same shape,
    by number; p: a paragraph's class; email: an address, encrypted.
    """
    return f"\x01{name}:{argument}\x02" if argument else f"\x01{name}\x02"


class Template:
    """A page around its slots."""

    __slots__ = ("_others", "_paragraphs", "_parts")

    def __init__(self, text: str, *, constant_paragraphs: bool = False) -> None:
        if constant_paragraphs:
            text = text.replace(slot("p"), _CONSTANT_P_CLASS)
        self._parts: list[str] = []
        self._paragraphs: list[int] = []
        self._others: list[tuple[int, str, str]] = []
        at = 0
        for found in _SLOT.finditer(text):
            self._parts += (text[at : found.start()], "")
            at = found.end()
            index = len(self._parts) - 1
            if found[1] == "p":
                self._paragraphs.append(index)
            else:
                self._others.append((index, found[1], found[2] or ""))
        self._parts.append(text[at:])

    def fill(self, rng: Random) -> str:
        """The page with new classes and another sentence."""
        parts = self._parts.copy()
        if self._paragraphs:
            for index, name in zip(
                self._paragraphs, _paragraph_classes(rng, len(self._paragraphs)), strict=True
            ):
                parts[index] = name
        made: dict[tuple[str, str], str] = {}
        for index, name, argument in self._others:
            value = made.get((name, argument))
            if value is None:
                value = made[name, argument] = _make(rng, name, argument)
            parts[index] = value
        return "".join(parts)


def _paragraph_classes(rng: Random, count: int) -> list[str]:
    """Base64 of `rs` and 31 hex digits: 33 bytes each, so all of them can be encoded at once."""
    digits = f"{rng.getrandbits(4 * _P_DIGITS * count):0{_P_DIGITS * count}x}"
    starts = range(0, len(digits), _P_DIGITS)
    plain = "".join(["rs" + digits[start : start + _P_DIGITS] for start in starts])
    encoded = base64.b64encode(plain.encode()).decode()
    ends = range(0, len(encoded), _CLASS_LENGTH)
    return [encoded[end : end + _CLASS_LENGTH] for end in ends]


def _make(rng: Random, name: str, argument: str) -> str:
    match name:
        case "hidden" | "decoy":
            return base64.b64encode(f"r{rng.getrandbits(128):032x}".encode()).decode()
        case "sentence":
            return words.HIDDEN[int(rng.random() * len(words.HIDDEN))]
        case "email":
            key = rng.getrandbits(8)
            return bytes([key, *(byte ^ key for byte in argument.encode())]).hex()
        case _:
            raise ValueError(f"There is no slot called {name!r}.")
