"""Prose replaced by filler of the same structure, so that a recorded page can be published."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from lxml import etree

from novel_core.lxml_document import Element, clean_body, parse_tree
from novel_core.page import Page
from novel_core.recording.outcome import Outcome

#: Texts up to this length are labels, names and titles: they make the page what it is.
LONGEST_LABEL = 60
_WORDS = (
    "lorem",
    "ipsum",
    "dolor",
    "sit",
    "amet",
    "elit",
    "sed",
    "do",
    "tempor",
    "magna",
    "aliqua",
)
_UNTOUCHED = frozenset({"script", "style", "title", "option", "time"})
_WORD = re.compile(r"[^\W\d_]+")
_SECRETS = re.compile(r"csrf|token|nonce|session", re.IGNORECASE)


def prose_of(outcome: Outcome) -> set[str]:
    """The texts, however short, that a parser took for the author's prose: a line of dialogue may be two words."""
    fields = (
        value
        for item in outcome.get("items", ())
        for name, value in item.items()
        if name.endswith("_html")
    )
    return {
        " ".join(text.split())
        for field in fields
        for text in re.split(r"<[^>]*>", html.unescape(field))
        if text.strip()
    }


def redacted(page: Page, prose: Collection[str] = ()) -> bytes:
    """The page's body with every longer text replaced word by word; tags, links, numbers and punctuation stay.

    `prose` are texts to replace whatever their length. What a form or a `meta` carries as a token goes too. A body that is not HTML
    is returned as it is.
    """
    content_type = page.headers.get("content-type", "text/html").lower()
    if "html" not in content_type:
        return page.body
    tree = parse_tree(clean_body(page), page.url)
    filler = _Filler(frozenset(prose))
    for element in tree.iter(etree.Element):
        _redact(element, filler)
    return etree.tostring(tree, encoding="utf-8", method="html", doctype="<!DOCTYPE html>")


class _Filler:
    def __init__(self, prose: frozenset[str]) -> None:
        self._prose = prose
        self._words = itertools.cycle(_WORDS)

    def __call__(self, text: str) -> str:
        folded = " ".join(text.split())
        if len(folded) <= LONGEST_LABEL and folded not in self._prose:
            return text
        return _WORD.sub(lambda word: _cased(next(self._words), word.group()), text)

    def within(self, value: Any) -> Any:
        """All texts in a JSON value, links excepted."""
        match value:
            case str():
                return value if "://" in value else self(value)
            case list():
                return [self.within(entry) for entry in value]
            case dict():
                return {name: self.within(entry) for name, entry in value.items()}
        return value


def _redact(element: Element, filler: _Filler) -> None:
    parent = element.getparent()
    if element.text and element.tag not in _UNTOUCHED:
        element.text = filler(element.text)
    elif element.text and element.get("type") == "application/ld+json":
        with suppress(ValueError):
            element.text = json.dumps(filler.within(json.loads(element.text)), ensure_ascii=False)
    if element.tail and parent is not None and parent.tag not in _UNTOUCHED:
        element.tail = filler(element.tail)
    owner = f"{element.get('name') or ''} {element.get('id') or ''}"
    for name in ("value", "content", "alt", "title"):
        value = element.get(name)
        if value and name in {"value", "content"} and _SECRETS.search(owner):
            element.set(name, "removed")
        elif value and "://" not in value:
            element.set(name, filler(value))


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[:1].isupper() else word
