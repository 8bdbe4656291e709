"""The words and sentences of the look-alike's prose, deterministic and written for it."""

from __future__ import annotations

from random import Random

_NAMES = ("Ansa", "Borin", "Celmira", "Dovik", "Edda", "Faron", "Greta", "Hollis", "Ilka", "Joris")
_PLACES = (
    "the tide library", "Wren Street", "the empty observatory", "the night bakery", "the boat yard",
    "the greenhouse", "the old signal box", "the roof of the mill",
)  # fmt: skip
_THINGS = ("umbrella", "postcard", "telescope", "jar of plums", "bicycle", "radio", "blue scarf")
_SENTENCES = (
    "{name} had left the {thing} at {place}, and nobody had thought to bring it back.",
    "At {place} the lights went out one by one, and {name} counted them.",
    '"You kept the {thing}," said {name}, and did not sound surprised.',
    "It rained on {place} until the {thing} was no use to anyone.",
    "{name} wrote a list of all that was wrong with {place}, and put the {thing} first.",
    "Somebody laughed behind {place}; <em>not {name}</em>, surely, but somebody.",
    "The {thing} was heavier than {name} remembered, or the stairs of {place} were longer.",
)
_TITLES = (
    "The {thing}",
    "Rain on {place}",
    "{name}, Again",
    "Letters from {place}",
    "A Borrowed {thing}",
)
SUMMARY = "<p>What {name} found at {place}, and what became of the {thing}.</p>"


def dice(*seed: object) -> Random:
    """Chance that falls the same way each time."""
    return Random(":".join(map(str, seed)))  # noqa: S311 - prose, not secrets


def fill(pattern: str, chance: Random) -> str:
    return pattern.format(
        name=chance.choice(_NAMES), place=chance.choice(_PLACES), thing=chance.choice(_THINGS)
    )


def title(chance: Random) -> str:
    return fill(chance.choice(_TITLES), chance)


def paragraphs(size: int, *seed: object) -> list[str]:
    """About `size` bytes of HTML."""
    chance = dice(*seed)
    made: list[str] = []
    while size > 0:
        sentences = [fill(chance.choice(_SENTENCES), chance) for _ in range(chance.randint(1, 5))]
        made.append(f"<p>{' '.join(sentences)}</p>")
        size -= len(made[-1])
    return made
