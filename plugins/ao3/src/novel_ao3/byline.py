"""The authors in a byline, the line under a title."""

from __future__ import annotations

from novel_ao3.markup import escaped, link_of, path_part
from novel_ao3.urls import SiteUrls
from novel_core import Author, Element, absolute, text_of

_ARCHIVED = "[archived by"
#: The account of works whose creators gave up their names.
_ORPHANS = "orphan_account"


def authors_of(byline: Element | None, urls: SiteUrls) -> tuple[Author, ...]:
    """The authors of a byline in its order, each once.

    A name without a link is Anonymous, or of an imported work, where the link is the archivist's.
    """
    if byline is None:
        return ()
    authors: list[Author] = []
    before = ""
    for node in byline.iter(include_text=True):
        if node.is_text_node:
            before += node.text_content or ""
        if node.tag != "a" or node.attributes.get("rel") != "author":
            continue
        if _ARCHIVED in before:
            authors += _unlinked(before.partition(_ARCHIVED)[0])
        else:
            authors += [_linked(node, urls)] if text_of(node) else []
        before = ""
    if not authors:
        authors += _unlinked(text_of(byline))
    return tuple(dict.fromkeys(authors))


def _unlinked(words: str) -> list[Author]:
    name = words.strip(" ,;]\n\t\xa0")
    return [Author(name=name)] if name else []


def _linked(link: Element, urls: SiteUrls) -> Author:
    target = link_of(link)
    login, pseud = path_part(target, "users"), path_part(target, "pseuds")
    name = text_of(link)
    if login is None or login == _ORPHANS:
        return Author(name=name)
    source_id = escaped(login) + (f"/{escaped(pseud)}" if pseud else "")
    return Author(name=name, source_id=source_id, url=absolute(target, urls.site.base_url))
