"""The table site's other source: the same items from a parser written out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from tablesite import HOST, ROOT, match_url

from novel_core import (
    Follow,
    Page,
    PageKind,
    Parsed,
    Parser,
    Sample,
    Source,
    SourceInfo,
    UrlKind,
    UrlMatch,
    hookimpl,
)
from novel_core.document import Document, Element, drop, inner_html, text_of
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
)

_STATES = {"ongoing": NovelStatus.ONGOING, "finished": NovelStatus.COMPLETED}


def _one(root: Document, tag: str, name: str, page: Page) -> Element:
    found = root.css(f"{tag}.{name}")
    if not found:
        raise PageChanged(f"The page has no {name}", url=page.url, selector=f"{tag}.{name}")
    return found[0]


def _address(tree: Document, element: Element, attribute: str) -> str:
    url = tree.absolute(element.attributes[attribute])
    assert url is not None
    return url


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class HandWritten(Parser):
    version = "1"

    def parse(self, page: Page) -> Parsed:
        tree = page.document()
        for gone in tree.css("div.gone"):
            raise NotFound(f"The site says: {text_of(gone)}", url=page.url)
        return _chapter(tree, page) if page.kind is PageKind.CHAPTER else _index(tree, page)


def _index(tree: Document, page: Page) -> Parsed:
    match = match_url(page.url)
    refs = _list(tree)
    follow = [Follow.chapter(ref) for ref in refs if ref.access is Access.FREE]
    for older in tree.css("a.older"):
        url = _address(tree, older, "href")
        follow.append(Follow.next_page(url, page, newest_first=True))
    items: list[Item] = list(refs)
    if page.position == 0:
        assert match is not None
        novel = _novel(tree, page, match)
        items.insert(0, novel)
        assert novel.cover_url is not None
        follow.insert(0, Follow(novel.cover_url, PageKind.IMAGE))
    return Parsed(items, follow, match)


def _list(tree: Document) -> list[ChapterRef]:
    open_volume: str | None = None
    refs: list[ChapterRef] = []
    for row in reversed(tree.css("table.toc tr")):
        link = row.css("a")
        if not link:
            continue
        url = _address(tree, link[0], "href")
        match = match_url(url)
        assert match is not None
        assert match.chapter_id is not None
        [volume], [date] = row.css("td.volume"), row.css("td.date")
        title = text_of(volume)
        refs.append(
            ChapterRef(
                source_id=match.chapter_id,
                title=text_of(link[0]),
                url=url,
                volume=title if title != open_volume else None,
                published_at=_day(text_of(date)),
                access=Access.LOCKED if row.css("img.lock") else Access.FREE,
                marker=row.attributes.get("data-edited") or None,
            )
        )
        open_volume = title
    return refs


def _novel(tree: Document, page: Page, match: UrlMatch) -> Novel:
    first, last = _one(tree, "time", "first", page), _one(tree, "time", "last", page)
    title = text_of(_one(tree, "h1", "title", page))
    assert match.novel_id is not None
    return Novel(
        source_id=match.novel_id,
        url=match.url,
        title=title,
        authors=tuple(
            Author(name=text_of(link), url=_address(tree, link, "href"))
            for by in tree.css("p.by")
            for link in by.css("a")
        ),
        description_html=inner_html(_one(tree, "div", "blurb", page)),
        base_url=tree.declared_base,
        cover_url=_address(tree, _one(tree, "img", "cover", page), "src"),
        status=_STATES[text_of(_one(tree, "span", "state", page)).lower()],
        tags=tuple(_tags(tree)),
        statistics=Statistics(views=12345, words=1500, other={"hearts": 7}),
        published_at=datetime.fromisoformat(first.attributes["datetime"] or ""),
        updated_at=datetime.strptime(last.attributes["datetime"] or "", "%d.%m.%Y").replace(
            tzinfo=UTC
        ),
    )


def _tags(tree: Document) -> Iterator[Tag]:
    for name, kind in (("tags", TagKind.TAG), ("genres", TagKind.GENRE)):
        for entry in tree.css(f"ul.{name} > li"):
            text = text_of(entry)
            yield Tag(name=text, slug=text.lower().replace(" ", "-"), kind=kind)


def _chapter(tree: Document, page: Page) -> Parsed:
    match = match_url(page.requested_url or page.url)
    assert match is not None
    assert match.chapter_id is not None
    drop(tree.css("div.advert"))
    text = inner_html(_one(tree, "div", "text", page))
    notes = {
        name: inner_html(found[0]) if (found := tree.css(f"div.{name}")) else ""
        for name in ("before", "after")
    }
    [time] = tree.css("time")
    [title] = tree.css("h2")
    item = Chapter(
        source_id=match.chapter_id,
        title=text_of(title),
        url=page.requested_url or page.url,
        content_html=text,
        note_before_html=notes["before"],
        note_after_html=notes["after"],
        base_url=tree.declared_base,
        published_at=_day(time.attributes["datetime"] or ""),
        part=page.part,
    )
    follow = [
        Follow(
            _address(tree, link, "href"),
            PageKind.CHAPTER,
            chapters=(match.chapter_id,),
            part=page.part + 1,
        )
        for link in tree.css("a.more")
    ]
    assert match.novel_url is not None
    return Parsed((item,), follow, match_url(match.novel_url))


class HandWrittenSource(Source):
    info = SourceInfo("tablesite_by_hand", "Table Site", ROOT, (HOST,))
    samples = (Sample(f"{ROOT}/book/1", UrlKind.NOVEL, f"{ROOT}/book/1", novel_id="1"),)

    def match(self, url: str) -> UrlMatch | None:
        return match_url(url)

    def parser(self) -> Parser:
        return HandWritten()


@hookimpl
def novel_sources() -> Iterable[Source]:
    return (HandWrittenSource(),)
