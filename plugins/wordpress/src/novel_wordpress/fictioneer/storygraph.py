"""The theme's own API: a story with the list of its chapters, and many texts in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard

from novel_core import (
    Access,
    Author,
    ChangedNovel,
    Chapter,
    ChapterRef,
    Follow,
    Item,
    LoginRequired,
    Novel,
    Page,
    PageChanged,
    Parsed,
    Stated,
    Statistics,
    Tag,
    TagKind,
    fragment,
    text_of,
)
from novel_wordpress.fictioneer.chapter_page import is_locked, with_footnotes
from novel_wordpress.fictioneer.story_page import STATUSES
from novel_wordpress.fictioneer.urls import FictioneerUrls, texts_beside

_BATCH = 50
_KINDS = {
    "genres": TagKind.GENRE,
    "fandoms": TagKind.FANDOM,
    "characters": TagKind.CHARACTER,
    "tags": TagKind.TAG,
}
_LAST_MOMENT = 253_402_300_799


def parse_graph(page: Page, urls: FictioneerUrls) -> Parsed:
    story = page.json()
    rows = story.get("chapters", []) if isinstance(story, dict) else None
    if not isinstance(rows, list) or not _is_number(story.get("id")):
        raise PageChanged("The answer of the API is none about a story", url=page.url)
    if story.get("protected") is True:
        raise LoginRequired("The story asks for a password.", url=page.url)
    number, address = str(story["id"]), page.requested_url or page.url
    known = {row["id"]: row for row in rows if isinstance(row, dict) and _is_number(row.get("id"))}
    refs = list(_references(known.values(), urls))
    novel = _read_novel(story, number, urls, page)
    items: list[Item] = [novel, *refs]
    free = [ref for ref in refs if ref.access is Access.FREE]
    follow = [Follow.in_batches(texts_beside(address, _BATCH), free, size=_BATCH)] if free else []
    if novel.cover_url:
        follow.append(Follow.image(novel.cover_url))
    return Parsed(
        items=items,
        follow=follow,
        novel=urls.story(number),
        stated=(_stated(story, known.values()),),
    )


def _read_novel(story: Mapping[str, Any], number: str, urls: FictioneerUrls, page: Page) -> Novel:
    title = _plain(story.get("title"))
    if not title:
        raise PageChanged("The story has no title", url=page.url, selector="title")
    taxonomies, images = _table(story.get("taxonomies")), _table(story.get("images"))
    people = [story.get("author"), *_rows(story.get("coAuthors"))]
    names = [person["name"] for person in people if isinstance(person, dict) and "name" in person]
    rating = story.get("ageRating")
    ratings = (
        [Tag(name=rating, slug=rating.lower(), kind=TagKind.RATING)] if _is_text(rating) else []
    )
    tags = [
        Tag(name=name, slug=name, kind=kind)
        for key, kind in _KINDS.items()
        for name in map(_plain, _rows(taxonomies.get(key)))
        if name
    ]
    status = story.get("status")
    cover = images.get("cover")
    words = story.get("words")
    return Novel(
        source_id=number,
        url=urls.story(number).url,
        title=title,
        authors=tuple(Author(name=_plain(name)) for name in names if _plain(name)),
        description_html=_text(story.get("content")) or _text(story.get("description")),
        cover_url=cover if _is_text(cover) else None,
        status=STATUSES.get(status.lower()) if _is_text(status) else None,
        language=_language(story.get("language")) or urls.site.language,
        tags=(*tags, *ratings),
        warnings=tuple(filter(None, map(_plain, _rows(taxonomies.get("warnings"))))),
        statistics=Statistics(words=words if _is_number(words) else None),
        published_at=_moment(story.get("published")),
        updated_at=_moment(story.get("modified")),
    )


def _references(rows: Iterable[Mapping[str, Any]], urls: FictioneerUrls) -> Iterator[ChapterRef]:
    group = ""
    for row in rows:
        name = _plain(row.get("group"))
        label, title = _plain(row.get("prefix")), _plain(row.get("title"))
        url = row.get("url")
        number = str(row["id"])
        changed = row.get("modified")
        yield ChapterRef(
            source_id=number,
            title=f"{label} {title}".strip(),
            url=url if _is_text(url) and urls.site.owns(url) else urls.chapter(number),
            volume=name if name != group else None,
            published_at=_moment(row.get("published")),
            edited_at=_moment(changed),
            marker=str(changed) if _is_number(changed) else None,
            access=Access.LOCKED if row.get("protected") is True else Access.FREE,
        )
        group = name


def _stated(story: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Stated:
    """The larger of the two totals: of the list's numbers, and of the chapters proper with extras."""
    extras = sum(row.get("nonChapter") is True for row in rows)
    count = story.get("chapterCount")
    totals = [len({number for number in _rows(story.get("chapter_ids")) if _is_number(number)})]
    if _is_number(count):
        totals.append(count + extras)
    return Stated(chapters=max(totals) or None)


def parse_recent(page: Page) -> Parsed:
    """The stories of the list of recent changes, each with its last one."""
    stories = page.json()
    if not isinstance(stories, list):
        raise PageChanged("The answer of the API is no list of stories", url=page.url)
    return Parsed(
        recent=[
            ChangedNovel(str(story["id"]), moment)
            for story in stories
            if isinstance(story, dict)
            and _is_number(story.get("id"))
            and (moment := _read_gmt(story.get("modified_gmt"))) is not None
        ]
    )


def _read_gmt(value: object) -> datetime | None:
    """A time in UTC as WordPress writes it, without a zone."""
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        return None


def parse_texts(page: Page, urls: FictioneerUrls) -> Parsed:
    """The texts of an answer; what it lacks of those requested is missing."""
    posts = page.json()
    if not isinstance(posts, list):
        raise PageChanged("The answer of the API is no list of chapters", url=page.url)
    items: dict[str, Item] = {}
    for post in posts:
        if isinstance(post, dict) and str(post.get("id")) in page.chapters:
            number = str(post["id"])
            items.setdefault(number, _read_post(post, number, urls, page))
    return Parsed(items=list(items.values()))


def _read_post(post: Mapping[str, Any], number: str, urls: FictioneerUrls, page: Page) -> Item:
    content = _table(post.get("content"))
    html = content.get("rendered")
    title = _plain(_table(post.get("title")).get("rendered")) or number
    if not isinstance(html, str):
        raise PageChanged("A chapter has no text", url=page.url, selector="content.rendered")
    text = fragment(html)
    if content.get("protected") is True or is_locked(text):
        return ChapterRef(
            source_id=number, title=title, url=urls.chapter(number), access=Access.LOCKED
        )
    return Chapter(
        source_id=number,
        title=title,
        url=urls.chapter(number),
        content_html=with_footnotes(text),
        base_url=f"{urls.site.base_url}/",
    )


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LAST_MOMENT


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if _is_number(value) else None


def _language(value: object) -> str | None:
    return value if isinstance(value, str) and value.replace("-", "").isalnum() else None


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(value: Any) -> str:
    """The words of a title, which may have HTML in it."""
    return text_of(fragment(value)) if _is_text(value) else ""
