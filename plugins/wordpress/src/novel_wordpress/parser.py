"""The parser of a WordPress site: answers of its API, and its pages."""

from __future__ import annotations

from dataclasses import replace

from novel_core import Page, PageChanged, PageKind, Parsed, Parser
from novel_wordpress import walls
from novel_wordpress.addresses import BY_PAGES, Addresses
from novel_wordpress.api import Api, Request
from novel_wordpress.books import Book
from novel_wordpress.contents import read_contents, read_posts_of_contents
from novel_wordpress.naming_pages import book_of_page, book_of_post, book_of_slug
from novel_wordpress.pages import read_archive, read_post
from novel_wordpress.post_lists import read_latest, read_list, read_texts
from novel_wordpress.terms import read_site, read_term, read_terms


class WordPressParser(Parser):
    """The parser of one site."""

    version = "1"

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._site = addresses.site

    def check(self, page: Page) -> None:
        walls.check(page)

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.IMAGE:
            return Parsed()
        walls.check(page)
        url = page.requested_url or page.url
        api = self._addresses.api_of(url)
        request = api.request(url) if api is not None else None
        if api is None or (request is None and not self._is_site_data(page, api)):
            return self._parse_html(page)
        if page.kind is PageKind.CHAPTER:
            return self._parse_chapters(page, request)
        return self._parse_list(page, api, request)

    def _is_site_data(self, page: Page, api: Api) -> bool:
        return (page.requested_url or page.url) == api.site_data()

    def _parse_html(self, page: Page) -> Parsed:
        """A page as readers see it."""
        if page.kind is PageKind.INDEX:
            book = Book.of(page.context.get("book")) or self._book_at(page)
            if book is None:
                raise PageChanged("The page is none of a book's list", url=page.url)
            address = book.address(self._site.base_url)
            return read_archive(page, book, address, self._site.title or self._site.host)
        if page.chapters:
            return read_post(page)
        # A page that somebody gave is asked for its book.
        is_closed = page.requested_url.endswith(BY_PAGES)
        addresses = replace(self._addresses, api=None) if is_closed else self._addresses
        return book_of_page(page, addresses)

    def _book_at(self, page: Page) -> Book | None:
        match = self._addresses.match(page.requested_url or page.url)
        return Book.of(match.novel_id) if match is not None else None

    def _parse_chapters(self, page: Page, request: Request | None) -> Parsed:
        if request is None:
            raise PageChanged("The page is none of a chapter", url=page.url)
        if request.route == "posts" and "include" in request.parameters:
            return read_texts(page)
        if request.route.startswith("posts/"):
            return book_of_post(page, self._addresses)
        if request.parameters.get("slug"):
            return book_of_slug(page, self._addresses, request)
        raise PageChanged("The page is none of a chapter", url=page.url)

    def _parse_list(self, page: Page, api: Api, request: Request | None) -> Parsed:
        book = api.book_at(page.requested_url or page.url) or Book.of(page.context.get("book"))
        if book is None:
            raise PageChanged("The page is none of a book's list", url=page.url)
        if request is None:
            return read_site(page, book, book.address(self._site.base_url), self._site.language)
        route, _, number = request.route.partition("/")
        if route == "posts":
            return self._parse_posts(page, api, request, book)
        if route == "pages":
            return read_contents(page, self._addresses, api, book)
        return self._parse_terms(page, api, book, is_one=bool(number))

    def _parse_terms(self, page: Page, api: Api, book: Book, *, is_one: bool) -> Parsed:
        address, language = book.address(self._site.base_url), self._site.language
        if is_one:
            return read_term(page, api, book, address, language)
        return read_terms(page, api, book, address, language)

    def _parse_posts(self, page: Page, api: Api, request: Request, book: Book) -> Parsed:
        if "slug" in request.parameters:
            return read_posts_of_contents(page, api)
        if request.parameters.get("orderby") == "modified":
            return read_latest(page, api, book)
        title = self._site.title or self._site.host
        return read_list(page, api, book, title, book.address(self._site.base_url))
