"""The pages that tell which book a pasted address belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from novel_core import Document, NotFound, Page, PageChanged, Parsed, UrlMatch, absolute
from novel_wordpress.addresses import Addresses
from novel_wordpress.api import Api, Request
from novel_wordpress.books import Book, BookKind
from novel_wordpress.rows import embedded, id_of, object_of, rows_of, text_in, title_of

#: The category of posts that have none.
NO_CATEGORY = re.compile(
    r"uncategori[sz]ed|sin-categoria|non-classe|allgemein|uncategorized-[a-z]{2}"
)
_BODY_ID = re.compile(r"(category|tag|postid|page-id)-([1-9][0-9]{0,15})")
_KINDS = {"category": BookKind.CATEGORY, "tag": BookKind.TAG, "page-id": BookKind.PAGE}
_OBJECT = re.compile(r"/wp/v2/(posts|pages|categories|tags)/([1-9][0-9]{0,15})$")
_OBJECTS = {"pages": BookKind.PAGE, "categories": BookKind.CATEGORY, "tags": BookKind.TAG}
_SHORTLINK = re.compile(r"\?p=([1-9][0-9]{0,15})$")
_POST = re.compile(r"post-([1-9][0-9]{0,15})")
_SLUG = re.compile(r"/([^/?#]{1,200})/?$")
_UP = re.compile(r"/categories/([1-9][0-9]{0,15})$")
_CHOOSE = "Paste the address of another category, tag or contents page to read that instead."


def book_of_page(page: Page, addresses: Addresses) -> Parsed:
    """The book of a page as readers see it; of a post's page, where the book is asked next."""
    document = page.document()
    links = _links(document, page.url)
    addresses = replace(addresses, api=_api_of(links, addresses))
    named = _named(document, links)
    if named is None:
        raise NotFound(
            "The page is no post, category, tag or page of a WordPress site.", url=page.url
        )
    kind, number = named
    if kind is not None:
        return Parsed(novel=addresses.book(Book(kind, number)))
    if addresses.api is not None:
        return Parsed(novel=addresses.match(addresses.api.post(number)))
    return Parsed(novel=_by_category_link(document, page, addresses))


def _links(document: Document, url: str) -> dict[str, str]:
    """The links in the page's head by their relation, with `json` for its object in the API."""
    found: dict[str, str] = {}
    for link in document.css("head link[href]"):
        target = absolute(link.attributes.get("href"), url)
        relation = (link.attributes.get("rel") or "").strip().lower()
        if target and relation:
            is_object = (
                relation == "alternate" and link.attributes.get("type") == "application/json"
            )
            found.setdefault("json" if is_object else relation, target)
    return found


def _api_of(links: Mapping[str, str], addresses: Addresses) -> Api | None:
    """The API that the page names, if it is on one of the site's hosts."""
    if addresses.api is None:
        return None
    named = Api.of(links.get("https://api.w.org/", ""))
    if named is not None and addresses.api_of(named.url("posts")) is not None:
        return named
    return addresses.api


def _named(document: Document, links: Mapping[str, str]) -> tuple[BookKind | None, str] | None:
    """The kind and id of what a page shows; None as kind for a post."""
    if found := _OBJECT.search(links.get("json", "")):
        return _OBJECTS.get(found[1]), found[2]
    body = document.css_first("body")
    for name in ((body.attributes.get("class") or "") if body is not None else "").split():
        if found := _BODY_ID.fullmatch(name):
            return _KINDS.get(found[1]), found[2]
    if found := _SHORTLINK.search(links.get("shortlink", "")):
        return None, found[1]
    articles = document.css("article[id]")
    if len(articles) == 1 and (found := _POST.fullmatch(articles[0].attributes.get("id") or "")):
        return None, found[1]
    return None


def _by_category_link(document: Document, page: Page, addresses: Addresses) -> UrlMatch:
    """The page of the post's category, which tells the category's id."""
    for link in document.css('article a[rel~="category"], .entry-meta a[rel~="category"]'):
        target = absolute(link.attributes.get("href"), page.url)
        match = addresses.match(target) if target else None
        slug = _SLUG.search(target or "")
        if match is not None and slug and not NO_CATEGORY.fullmatch(slug[1]):
            return match
    return addresses.book(Book(BookKind.BLOG))


def book_of_slug(page: Page, addresses: Addresses, request: Request) -> Parsed:
    """The category or tag whose slug was asked for."""
    wanted = request.parameters.get("slug")
    kind = BookKind.TAG if request.route == "tags" else BookKind.CATEGORY
    for row in rows_of(page):
        number = id_of(row)
        if number is not None and text_in(row, "slug") == wanted:
            return Parsed(novel=addresses.book(Book(kind, number), api=_own(page, addresses)))
    raise NotFound(f"The site has no {kind} {wanted!r}.", url=page.url)


def book_of_post(page: Page, addresses: Addresses) -> Parsed:
    """The book of a post: its category, or the one above that; the whole blog without one."""
    row = object_of(page)
    if id_of(row) is None:
        raise PageChanged("The API's answer is no post", url=page.url)
    terms = [term for term in embedded(row, "wp:term") if text_in(term, "taxonomy") == "category"]
    terms = [term for term in terms if not NO_CATEGORY.fullmatch(text_in(term, "slug"))]
    book, what = Book(BookKind.BLOG), "the whole blog, since the post has no category"
    if terms:
        chosen = max(terms, key=_depth)
        number = _parent(chosen) or id_of(chosen)
        name = title_of(chosen, "name")
        if number is not None:
            book = Book(BookKind.CATEGORY, number)
            what = f"the category above {name!r}" if _parent(chosen) else f"the category {name!r}"
    others = ", ".join(sorted(title_of(term, "name") for term in terms[1:]))
    also = f" The post is in {others} too." if others else ""
    return Parsed(
        novel=addresses.book(book, api=_own(page, addresses)),
        warnings=[f"The book of this post is taken to be {what}.{also} {_CHOOSE}"],
    )


def _own(page: Page, addresses: Addresses) -> Api | None:
    return addresses.api_of(page.requested_url or page.url)


def _depth(term: Mapping[str, Any]) -> bool:
    return _parent(term) is not None


def _parent(term: Mapping[str, Any]) -> str | None:
    """The id of the category above one."""
    for link in _ups(term):
        if found := _UP.search(text_in(link, "href").partition("?")[0]):
            return found[1]
    return None


def _ups(term: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    links = term.get("_links")
    found = links.get("up") if isinstance(links, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
