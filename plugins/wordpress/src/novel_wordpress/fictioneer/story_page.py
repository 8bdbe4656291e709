"""The page of a story: its data and its list of chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from novel_core import (
    Access,
    Author,
    ChapterRef,
    Element,
    Follow,
    Item,
    LoginRequired,
    Novel,
    NovelStatus,
    Page,
    PageChanged,
    Parsed,
    Stated,
    Tag,
    TagKind,
    absolute,
    inner_html,
    read_date,
    text_of,
)
from novel_wordpress.fictioneer.urls import FictioneerUrls

STATUSES = {
    "ongoing": NovelStatus.ONGOING,
    "completed": NovelStatus.COMPLETED,
    "oneshot": NovelStatus.COMPLETED,
    "hiatus": NovelStatus.HIATUS,
    "canceled": NovelStatus.DROPPED,
}
_KINDS = {
    "fandom": TagKind.FANDOM,
    "genre": TagKind.GENRE,
    "character": TagKind.CHARACTER,
    "post_tag": TagKind.TAG,
}
_TAXONOMY = re.compile(r"_taxonomy-([a-z_]+)")
_ROWS = "li.chapter-group__list-item[data-post-id]"
_STATED = re.compile(r"\s*([0-9][0-9.,]{0,12})\s+Chapters?\s*")
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")
_NO_GROUPS = {"chapter-group-all_chapters", "chapter-group-unassigned"}
_LAST_MOMENT = 253_402_300_799


def story_id(page: Page, main: Element) -> str:
    number = main.attributes.get("data-fictioneer-story-id-value") or ""
    if not _NUMBER.fullmatch(number):
        raise PageChanged(
            "The page is none of a story or chapter",
            url=page.url,
            selector="main[data-fictioneer-story-id-value]",
        )
    return number


def parse_story(page: Page, main: Element, urls: FictioneerUrls) -> Parsed:
    number = story_id(page, main)
    article = main.css_first("article.story__article")
    if article is None:
        raise PageChanged("The story has no data", url=page.url, selector="article.story__article")
    if "_password" in _classes(article):
        raise LoginRequired("The story asks for a password.", url=page.url)
    rows = {row.attributes["data-post-id"]: row for row in main.css(_ROWS)}
    refs = list(_references(main, list(rows.values()), page, urls))
    novel = _read_novel(page, article, urls.story(number).url, number, urls)
    covers = [Follow.image(novel.cover_url)] if novel.cover_url else []
    texts = [Follow.chapter(ref) for ref in refs if ref.access is Access.FREE]
    items: list[Item] = [novel, *refs]
    return Parsed(
        items=items,
        follow=[*texts, *covers],
        novel=urls.story(number),
        stated=tuple(_stated(main, len(refs))),
    )


def _read_novel(page: Page, article: Element, url: str, number: str, urls: FictioneerUrls) -> Novel:
    title = article.css_first("h1.story__identity-title")
    if title is None or not text_of(title):
        raise PageChanged("The story has no title", url=page.url, selector="h1")
    summary = article.css_first("section.story__summary")
    cover = article.css_first(".story__thumbnail > a[href]")
    status = article.css_first(".story__status")
    names = _classes(status) if status is not None else []
    return Novel(
        source_id=number,
        url=url,
        title=text_of(title),
        authors=tuple(map(_author, article.css(".story__identity-meta a.author"))),
        description_html=inner_html(summary) if summary is not None else "",
        cover_url=absolute(cover.attributes.get("href"), page.url) if cover is not None else None,
        status=next((STATUSES[name[1:]] for name in names if name[1:] in STATUSES), None),
        language=urls.site.language or _language(page),
        tags=tuple(_tags(article)),
        warnings=tuple(map(text_of, article.css(".tag-pill._warning"))),
    )


def _language(page: Page) -> str | None:
    root = page.document().css_first("html[lang]")
    return root.attributes.get("lang") if root is not None else None


def _author(link: Element) -> Author:
    """The author of a link to `/author/NAME/`."""
    url = link.attributes.get("href") or ""
    name = urlsplit(url).path.rstrip("/").rpartition("/author/")[2]
    return Author(name=text_of(link), source_id=name or None, url=url or None)


def _tags(article: Element) -> Iterator[Tag]:
    for pill in article.css("a.tag-pill"):
        found = _TAXONOMY.search(pill.attributes.get("class") or "")
        if found and found[1] in _KINDS:
            name = text_of(pill)
            yield Tag(name=name, slug=name, kind=_KINDS[found[1]])
    rating = article.attributes.get("data-age-rating")
    if rating:
        yield Tag(name=rating.capitalize(), slug=rating, kind=TagKind.RATING)


def _references(
    main: Element, rows: list[Element], page: Page, urls: FictioneerUrls
) -> Iterator[ChapterRef]:
    names = _group_names(main)
    group = ""
    for row in rows:
        link = row.css_first("a.chapter-group__list-item-link[href]")
        target = absolute(link.attributes.get("href"), page.url) if link is not None else None
        if link is None or target is None or not urls.site.owns(target):
            # Planned, private, or told elsewhere.
            continue
        name = names.get(row.attributes.get("data-post-id") or "", "")
        volume = name if name != group else None
        group = name
        is_locked = "_password" in _classes(row)
        words = row.css_first(".chapter-group__list-item-words")
        yield ChapterRef(
            source_id=row.attributes["data-post-id"],
            title=_title(link),
            url=target,
            volume=volume,
            published_at=_moment(row, urls.site.time_zone),
            access=Access.LOCKED if is_locked else Access.FREE,
            marker=text_of(words) if words is not None else None,
        )


def _group_names(main: Element) -> dict[str, str]:
    """The name of the group of each chapter; a list without groups has one that is not named."""
    names = {}
    for group in main.css("div.chapter-group"):
        label = group.css_first("button.chapter-group__name span")
        is_named = label is not None and (group.id or "") not in _NO_GROUPS
        name = text_of(label) if label is not None and is_named else ""
        names.update({row.attributes["data-post-id"] or "": name for row in group.css(_ROWS)})
    return names


def _title(link: Element) -> str:
    """The title with the label before it; the short form for narrow screens is left out."""
    short = {text_of(one) for one in link.css(".grid-view, .chapter-group__list-item-status")}
    full = link.css_first(".list-view")
    words = text_of(link)
    if full is None:
        return words
    label = words.partition(text_of(full))[0].strip()
    return f"{label} {text_of(full)}".strip() if label not in short else text_of(full)


def _moment(row: Element, time_zone: str) -> datetime | None:
    """A chapter's time: the site writes its own clock's as if it were seconds since 1970."""
    time = row.css_first("time.chapter-group__list-item-date")
    value = (time.attributes.get("datetime") or "") if time is not None else ""
    if not _NUMBER.fullmatch(value) or int(value) > _LAST_MOMENT:
        return None
    clock = datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return datetime.fromisoformat(read_date(clock, time_zone))


def _stated(main: Element, listed: int) -> Iterator[Stated]:
    """The number on the list's tab, without announcements and the like, so it may be the smaller.

    A smaller one says nothing of the list; a larger one says that chapters are missing.
    """
    tab = main.css_first("section.story__tabs button.tabs__item._current")
    found = _STATED.fullmatch(text_of(tab)) if tab is not None else None
    number = int(re.sub("[.,]", "", found[1])) if found else 0
    if number >= listed:
        yield Stated(chapters=number)


def _classes(element: Element) -> list[str]:
    return (element.attributes.get("class") or "").split()
