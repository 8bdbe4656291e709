"""The totals that a site states of a novel, beside what was found."""

from __future__ import annotations

from collections.abc import Sequence

from novel_core.leniency import shown
from novel_core.page import Stated
from novel_core.plurals import several

_FIELDS = ("chapters", "words")
#: A larger number fits no column, and no novel.
_TOO_MUCH = 2**53


class StatedTotals:
    """Collects what the pages of a job state; of several numbers for one list the last counts.

    >>> totals = StatedTotals()
    >>> totals.add([Stated(chapters=140, name="Threadmarks"), Stated(chapters=3, name="Extra")])
    []
    >>> totals.total
    Stated(chapters=143, words=None, name='')
    """

    def __init__(self) -> None:
        # By field, then by list.
        self._numbers: dict[str, dict[str, int]] = {}

    def add(self, stated: Sequence[Stated]) -> list[str]:
        """Note what one page states; a warning for each number that cannot be one."""
        wrong: list[str] = []
        for one in stated:
            for field in _FIELDS:
                number = getattr(one, field)
                if number is None:
                    continue
                if type(number) is int and 0 <= number < _TOO_MUCH:
                    self._numbers.setdefault(field, {})[one.name] = number
                else:
                    wrong.append(f"The stated number of {field} is left out: {shown(number)}.")
        return wrong

    @property
    def total(self) -> Stated:
        """What is stated of the whole novel; without that, the sum over its lists."""
        return Stated(chapters=self._total("chapters"), words=self._total("words"))

    def _total(self, field: str) -> int | None:
        numbers = self._numbers.get(field, {})
        return numbers.get("", sum(numbers.values()) if numbers else None)


def unlisted(stated: Stated, found: int) -> int:
    """How many chapters the site states beside the `found` ones."""
    return max(0, (stated.chapters or 0) - found)


def difference(stated: Stated, found: int, *, is_partial: bool) -> str | None:
    """The warning where the stated number of chapters is not that of the `found` ones.

    >>> difference(Stated(chapters=143), 140, is_partial=False)
    'The site states 143 chapters and lists 140: 3 are missing.'
    """
    if stated.chapters is None or stated.chapters == found:
        return None
    words = "has shown" if is_partial else "lists"
    missing = unlisted(stated, found)
    told = f"{missing:,} {'is' if missing == 1 else 'are'} missing"
    return (
        f"The site states {several(stated.chapters, 'chapter')} and {words} {found:,}:"
        f" {told if missing else 'its number, or its reading, is wrong'}."
    )
