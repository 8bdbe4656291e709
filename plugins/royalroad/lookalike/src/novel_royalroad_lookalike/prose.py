"""Generated prose: deterministic, varied, and written for the look-alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import overload

from novel_royalroad_lookalike import words

_POOL_SIZE = 1500
_FEWEST_PARAGRAPHS = 3
_KEPT_TEXTS = 256
# The class that each paragraph is served with.
_CLASS_BYTES = 53


def dice(*seed: object) -> Random:
    """Chance that falls the same way each time."""
    return Random(":".join(map(str, seed)))  # noqa: S311 - prose, not secrets


def fill(pattern: str, chance: Random) -> str:
    """A pattern with its blanks filled."""
    name, other = chance.sample(words.NAMES, 2)
    blanks = {
        "name": name,
        "other": other,
        "place": chance.choice(words.PLACES),
        "thing": chance.choice(words.THINGS),
        "creature": chance.choice(words.CREATURES),
        "adjective": chance.choice(words.ADJECTIVES),
        "verb": chance.choice(words.VERBS),
        "adverb": chance.choice(words.ADVERBS),
        "skill": chance.choice(words.SKILLS),
        "day": chance.choice(words.DAYS),
        "number": str(chance.randint(2, 99)),
    }
    titled = {blank.capitalize(): text.title() for blank, text in blanks.items()}
    return pattern.format(**blanks, **titled).replace("'S ", "'s ")


def chapter_title(number: int, chance: Random) -> str:
    return f"Chapter {number}: {fill(chance.choice(words.TITLES), chance)}"


def fiction_title(chance: Random) -> str:
    return fill(chance.choice(words.FICTIONS), chance)


def author_note(chance: Random) -> str:
    return fill(chance.choice(words.NOTES), chance)


def description(chance: Random) -> str:
    """A description as authors write it: a bold line, rules, lists made of dashes."""
    opening, first, second, third = (fill(chance.choice(words.SENTENCES), chance) for _ in range(4))
    return (
        f"<p><strong>{opening}&nbsp;</strong></p>\n<hr>\n<p>{first} {second}</p>\n<p>{third}</p>\n<hr>\n"
        "<p><strong>What to expect:</strong></p>\n<p>- Slow progress &amp; long walks</p>\n"
        f"<p>- More than one {chance.choice(words.CREATURES)}</p>\n"
        f"<p><strong>Release schedule:</strong></p>\n<p>- Every {chance.choice(words.DAYS)}</p>"
    )


class Prose(Sequence[str]):
    """The elements of a chapter's text, about `size` bytes of HTML, generated when they are read.

    So a fiction of 5,000 chapters needs no time and no memory. `scene` is HTML for the middle of
    the text, one string for each element.
    """

    __slots__ = ("_scene", "_seed", "_size")

    def __init__(self, seed: str, size: int, scene: tuple[str, ...] = ()) -> None:
        self._seed = seed
        self._size = size
        self._scene = scene

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return _elements(self._seed, self._size, self._scene)[index]

    def __len__(self) -> int:
        return len(_elements(self._seed, self._size, self._scene))

    def __iter__(self) -> Iterator[str]:
        return iter(_elements(self._seed, self._size, self._scene))


@lru_cache(maxsize=_KEPT_TEXTS)
def _elements(seed: str, size: int, scene: tuple[str, ...]) -> tuple[str, ...]:
    elements: list[str] = []
    left = size - sum(map(_served_bytes, scene))
    for element in _stream(dice(seed)):
        elements.append(element)
        left -= _served_bytes(element)
        if left <= 0 and len(elements) >= _FEWEST_PARAGRAPHS:
            break
    middle = len(elements) // 2 + 1
    return (*elements[:middle], *scene, *elements[middle:])


def _served_bytes(element: str) -> int:
    return len(element) + 1 + _CLASS_BYTES * element.count("<p>")


def _stream(chance: Random) -> Iterator[str]:
    pool = _pool()
    random, size = chance.random, len(pool)
    yield f"<p>{fill(words.SENTENCES[0], chance)} {fill(words.SENTENCES[2], chance)}</p>"
    while True:
        for _ in range(chance.randint(12, 30)):
            sentences = [pool[int(random() * size)] for _ in range(1 + int(random() * 4))]
            yield f"<p>{' '.join(sentences)}</p>"
        yield f"<p>{fill(chance.choice(words.NOTICES), chance)}</p>"
        if random() < 0.5:  # noqa: PLR2004 - every other time
            yield "<hr>"


@lru_cache(maxsize=1)
def _pool() -> tuple[str, ...]:
    """A pool of sentences: filling the patterns for each chapter would take 1 ms."""
    chance = dice("pool")
    patterns = (*words.SENTENCES, *words.SPEECHES, *words.SENTENCES, *words.EMPHASES)
    return tuple(fill(chance.choice(patterns), chance) for _ in range(_POOL_SIZE))
