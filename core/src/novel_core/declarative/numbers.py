"""Numbers as people write them: `1,234`, `1.5 Million`, `3.2万`, `12 345`."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

#: Digits in groups. A blank joins only groups of three; the separators of other scripts are made these before.
_FIGURE = re.compile(r"(?:(?<![\w.])-)?\d+(?:[.,'_]\d+| \d{3}(?!\d))*")
_GROUPS = re.compile(r"[.,'_ ]")
#: Arabic separators, a minus sign and a typographic apostrophe.
_SCRIPTS = str.maketrans(
    {"\u066c": ",", "\u066b": ".", "\u060c": ",", "\u2212": "-", "\u2019": "'"}
)

_EAST_ASIAN = {
    "千": 1_000, "仟": 1_000, "천": 1_000,
    "万": 10**4, "萬": 10**4, "만": 10**4,
    "億": 10**8, "亿": 10**8, "억": 10**8,
    "兆": 10**12, "조": 10**12,
}  # fmt: skip
_WORDS = {
    "k": 10**3, "thousand": 10**3, "thousands": 10**3, "tsd": 10**3, "тыс": 10**3, "rb": 10**3, "ribu": 10**3,
    "m": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6, "millions": 10**6, "millionen": 10**6, "millones": 10**6,
    "milhão": 10**6, "milhões": 10**6, "млн": 10**6, "jt": 10**6, "juta": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "billions": 10**9, "mrd": 10**9, "млрд": 10**9,
    "trillion": 10**12, "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7,
}  # fmt: skip
#: A thousand to some and a million to others; a trillion or a ton; a hundred, or the first half of a word.
_UNCLEAR = frozenset({"mil", "mill", "t"})
_HUNDREDS = frozenset("十百")
_UNIT = re.compile(r" ?([^\W\d_]+)")
_WHOLE_GROUP = 3


def read_number(text: str) -> str:
    """The first number in `text`, in digits: whole where it is. ValueError where there is none, or what it means is not clear.

    >>> [read_number(text) for text in ("1,234 words", "1.5 Million", "3.2万", "1億2,345万", "1,234k", "4.5")]
    ['1234', '1500000', '32000', '123450000', '1234000', '4.5']
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SCRIPTS)
    found = _FIGURE.search(plain)
    if found is None:
        msg = f"there is no number in {text!r}"
        raise ValueError(msg)
    value = Decimal(0)
    while found is not None:
        rest = plain[found.end() :]
        unit, length = _unit(rest)
        value += _figure(found[0], has_unit=unit > 1) * unit
        # `1億2345万` is one number of two figures.
        is_part = rest[:length].strip() in _EAST_ASIAN
        found = _FIGURE.match(plain, found.end() + length) if is_part else None
    return str(int(value)) if value == value.to_integral_value() else str(value.normalize())


def _unit(rest: str) -> tuple[int, int]:
    """What the figure counts, and how many characters tell it."""
    stripped = rest.lstrip(" ")
    first = stripped[:1]
    if first in _EAST_ASIAN:
        return _EAST_ASIAN[first], len(rest) - len(stripped) + 1
    found = _UNIT.match(rest)
    word = found[1].lower() if found else ""
    if word in _UNCLEAR or (first and first in _HUNDREDS):
        msg = f"it is not clear how much {stripped[:10]!r} is"
        raise ValueError(msg)
    return (_WORDS[word], found.end()) if found and word in _WORDS else (1, 0)


def _figure(written: str, *, has_unit: bool) -> Decimal:
    """The value of digits and separators."""
    digits = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in written
    )
    marks = _GROUPS.findall(digits)
    if not marks:
        return Decimal(digits)
    first, *groups = _GROUPS.split(digits)
    if _is_decimal(first.lstrip("-"), groups, marks, has_unit=has_unit):
        whole, fraction = groups[:-1], f".{groups[-1]}"
        marks = marks[:-1]
    else:
        whole, fraction = groups, ""
    # India groups by two, but for the last.
    is_grouped = all(len(group) in {2, _WHOLE_GROUP} for group in whole[:-1]) and all(
        len(group) == _WHOLE_GROUP for group in whole[-1:]
    )
    is_odd = bool(whole) and len(first.lstrip("-")) > _WHOLE_GROUP
    if len(set(marks)) > 1 or is_odd or not is_grouped:
        msg = f"it is not clear which number {written!r} is"
        raise ValueError(msg)
    return Decimal(first + "".join(whole) + fraction)


def _is_decimal(first: str, groups: list[str], marks: list[str], *, has_unit: bool) -> bool:
    """Whether the last mark begins a fraction."""
    last = marks[-1]
    if last not in ".,":
        return False
    if len(marks) > 1:
        return last not in marks[:-1]
    if len(groups[0]) != _WHOLE_GROUP or len(first) > _WHOLE_GROUP or first == "0":
        return True
    # `1.234` is a thousand and more, as a count is; `1.234 M` is a little more than a million, `1,234k` more than that.
    return last == "." and has_unit
