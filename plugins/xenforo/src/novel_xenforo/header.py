"""What the page of the list says of the thread: title, authors, status, tags, description, cover."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from novel_core import (
    Author,
    Element,
    Novel,
    NovelStatus,
    PageChanged,
    Statistics,
    Tag,
    TagKind,
    UrlMatch,
    Volume,
    drop,
    genre_of,
    inner_html,
    select,
    text_of,
)
from novel_xenforo.listing import ThreadmarkList
from novel_xenforo.markup import cleaned
from novel_xenforo.views import count_of, time_of

_TITLE = "h1.p-title-value"
_PREFIX = "a.labelLink, span.label, span.label-append"
_STATUS = {
    "ongoing": NovelStatus.ONGOING,
    "incomplete": NovelStatus.ONGOING,
    "complete": NovelStatus.COMPLETED,
    "completed": NovelStatus.COMPLETED,
    "hiatus": NovelStatus.HIATUS,
    "on hiatus": NovelStatus.HIATUS,
    "dropped": NovelStatus.DROPPED,
    "abandoned": NovelStatus.DROPPED,
}
_KINDS = {"genre": TagKind.GENRE, "character": TagKind.CHARACTER, "setting": TagKind.FANDOM}
_SLUG = re.compile(r"\btagItem--tag_([^\s\"]+)")
_RESOLUTION = re.compile(r"(?<![^\s,])([^\s,]++)\s++2x")


def read_novel(marks: ThreadmarkList, match: UrlMatch) -> Novel:
    """The novel, from the first page of its list."""
    document = marks.view.document
    heading = document.css_first(_TITLE)
    if heading is None:
        raise PageChanged("The thread has no title", url=marks.view.page.url, selector=_TITLE)
    prefixes = list(_prefixes(heading))
    drop(select(heading, _PREFIX))
    pairs = _pairs(document.root)
    categories = marks.categories if len(marks.categories) > 1 else ()
    description = document.css_first("article.threadmarkListingHeader-extraInfoChild .bbWrapper")
    return Novel.model_validate(
        {
            "source_id": match.novel_id,
            "url": match.url,
            "title": text_of(heading),
            "authors": tuple(_authors(marks)),
            "description_html": inner_html(cleaned(description)) if description else "",
            "base_url": document.declared_base,
            "cover_url": cover_of(marks),
            "status": _status(pairs),
            "tags": (*prefixes, *_tags(document.root)),
            "volumes": tuple(Volume(source_id=one.id, title=one.name) for one in categories),
            "statistics": Statistics.model_validate(_statistics(pairs)),
            "published_at": time_of(pairs["created"].css_first("time"))
            if "created" in pairs
            else None,
        }
    )


def cover_of(marks: ThreadmarkList) -> str | None:
    """The picture of the thread; the page's `og:image` is the logo of the forum."""
    image = marks.view.document.css_first(".threadmarkListingHeader-icon img")
    if image is None:
        return None
    larger = _RESOLUTION.search(image.attributes.get("srcset") or "")
    return marks.view.document.absolute(larger[1] if larger else image.attributes.get("src"))


def _pairs(root: Element) -> dict[str, Element]:
    """The values of the header by their names in lower case."""
    found: dict[str, Element] = {}
    for pair in select(root, ".threadmarkListingHeader-stats dl.pairs"):
        name, value = pair.css_first("dt"), pair.css_first("dd")
        if name is not None and value is not None:
            found.setdefault(text_of(name).lower(), value)
    return found


def _status(pairs: dict[str, Element]) -> NovelStatus | None:
    value = pairs.get("status") or pairs.get("index progress")
    return _STATUS.get(text_of(value).lower()) if value is not None else None


def _statistics(pairs: dict[str, Element]) -> dict[str, object]:
    counts = {
        name: count_of(text_of(pairs[name]))
        for name in ("watchers", "recent readers")
        if name in pairs
    }
    readers = counts.get("recent readers")
    return {
        "followers": counts.get("watchers"),
        "other": {"recent readers": readers} if readers is not None else {},
    }


def _authors(marks: ThreadmarkList) -> Iterator[Author]:
    """The authors of the marked posts, those of most first; the list itself names them without a table."""
    rows = [_author(marks, row) for row in marks.authors]
    known = sorted((pair for pair in rows if pair), key=lambda pair: -pair[1])
    if known:
        yield from (author for author, _ in known)
        return
    names = Counter(row.attributes.get("data-content-author") or "" for row in marks.rows)
    yield from (Author(name=name) for name, _ in names.most_common() if name)


def _author(marks: ThreadmarkList, row: Element) -> tuple[Author, int] | None:
    name = row.css_first(".username")
    cells = select(row, "td")
    if name is None or not text_of(name):
        return None
    account = name.attributes.get("data-user-id") or ""
    is_account = re.fullmatch("[1-9][0-9]{0,11}", account) is not None
    author = Author.model_validate(
        {
            "name": text_of(name),
            "source_id": account if is_account else None,
            "url": marks.view.document.absolute(name.attributes.get("href")),
        }
    )
    return author, count_of(text_of(cells[-1])) or 0 if cells else 0


def _prefixes(heading: Element) -> Iterator[Tag]:
    for label in select(heading, "span.label"):
        if name := text_of(label):
            yield Tag(name=name, slug=name.lower().replace(" ", "-"))


def _tags(root: Element) -> Sequence[Tag]:
    found = []
    for tag in select(root, ".threadmarkListingHeader-tags a.tagItem"):
        icon = tag.css_first("i")
        title = icon.css_first("title") if icon is not None else None
        words = (icon.attributes.get("title") or "") if icon is not None else ""
        kind = _KINDS.get((text_of(title) if title is not None else words).lower(), TagKind.TAG)
        # The words of the icon are no part of the name.
        drop(select(tag, "i, svg"))
        name = text_of(tag)
        slug = _SLUG.search(tag.attributes.get("class") or "")
        found.append(
            Tag(
                name=name,
                slug=slug[1] if slug else name.lower().replace(" ", "-"),
                kind=kind,
                genre=genre_of(name),
            )
        )
    return found
