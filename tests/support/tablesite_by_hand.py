"""The table site's other source: the same items from a parser written out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

from tablesite import HOST, ROOT, match_url

from novel_core import (
    Follow,
    Page,
    PageKind,
    Parsed,
    Parser,
    Sample,
    SourceInfo,
    UrlKind,
    UrlMatch,
    hookimpl,
)
from novel_core.errors import NotFound, PageChanged
from novel_core.items import (
    Access,
    Author,
    Chapter,
    ChapterRef,
    Item,
    Novel,
    NovelStatus,
    Statistics,
    Tag,
    TagKind,
    Volume,
)
from novel_core.lxml_document import (
    Element,
    clean_body,
    drop_children,
    elements,
    inner_html,
    parse_tree,
    text_of,
    with_class,
)

_STATES = {"ongoing": NovelStatus.ONGOING, "finished": NovelStatus.COMPLETED}


def _find(root: Element, tag: str, name: str) -> list[Element]:
    return elements(f".//{tag}[{with_class(name)}]")(root)


def _one(root: Element, tag: str, name: str, page: Page) -> Element:
    found = _find(root, tag, name)
    if not found:
        raise PageChanged(f"The page has no {name}", url=page.url, selector=f"{tag}.{name}")
    return found[0]


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class HandWritten(Parser):
    version = "1"

    def parse(self, page: Page) -> Parsed:
        tree = parse_tree(clean_body(page), page.url)
        for gone in _find(tree, "div", "gone"):
            raise NotFound(f"The site says: {text_of(gone)}", url=page.url)
        return _chapter(tree, page) if page.kind is PageKind.CHAPTER else _index(tree, page)


def _index(tree: Element, page: Page) -> Parsed:
    match = match_url(page.url)
    refs, volumes = _list(tree, page)
    follow = [
        Follow(ref.url, PageKind.CHAPTER, chapters=(ref.source_id,), marker=ref.marker)
        for ref in refs
        if ref.access is Access.FREE
    ]
    for older in _find(tree, "a", "older"):
        url = urljoin(page.url, older.get("href"))
        follow.append(Follow(url, PageKind.INDEX, position=page.position - 1))
    items: list[Item] = list(refs)
    if page.position == 0:
        assert match is not None
        novel = _novel(tree, page, match, volumes)
        items.insert(0, novel)
        assert novel.cover_url is not None
        follow.insert(0, Follow(novel.cover_url, PageKind.IMAGE))
    return Parsed(items, follow, match)


def _list(tree: Element, page: Page) -> tuple[list[ChapterRef], dict[str, str]]:
    volumes: dict[str, str] = {}
    refs: list[ChapterRef] = []
    for row in reversed(elements(f".//table[{with_class('toc')}]//tr")(tree)):
        link = elements(".//a")(row)
        if not link:
            continue
        url = urljoin(page.url, link[0].get("href"))
        match = match_url(url)
        assert match is not None
        assert match.chapter_id is not None
        [volume], [date] = _find(row, "td", "volume"), _find(row, "td", "date")
        volume_id = text_of(volume).replace(" ", "-") or None
        if volume_id:
            volumes.setdefault(volume_id, text_of(volume))
        refs.append(
            ChapterRef(
                source_id=match.chapter_id,
                title=text_of(link[0]),
                url=url,
                volume_id=volume_id,
                published_at=_day(text_of(date)),
                access=Access.LOCKED if _find(row, "img", "lock") else Access.FREE,
                marker=row.get("data-edited") or None,
            )
        )
    return refs, volumes


def _novel(tree: Element, page: Page, match: UrlMatch, volumes: dict[str, str]) -> Novel:
    first, last = _one(tree, "time", "first", page), _one(tree, "time", "last", page)
    title = text_of(_one(tree, "h1", "title", page))
    assert match.novel_id is not None
    return Novel(
        source_id=match.novel_id,
        url=match.url,
        title=title,
        authors=tuple(
            Author(name=text_of(link), url=urljoin(page.url, link.get("href")))
            for by in _find(tree, "p", "by")
            for link in elements("a")(by)
        ),
        description_html=inner_html(_one(tree, "div", "blurb", page)),
        cover_url=urljoin(page.url, _one(tree, "img", "cover", page).get("src")),
        status=_STATES[text_of(_one(tree, "span", "state", page)).lower()],
        tags=tuple(_tags(tree)),
        volumes=tuple(Volume(source_id=key, title=title) for key, title in volumes.items()),
        statistics=Statistics(views=12345, words=1500, other={"hearts": 7}),
        published_at=datetime.fromisoformat(first.get("datetime", "")),
        updated_at=datetime.strptime(last.get("datetime", ""), "%d.%m.%Y").replace(tzinfo=UTC),
    )


def _tags(tree: Element) -> Iterator[Tag]:
    for name, kind in (("tags", TagKind.TAG), ("genres", TagKind.GENRE)):
        for entry in elements(f".//ul[{with_class(name)}]/li")(tree):
            text = text_of(entry)
            yield Tag(name=text, slug=text.lower().replace(" ", "-"), kind=kind)


def _chapter(tree: Element, page: Page) -> Parsed:
    match = match_url(page.requested_url or page.url)
    assert match is not None
    assert match.chapter_id is not None
    drop_children(set(_find(tree, "div", "advert")))
    text = inner_html(_one(tree, "div", "text", page))
    notes = {
        name: inner_html(found[0]) if (found := _find(tree, "div", name)) else ""
        for name in ("before", "after")
    }
    [time] = elements(".//time")(tree)
    [title] = elements(".//h2")(tree)
    item = Chapter(
        source_id=match.chapter_id,
        title=text_of(title),
        url=page.requested_url or page.url,
        content_html=text,
        note_before_html=notes["before"],
        note_after_html=notes["after"],
        published_at=_day(time.get("datetime", "")),
        part=page.part,
    )
    follow = [
        Follow(
            urljoin(page.url, link.get("href")),
            PageKind.CHAPTER,
            chapters=(match.chapter_id,),
            part=page.part + 1,
        )
        for link in _find(tree, "a", "more")
    ]
    follow += [
        Follow(urljoin(page.url, image.get("src")), PageKind.IMAGE)
        for image in elements(".//img")(tree)
    ]
    assert match.novel_url is not None
    return Parsed((item,), follow, match_url(match.novel_url))


@hookimpl
def novel_source_info() -> SourceInfo:
    return SourceInfo("tablesite_by_hand", "Table Site", ROOT, (HOST,))


@hookimpl
def novel_match_url(url: str) -> UrlMatch | None:
    return match_url(url)


@hookimpl
def novel_parser() -> Parser:
    return HandWritten()


@hookimpl
def novel_samples() -> Iterable[Sample]:
    return (Sample(f"{ROOT}/book/1", UrlKind.NOVEL, f"{ROOT}/book/1", novel_id="1"),)
