"""The site's tags as the genres several sources share."""

from __future__ import annotations

from novel_core.items import Tag, TagKind

#: The site's genres proper, by name; everything else is a tag.
GENRES = {
    "action": "action",
    "adventure": "adventure",
    "comedy": "comedy",
    "contemporary": "contemporary",
    "drama": "drama",
    "fantasy": "fantasy",
    "historical": "historical",
    "horror": "horror",
    "mystery": "mystery",
    "psychological": "psychological",
    "romance": "romance",
    "satire": "satire",
    "sci-fi": "science-fiction",
    "short story": "short-story",
    "thriller": "thriller",
    "tragedy": "tragedy",
}

#: Tags that name a kind of story. Tags that name a trait (Strong Lead) have no common slug.
SUBGENRES = {
    "cyberpunk": "cyberpunk",
    "dungeon": "dungeon",
    "dystopia": "dystopia",
    "first contact": "first-contact",
    "gamelit": "gamelit",
    "grimdark": "grimdark",
    "hard sci-fi": "hard-science-fiction",
    "harem": "harem",
    "high fantasy": "high-fantasy",
    "litrpg": "litrpg",
    "low fantasy": "low-fantasy",
    "martial arts": "martial-arts",
    "monster evolution": "monster-evolution",
    "mythos": "mythology",
    "portal fantasy / isekai": "portal-fantasy",
    "post apocalyptic": "post-apocalyptic",
    "progression": "progression-fantasy",
    "reader interactive": "interactive",
    "reincarnation": "reincarnation",
    "school life": "school-life",
    "slice of life": "slice-of-life",
    "soft sci-fi": "soft-science-fiction",
    "space opera": "space-opera",
    "sports": "sports",
    "steampunk": "steampunk",
    "strategy": "strategy",
    "super heroes": "superhero",
    "supernatural": "supernatural",
    "system invasion": "system-apocalypse",
    "time loop": "time-loop",
    "time travel": "time-travel",
    "urban fantasy": "urban-fantasy",
    "virtual reality": "virtual-reality",
    "war and military": "military",
    "wuxia": "wuxia",
    "xianxia": "xianxia",
}

#: By slug, for those whose slug says something else than their name.
_BY_SLUG = {
    "summoned_hero": "portal-fantasy",
    "loop": "time-loop",
    "one_shot": "short-story",
    "progression": "progression-fantasy",
    "sci_fi": "science-fiction",
}
_GENRE_SLUGS = frozenset({"one_shot", "sci_fi"})


def with_genre(tag: Tag) -> Tag:
    """The tag with its kind and its common slug; the same tag again gives an equal one."""
    name = tag.name.casefold()
    is_genre = name in GENRES or tag.slug in _GENRE_SLUGS
    genre = _BY_SLUG.get(tag.slug) or GENRES.get(name) or SUBGENRES.get(name)
    return tag.model_copy(
        update={"kind": TagKind.GENRE if is_genre else TagKind.TAG, "genre": genre}
    )
