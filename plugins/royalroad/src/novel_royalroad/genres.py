"""The site's tags sorted into genres and others, with the slugs that all sources share."""

from __future__ import annotations

from novel_core import Novel, Tag, TagKind, genre_of

#: The site's genres, by name; all others are tags.
GENRES = frozenset({
    "action", "adventure", "comedy", "contemporary", "drama", "fantasy", "historical", "horror",
    "mystery", "psychological", "romance", "romance subplot", "satire", "sci-fi", "short story",
    "thriller", "tragedy",
})  # fmt: skip

#: The common slug by the site's slug, where that differs in meaning from the name.
_BY_SLUG = {
    "summoned_hero": "portal-fantasy",
    "loop": "time-loop",
    "one_shot": "short-story",
    "progression": "progression-fantasy",
    "sci_fi": "science-fiction",
}
_GENRE_SLUGS = frozenset({"one_shot", "sci_fi"})


def with_genres(novel: Novel) -> Novel:
    """The novel with its tags sorted into genres and others."""
    return novel.model_copy(update={"tags": tuple(map(with_genre, novel.tags))})


def with_genre(tag: Tag) -> Tag:
    """The tag with its kind and its common slug. Applied twice, it gives the same."""
    name = tag.name.casefold()
    is_genre = name in GENRES or tag.slug in _GENRE_SLUGS
    genre = _BY_SLUG.get(tag.slug) or genre_of(tag.name)
    return tag.model_copy(
        update={"kind": TagKind.GENRE if is_genre else TagKind.TAG, "genre": genre}
    )
