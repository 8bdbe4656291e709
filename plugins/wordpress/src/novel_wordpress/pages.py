"""A book as readers see it, for sites whose API is closed: archives of posts, and each post."""

from __future__ import annotations

import re
from collections.abc import Iterator

from novel_core import (
    Chapter,
    ChapterRef,
    Document,
    Element,
    Follow,
    Item,
    Locked,
    Novel,
    Page,
    PageChanged,
    Parsed,
    inner_html,
    select,
    text_of,
)
from novel_wordpress.books import Book, BookKind
from novel_wordpress.post_text import tidy

_ARTICLES = "article[id^=post-], .type-post[id^=post-]"
_POST = re.compile(r"post-([1-9][0-9]{0,15})")
_LINKS = ".entry-title a[href], .wp-block-post-title a[href], h1 a[href], h2 a[href], h3 a[href]"
_TITLES = "h1.entry-title, .wp-block-post-title, article h1"
_TEXTS = (
    ".entry-content",
    ".wp-block-post-content",
    ".post-content",
    ".post-body",
    "article .content",
)
_NEXT = "link[rel=next], a.next[href], .nav-previous a[href]"
_PUBLISHED = "time.entry-date.published, time.published, .wp-block-post-date time, time[datetime]"
_LOCKED = "form.post-password-form"
#: What themes write before the name of a category: `Category: Salt`.
_LABEL = re.compile(r"^[^:]{1,30}:\s+")
#: What WordPress writes before the title of a post with a password.
_PROTECTED = re.compile(r"^(?:Protected|Private):\s+")
_MOST_PARTS = 100


def read_archive(page: Page, book: Book, address: str, site_title: str) -> Parsed:
    """One page of the posts of a book, the newest first; the first one has the book's name."""
    document = page.document()
    refs = list(dict(_references(document)).values())
    if not refs:
        raise PageChanged("The page lists no posts", url=page.url, selector=_ARTICLES)
    # Each page is newest first, and so are the pages.
    items: list[Item] = [*reversed(refs)]
    if not page.position:
        title = _title_of(document, book, site_title)
        items.insert(0, Novel(source_id=book.novel_id, url=address, title=title))
    follow = [Follow.chapter(ref) for ref in refs]
    link = document.css_first(_NEXT)
    further = document.absolute(link.attributes.get("href")) if link is not None else None
    if further and further != page.url:
        context = {"book": book.novel_id}
        follow.append(Follow.next_page(further, page, newest_first=True, context=context))
    return Parsed(items=items, follow=follow)


def _references(document: Document) -> Iterator[tuple[str, ChapterRef]]:
    for article in document.css(_ARTICLES):
        found = _POST.fullmatch(article.attributes.get("id") or "")
        link = article.css_first(_LINKS)
        url = document.absolute(link.attributes.get("href")) if link is not None else None
        if found is None or link is None or not url:
            continue
        time = article.css_first(_PUBLISHED)
        values = {
            "source_id": found[1],
            "title": _PROTECTED.sub("", text_of(link)) or f"Post {found[1]}",
            "url": url,
            "published_at": _moment(time),
        }
        yield found[1], ChapterRef.model_validate(values)


def _moment(time: Element | None) -> str | None:
    """The time of an element, only with its zone."""
    value = (time.attributes.get("datetime") or "") if time is not None else ""
    return value if re.fullmatch(r"[0-9-]{10}T[0-9:.]{5,15}(?:Z|[+-][0-9:]{4,5})", value) else None


def _title_of(document: Document, book: Book, site_title: str) -> str:
    heading = document.css_first(".page-title, .archive-title, .wp-block-query-title")
    if book.kind is BookKind.BLOG or heading is None:
        return site_title
    name = heading.css_first("span")
    return text_of(name) if name is not None else _LABEL.sub("", text_of(heading)) or site_title


def read_post(page: Page) -> Parsed:
    """The post that a page was requested for; it may go on on further pages.

    Locked for one with a password, PageChanged for a page without its text.
    """
    document = page.document()
    number = page.chapters[0]
    if document.css_first(_LOCKED) is not None:
        raise Locked("The post is protected by a password.", url=page.url)
    body = next(filter(None, map(document.css_first, _TEXTS)), None)
    if body is None or not _is_of(document, number):
        raise PageChanged(
            "The page has no text of this post", url=page.url, selector=", ".join(_TEXTS)
        )
    follow = list(_further_parts(document, page)) if not page.part else []
    tidy(body, page.url)
    html = inner_html(body)
    if not html:
        raise PageChanged("The post has no text", url=page.url, selector=", ".join(_TEXTS))
    title = document.css_first(_TITLES)
    time = document.css_first(_PUBLISHED)
    chapter = Chapter.model_validate(
        {
            "source_id": number,
            "title": _PROTECTED.sub("", text_of(title)) if title is not None else f"Post {number}",
            "url": page.url,
            "content_html": html,
            "base_url": document.base_url,
            "published_at": _moment(time),
        }
    )
    return Parsed(items=[chapter], follow=follow)


def _is_of(document: Document, number: str) -> bool:
    """Whether the page is that of the post: it names no other one."""
    articles = [one.attributes.get("id") or "" for one in document.css("article[id^=post-]")]
    body = document.css_first("body")
    classes = ((body.attributes.get("class") or "") if body is not None else "").split()
    return f"post-{number}" in articles or f"postid-{number}" in classes or not articles


def _further_parts(document: Document, page: Page) -> Iterator[Follow]:
    """The pages of a post that its author has divided: `/a-post/2/`."""
    boxes = document.css(".page-links, .post-page-numbers")
    numbers = [
        int(text)
        for box in boxes
        for link in ([box] if box.tag == "a" else select(box, "a[href]"))
        if (text := text_of(link)).isascii() and text.isdigit() and len(text) <= 3  # noqa: PLR2004
    ]
    base = page.url.partition("?")[0].rstrip("/")
    for part in range(2, min(max(numbers, default=1), _MOST_PARTS) + 1):
        yield Follow(
            f"{base}/{part}/",
            page.kind,
            chapters=page.chapters,
            part=part - 1,
            context=page.context,
        )
