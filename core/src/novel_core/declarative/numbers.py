"""Numbers as people write them: `1,234`, `1.5 Million`, `3.2万`, `12 345`."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

#: Digits in groups. A space joins only groups of three; separators of other scripts are replaced.
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
_UNITS = {
    10**3: "k thousand thousands tsd тыс rb ribu",
    10**5: "lakh lakhs",
    10**6: "m mn mio million millions millionen millones milhão milhões млн jt juta",
    10**7: "crore crores",
    10**9: "b bn billion billions mrd млрд",
    10**12: "trillion",
}
_WORDS = {word: value for value, words in _UNITS.items() for word in words.split()}
#: Words of several meanings: a thousand or a million, a trillion or a ton.
_UNCLEAR = frozenset({"mil", "mill", "t"})
_HUNDREDS = frozenset("十百")
_UNIT = re.compile(r" ?([^\W\d_]+)")
_WHOLE_GROUP = 3


def read_number(text: str) -> str:
    """The first number in `text`, in digits. ValueError if there is none, or if it is ambiguous.

    >>> [read_number(text) for text in ("1,234 words", "1.5 Million", "3.2万", "1億2,345万", "4.5")]
    ['1234', '1500000', '32000', '123450000', '4.5']
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
    """The value of the unit after a figure, and its number of characters."""
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
    # `1.234` is a count, of 1234; `1.234 M` has a fraction, `1,234k` does not.
    return last == "." and has_unit
