"""The save hook: tags become genres several sources share."""

import royalroad_pages as pages

from novel_core import SaveContext
from novel_core.items import Novel, Tag, TagKind
from novel_royalroad import SOURCE

CONTEXT = SaveContext("royalroad", 1)


def saved(*tags: tuple[str, str]) -> dict[str, tuple[TagKind, str | None]]:
    item = Novel(
        source_id="1",
        url="https://www.royalroad.com/fiction/1",
        title="A",
        tags=tuple(Tag(name=name, slug=slug) for name, slug in tags),
    )
    once = SOURCE.before_save(item, CONTEXT)
    assert isinstance(once, Novel)
    assert SOURCE.before_save(once, CONTEXT) == once
    return {tag.name: (tag.kind, tag.genre) for tag in once.tags}


def test_genres_and_tags() -> None:
    assert saved(
        ("Action", "action"),
        ("Sci-fi", "sci_fi"),
        ("Short Story", "one_shot"),
        ("LitRPG", "litrpg"),
        ("Portal Fantasy / Isekai", "summoned_hero"),
        ("Isekai, renamed", "summoned_hero"),
        ("Progression", "progression"),
        ("Time Loop", "loop"),
        ("Strong Lead", "strong_lead"),
        ("Something New", "something_new"),
    ) == {
        "Action": (TagKind.GENRE, "action"),
        "Sci-fi": (TagKind.GENRE, "science-fiction"),
        "Short Story": (TagKind.GENRE, "short-story"),
        "LitRPG": (TagKind.TAG, "litrpg"),
        "Portal Fantasy / Isekai": (TagKind.TAG, "portal-fantasy"),
        "Isekai, renamed": (TagKind.TAG, "portal-fantasy"),
        "Progression": (TagKind.TAG, "progression-fantasy"),
        "Time Loop": (TagKind.TAG, "time-loop"),
        "Strong Lead": (TagKind.TAG, None),
        "Something New": (TagKind.TAG, None),
    }


def test_a_chapter_is_kept_as_it_is() -> None:
    chapter = SOURCE.parser().parse(pages.chapter(pages.chapter_html("<p>A</p>"))).items[0]
    assert SOURCE.before_save(chapter, CONTEXT) is chapter
