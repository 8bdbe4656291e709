"""The pages of a synthetic Fictioneer site, and the answers of its API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import Any

from novel_wordpress_lookalike.stories import FictioneerChapter, FictioneerStory

_FORM = (
    '<form action="/wp-login.php?action=postpass" class="post-password-form" method="post"></form>'
)
_EXCERPT = '<p class="chapter__forced-excerpt">Only the beginning of what the water…</p>'


def page(origin: str, title: str, kind: str, number: int, main: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en-US" class="fictioneer-theme no-js" data-controller="fictioneer">
<head><meta charset="UTF-8"><title>{escape(title)} &#8211; Weir Novels</title>
<link rel="https://api.w.org/" href="{origin}/wp-json/" />
<link rel='stylesheet' href='{origin}/wp-content/themes/fictioneer/css/complete.css?ver=5.32.4' />
</head>
<body class="single single-{kind} postid-{number}" data-post-id="{number}"><div id="site" class="site">
{main}
</div></body></html>
"""


def story(origin: str, one: FictioneerStory) -> str:
    names = " &amp; ".join(
        f'<a href="{origin}/author/{name.split()[0].lower()}/" class="author">{name}</a>'
        for name in one.authors
    )
    groups = "".join(
        _group(origin, number, name, list(rows))
        for number, (name, rows) in enumerate(groupby(one.chapters, lambda row: row.group), 1)
    )
    shown = _FORM if one.is_protected else groups
    locked = " _password" if one.is_protected else ""
    main = f"""<main id="main" class="main story" data-fictioneer-story-id-value="{one.id}">
<article id="post-{one.id}" class="story__article{locked}" data-age-rating="teen">
<header class="story__header"><figure class="story__thumbnail"><a href="{origin}/wp-content/uploads/weir.jpg"><img src="{origin}/wp-content/uploads/weir-200.jpg"></a></figure>
<div class="story__taxonomies tag-group"><a class="tag-pill _taxonomy-fandom _taxonomy-slug-original">Original</a><a class="tag-pill _taxonomy-genre _taxonomy-slug-fantasy">Fantasy</a></div>
<h1 class="story__identity-title">{escape(one.title)}</h1><div class="story__identity-meta">by {names}</div></header>
<section class="story__summary content-section"><p>A weir, and who keeps it.</p></section>
<section class="story__tags-and-warnings"><a class="tag-pill _taxonomy-content_warning _warning">Floods</a></section>
<section class="story__tabs"><button class="tabs__item _current">{one.total} Chapters</button><button class="tabs__item">Blog</button></section>
<section class="story__tab-target _current story__chapters">{shown}</section>
<footer class="story__footer"><span class="story__status _ongoing">Ongoing</span></footer>
</article></main>"""
    return page(origin, one.title, "fcn_story", one.id, main)


def _group(origin: str, number: int, name: str, rows: Sequence[FictioneerChapter]) -> str:
    lines = "".join(_row(origin, row) for row in rows)
    return (
        f'<div id="chapter-group-{number}" class="chapter-group"><button class="chapter-group__name" data-item-count="{len(rows)}">'
        f'<i></i><span data-item-count="{len(rows)}">{escape(name)}</span></button>'
        f'<ol class="chapter-group__list">{lines}<li class="chapter-group__list-item _folding-toggle">Show more</li></ol></div>'
    )


def _row(origin: str, row: FictioneerChapter) -> str:
    locked = " _password" if row.is_protected else ""
    return (
        f'<li class="chapter-group__list-item _publish{locked}" data-post-id="{row.id}"><i></i>'
        f'<a href="{origin}/chapter/{row.slug}/" class="chapter-group__list-item-link truncate{locked}">Ch. {row.id}: '
        f'<span class="chapter-group__list-item-title list-view">{escape(row.title)}</span><span class="grid-view">Short</span></a>'
        f'<div><time datetime="{row.published}" class="chapter-group__list-item-date"><span>a day</span></time> '
        f'<span class="chapter-group__list-item-words" data-word-count="1K">{row.words:,} Words</span></div></li>'
    )


def chapter(origin: str, one: FictioneerStory, row: FictioneerChapter) -> str:
    index = "".join(
        f'<li data-position="{place}" data-id="{other.id}"><a href="{origin}/chapter/{other.slug}/">{escape(other.title)}</a></li>'
        for place, other in enumerate(one.chapters, 1)
    )
    text = f"{_EXCERPT}{_FORM}" if row.is_protected else row.html
    main = f"""<main id="main" class="main chapter" data-fictioneer-chapter-chapter-id-value="{row.id}" data-fictioneer-chapter-story-id-value="{one.id}">
<dialog id="fictioneer-chapter-index-dialog"><ul id="chapter-index-list">{index}</ul></dialog>
<article id="ch-{row.id}" class="chapter__article{" _password" if row.is_protected else ""}">
{_note("global-note", one.global_note)}{_note("foreword", row.foreword)}
<header class="chapter__headline"><a class="chapter__story-link" href="{origin}/story/{one.slug}/">{escape(one.title)}</a><h1 class="chapter__title">{escape(row.title)}</h1></header>
<section id="chapter-content" class="chapter__content"><div class="resize-font chapter-formatting">{text}</div></section>
{_note("afterword", row.afterword)}<section class="chapter__support">Support us</section>
</article></main>"""
    return page(origin, row.title, "fcn_chapter", row.id, main)


def _note(name: str, html: str) -> str:
    return f'<section id="chapter-{name}" class="infobox">{html}</section>' if html else ""


def graph(origin: str, one: FictioneerStory) -> dict[str, Any]:
    """The story as the theme's API gives it."""
    names = [{"name": name} for name in one.authors]
    return {
        "id": one.id,
        "guid": f"{origin}/?post_type=fcn_story&#038;p={one.id}",
        "url": f"{origin}/story/{one.slug}/",
        "language": "en-US",
        "title": escape(one.title),
        "author": names[0],
        "coAuthors": names[1:],
        "content": "<p>A weir, and who keeps it.</p>",
        "words": sum(row.words for row in one.chapters),
        "ageRating": "Teen",
        "status": "Ongoing",
        "chapterCount": one.total,
        "published": one.chapters[0].published,
        "modified": one.modified,
        "protected": one.is_protected,
        "images": {"hotlinkAllowed": False, "cover": f"{origin}/wp-content/uploads/weir.jpg"},
        "taxonomies": {"fandoms": ["Original"], "genres": ["Fantasy"], "warnings": ["Floods"]},
        "chapter_ids": [row.id for row in one.chapters],
        "chapters": [
            {
                "id": row.id,
                "url": f"{origin}/chapter/{row.slug}/",
                "title": escape(row.title),
                "prefix": f"Ch. {row.id}:",
                "group": row.group,
                "published": row.published,
                "modified": row.modified,
                "protected": row.is_protected,
                "nonChapter": row.is_extra,
                "words": row.words,
            }
            for row in one.chapters
        ],
    }


def changed(one: FictioneerStory) -> dict[str, Any]:
    """A story on the list of recent changes."""
    moment = datetime.fromtimestamp(one.modified, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {"id": one.id, "modified_gmt": moment}


def post(row: FictioneerChapter) -> dict[str, Any]:
    """A chapter as WordPress' own API gives it."""
    text = _FORM if row.is_protected else row.html
    return {
        "id": row.id,
        "title": {"rendered": escape(row.title)},
        "content": {"rendered": text, "protected": row.is_protected},
    }
