"""What a reader sees of a page's items: no hidden content, and the texts' pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from novel_core.content import sanitize_together
from novel_core.document import Sheets, drop, fragment, inner_html, parse_html
from novel_core.document.hidden import Signature, drop_signed, signatures
from novel_core.errors import SourceError
from novel_core.items import Chapter, Item, Novel
from novel_core.page import Follow, Page, Parsed, Parser, parse_reported
from novel_core.source import PageKind

_IMAGE = re.compile(r"<img[\s/>]", re.IGNORECASE)
#: An image in markup, or in markup inside JSON or an attribute.
_IMAGE_BYTES = re.compile(rb"(?:<|\\u003c|&lt;)img\b", re.IGNORECASE)
_STYLE = re.compile(rb"(?:<|\\u003c|&lt;)style\b", re.IGNORECASE)
#: The beginning of a page of JSON, or of XML that is no XHTML.
_DATA = re.compile(r"\s*(?:[{\[]|<(?:rss|feed|rdf:)|<\?xml[^>]*>\s*<(?!html|!))", re.IGNORECASE)
_TEXTS: dict[type[Item], tuple[str, ...]] = {
    Novel: ("description_html",),
    Chapter: ("content_html", "note_before_html", "note_after_html"),
}


def without_hidden(page: Page, parsed: Parsed) -> Parsed:
    """`parsed` without what the page's style sheets hide (inline styles: the sanitiser)."""
    if page.kind is PageKind.IMAGE or not _STYLE.search(page.body):
        return parsed
    html = page.text
    if _DATA.match(html):
        # The markup of each text is its own page.
        return replace(parsed, items=[_without_own(item, page.url) for item in parsed.items])
    sheets = Sheets.in_markup(html)
    texts = [text for item in parsed.items for text in _texts(item).values()]
    if not any(sheets.may_hide_in(text) for text in texts):
        return parsed
    root = parse_html(html, page.url).root
    hidden = Sheets.in_tree(root).hidden_in(root)
    signed = signatures(root, hidden)
    if not signed:
        return parsed
    return replace(parsed, items=[_without(item, signed, page.url) for item in parsed.items])


def _texts(item: Item) -> dict[str, str]:
    return {name: text for name in _TEXTS.get(type(item), ()) if (text := getattr(item, name))}


def _without(item: Item, signed: frozenset[Signature], url: str) -> Item:
    changed: dict[str, str] = {}
    for name, text in _texts(item).items():
        root = fragment(text, url)
        # Styles that hide everything hide nothing: a script shows it.
        if drop_signed(root, signed) and (root.text().strip() or root.css_first("img")):
            changed[name] = inner_html(root)
    return item.model_copy(update=changed) if changed else item


def _without_own(item: Item, url: str) -> Item:
    """`item` without what the style sheets inside its texts hide."""
    changed: dict[str, str] = {}
    for name, text in _texts(item).items():
        if not Sheets.in_markup(text).may_hide_in(text):
            continue
        root = fragment(text, url)
        drop(Sheets.in_tree(root).hidden_in(root))
        if root.text().strip() or root.css_first("img"):
            changed[name] = inner_html(root)
    return item.model_copy(update=changed) if changed else item


@dataclass(frozen=True, slots=True)
class Links:
    """The pages to request next, and what a reader sees of the page, if it was parsed for them."""

    follows: Sequence[Follow]
    parsed: Parsed | None = None


def links_of(parser: Parser, page: Page) -> Links:
    """The pages to request next: those that the parser names, and the pictures of the texts on the
    page.

    The sanitiser names the pictures, so that exactly those of the saved texts are requested.
    """
    has_images = page.kind is not PageKind.IMAGE and bool(_IMAGE_BYTES.search(page.body))
    parsed: Parsed | None = None
    if type(parser).follow is Parser.follow:
        parsed = parse_reported(parser, page)
        follows = list(parsed.follow)
    else:
        follows = list(parser.follow(page))
        if not has_images:
            return Links(follows)
    try:
        seen = without_hidden(page, parse_reported(parser, page) if parsed is None else parsed)
        pictures = list(_pictures(page, seen)) if has_images else []
    except SourceError:
        # The code that reads the items reports their errors.
        return Links(follows)
    if has_images and page.kind is PageKind.CHAPTER:
        follows = [follow for follow in follows if follow.kind is not PageKind.IMAGE]
    return Links(list(dict.fromkeys([*follows, *pictures])), seen)


def follows_of(parser: Parser, page: Page) -> Sequence[Follow]:
    """The pages to request next, as `links_of` finds them."""
    return links_of(parser, page).follows


def _pictures(page: Page, parsed: Parsed) -> Iterator[Follow]:
    for item in parsed.items:
        texts: Sequence[str] = tuple(_texts(item).values())
        if isinstance(item, Novel) and page.kind is PageKind.CHAPTER:
            continue
        if isinstance(item, Novel | Chapter) and any(_IMAGE.search(text) for text in texts):
            base_url = item.base_url or (page.url if isinstance(item, Novel) else item.url)
            for clean in sanitize_together(texts, base_url=base_url):
                yield from (Follow(url, PageKind.IMAGE) for url in clean.images)
