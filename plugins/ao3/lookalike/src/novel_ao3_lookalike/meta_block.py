"""The block above a work: tags, language, series, collections, numbers."""

from __future__ import annotations

from html import escape

from novel_ao3_lookalike import frame
from novel_ao3_lookalike.library import LookalikeWork

_LABELS = {
    "rating": "Rating",
    "warning": '<a href="/tos_faq#tags">Archive Warning</a>',
    "category": "Category",
    "era": "Era",
    "fandom": "Fandom",
    "relationship": "Relationship",
    "character": "Character",
    "freeform": "Additional Tags",
}
_COUNTS = ("comments", "kudos", "bookmarks")


def block(work: LookalikeWork) -> str:
    code, language = work.language
    parts = [
        *(_tags(name, work.tags[name]) for name in _LABELS if work.tags.get(name)),
        f'<dt class="language">Language:</dt><dd class="language" lang="{code}">{language}</dd>',
        _series(work),
        _collections(work),
        f'<dt class="stats">Stats:</dt><dd class="stats"><dl class="stats">{_numbers(work)}</dl></dd>',
    ]
    return f'<dl class="work meta group">{"".join(parts)}</dl>'


def _tags(name: str, tags: list[str]) -> str:
    plural = "s" if len(tags) > 1 and name != "freeform" else ""
    lines = "".join(f"<li>{frame.tag_link(tag)}</li>" for tag in tags)
    return (
        f'<dt class="{name} tags">{_LABELS[name]}{plural}:</dt>'
        f'<dd class="{name} tags"><ul class="commas">{lines}</ul></dd>'
    )


def _series(work: LookalikeWork) -> str:
    if not work.series:
        return ""
    places = []
    for number, title, part, before, after in work.series:
        previous = (
            f'<a class="previous" href="/works/{before}">&#8592; Previous Work</a><span class="divider"> </span>'
            if before
            else ""
        )
        following = (
            f'<span class="divider"> </span><a class="next" href="/works/{after}">Next Work &#8594;</a>'
            if after
            else ""
        )
        places.append(
            f'<span class="series">{previous}<span class="position">Part {part} of '
            f'<a href="/series/{number}">{escape(title)}</a></span>{following}</span>'
        )
    return f'<dt class="series">Series:</dt><dd class="series">{", ".join(places)}</dd>'


def _collections(work: LookalikeWork) -> str:
    if not work.collections:
        return ""
    links = ", ".join(f'<a href="/collections/{name}">{name}</a>' for name in work.collections)
    return f'<dt class="collections">Collections:</dt><dd class="collections">{links}</dd>'


def _numbers(work: LookalikeWork) -> str:
    rows = [("published", "Published", work.chapters[0].day.isoformat())]
    if not work.is_one_shot:
        label = "Completed" if work.is_complete else "Updated"
        rows.append(("status", label, max(chapter.day for chapter in work.chapters).isoformat()))
    rows += [
        ("words", "Words", f"{work.words:,}"),
        ("chapters", "Chapters", chapters_of(work)),
        *((name, name.title(), _count(work, name)) for name in _COUNTS if work.counts.get(name)),
        ("hits", "Hits", f"{work.hits:,}"),
    ]
    return "".join(
        f'<dt class="{name}">{label}:</dt><dd class="{name}">{value}</dd>'
        for name, label, value in rows
    )


def chapters_of(work: LookalikeWork) -> str:
    planned = "?" if work.planned is None else f"{work.planned:,}"
    return f"{len(work.chapters):,}/{planned}"


def _count(work: LookalikeWork, name: str) -> str:
    number = f"{work.counts[name]:,}"
    if name == "bookmarks":
        return f'<a href="/works/{work.id}/bookmarks">{number}</a>'
    return number
