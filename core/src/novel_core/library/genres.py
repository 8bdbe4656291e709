"""Genres of the library: one name for each, with the spellings of all sites."""

from __future__ import annotations

import re

#: slug -> (name, other spellings). A genre is a kind of story; a trait of its hero is a tag.
_GENRES: dict[str, tuple[str, str]] = {
    "action": ("Action", ""),
    "adventure": ("Adventure", "adventures"),
    "alternate-history": ("Alternate History", "alternative history"),
    "anti-hero": ("Anti-Hero", ""),
    "base-building": ("Base Building", "settlement building, city building"),
    "comedy": ("Comedy", "humor, humour, parody"),
    "contemporary": ("Contemporary", "modern, modern day, real life"),
    "cozy": ("Cozy", "cosy, cozy fantasy, cosy fantasy"),
    "crafting": ("Crafting", ""),
    "crime": ("Crime", ""),
    "cultivation": ("Cultivation", ""),
    "cyberpunk": ("Cyberpunk", ""),
    "deck-building": ("Deck Building", "deckbuilding, card battle"),
    "drama": ("Drama", ""),
    "dungeon": ("Dungeon", "dungeon core, dungeon crawler, dungeon crawl, dungeons"),
    "dystopia": ("Dystopia", "dystopian"),
    "fantasy": ("Fantasy", "fantasie, fantastique"),
    "first-contact": ("First Contact", ""),
    "gamelit": ("GameLit", "game lit, games, gaming"),
    "grimdark": ("Grimdark", "grim dark"),
    "hard-science-fiction": ("Hard Science Fiction", "hard sci-fi"),
    "harem": ("Harem", ""),
    "high-fantasy": ("High Fantasy", "epic fantasy"),
    "historical": ("Historical", "history, historical fiction"),
    "horror": ("Horror", ""),
    "interactive": ("Interactive", "reader interactive, quest"),
    "kingdom-building": ("Kingdom Building", "kingdom builder, nation building"),
    "litrpg": ("LitRPG", "lit rpg, litrpg rpg"),
    "low-fantasy": ("Low Fantasy", ""),
    "magical-girl": ("Magical Girl", "mahou shoujo"),
    "martial-arts": ("Martial Arts", ""),
    "mecha": ("Mecha", "mechs"),
    "military": ("Military", "war and military, war"),
    "monster-evolution": ("Monster Evolution", "monster mc"),
    "mystery": ("Mystery", "detective, whodunit"),
    "mythology": ("Mythology", "mythos, myths"),
    "nonfiction": ("Nonfiction", "non fiction"),
    "otome": ("Otome", "otome game"),
    "paranormal": ("Paranormal", ""),
    "poetry": ("Poetry", "poems"),
    "portal-fantasy": ("Portal Fantasy", "isekai, portal fantasy isekai, summoned hero, transported to another world, transmigration"),
    "post-apocalyptic": ("Post-Apocalyptic", "post apocalypse, apocalypse"),
    "progression-fantasy": ("Progression Fantasy", "progression"),
    "psychological": ("Psychological", ""),
    "reincarnation": ("Reincarnation", "reincarnated"),
    "romance": ("Romance", "romance subplot, romantic, romantic subplot, love"),
    "satire": ("Satire", ""),
    "school-life": ("School Life", "academy, high school"),
    "science-fiction": ("Science Fiction", "sci fi, scifi, sf"),
    "short-story": ("Short Story", "one shot, oneshot, short stories"),
    "slice-of-life": ("Slice of Life", "sol, everyday life"),
    "soft-science-fiction": ("Soft Science Fiction", "soft sci-fi"),
    "space-opera": ("Space Opera", ""),
    "sports": ("Sports", "sport"),
    "steampunk": ("Steampunk", ""),
    "strategy": ("Strategy", ""),
    "superhero": ("Superhero", "super heroes, superheroes"),
    "supernatural": ("Supernatural", ""),
    "survival": ("Survival", ""),
    "system-apocalypse": ("System Apocalypse", "system invasion"),
    "thriller": ("Thriller", "suspense"),
    "time-loop": ("Time Loop", "loop, loops, time loops"),
    "time-travel": ("Time Travel", ""),
    "tragedy": ("Tragedy", ""),
    "urban-fantasy": ("Urban Fantasy", ""),
    "villainous-lead": ("Villainous Lead", "villain protagonist"),
    "virtual-reality": ("Virtual Reality", "vr, vrmmo"),
    "western": ("Western", ""),
    "wuxia": ("Wuxia", ""),
    "xianxia": ("Xianxia", ""),
    "young-adult": ("Young Adult", "ya"),
}  # fmt: skip


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold()).split())


_BY_SPELLING = {
    _folded(spelling): slug
    for slug, (name, others) in _GENRES.items()
    for spelling in (slug, name, *others.split(","))
    if spelling.strip()
}
SLUGS = frozenset(_GENRES)


def genre_of(name: str) -> str | None:
    """The slug of the genre that a site's word means, or None.

    >>> genre_of("Sci-Fi"), genre_of("Portal Fantasy / Isekai"), genre_of("Strong Lead")
    ('science-fiction', 'portal-fantasy', None)
    """
    return _BY_SPELLING.get(_folded(name))


def name_of(slug: str) -> str | None:
    """The library's name of a genre.

    >>> name_of("litrpg")
    'LitRPG'
    """
    known = _GENRES.get(slug)
    return known[0] if known else None
