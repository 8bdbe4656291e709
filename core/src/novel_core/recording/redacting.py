"""Filler of the same structure in place of prose, so that a recorded page can be published."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from novel_core.document import Element, fragment, parse, written
from novel_core.errors import PageBroken
from novel_core.page import Page
from novel_core.recording.outcome import Outcome

#: Texts up to this length are labels, names and titles, and stay.
LONGEST_LABEL = 60
_WORDS = (
    "lorem", "ipsum", "dolor", "sit", "amet", "elit", "sed", "do", "tempor", "magna", "aliqua",
)  # fmt: skip
_UNTOUCHED = frozenset({"script", "style", "title", "option", "time"})
_WORD = re.compile(r"[^\W\d_]+")
_SECRETS = re.compile(r"csrf|token|nonce|session", re.IGNORECASE)


def prose_of(outcome: Outcome) -> set[str]:
    """The texts that the parser read as prose; a line of dialogue may be as short as a label."""
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
    """The page's body with each longer text replaced; tags, links, numbers and punctuation stay.

    `prose` are texts to replace also if they are short. Tokens in forms and `meta` tags go.
    JSON is redacted value by value, with the markup in its texts. A body that is neither HTML nor
    JSON stays the same.
    """
    content_type = page.headers.get("content-type", "text/html").lower()
    filler = _Filler(frozenset(prose))
    if "json" in content_type:
        return _redacted_json(page, filler)
    if "html" not in content_type:
        return page.body
    root = parse(page).root
    _redact_all(root, filler)
    return f"<!DOCTYPE html>{root.html}".encode("utf-8", "replace")


def _redacted_json(page: Page, filler: _Filler) -> bytes:
    try:
        value = json.loads(page.text)
    except (ValueError, RecursionError) as error:
        raise PageBroken(f"The page is not JSON: {error}", url=page.url) from error
    return json.dumps(filler.within(value), ensure_ascii=False, indent=1).encode("utf-8", "replace")


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
        """The JSON value with its texts replaced, links excepted."""
        match value:
            case str() if "<" in value:
                return self.markup(value)
            case str():
                return value if _is_link(value) else self(value)
            case list():
                return [self.within(entry) for entry in value]
            case dict():
                return {
                    name: "removed"
                    if isinstance(entry, str) and _SECRETS.search(name)
                    else self.within(entry)
                    for name, entry in value.items()
                }
        return value

    def markup(self, html: str) -> str:
        """The piece of markup with its texts replaced."""
        body = fragment(html)
        _redact_all(body, self)
        return body.inner_html or ""


def _redact_all(root: Element, filler: _Filler) -> None:
    for node in list(root.traverse(include_text=True)):
        if node.is_element_node:
            _redact(node, filler)
        elif node.is_comment_node:
            if len(node.comment_content or "") > LONGEST_LABEL:
                node.decompose()
        elif node.is_text_node and (node.parent is None or node.parent.tag not in _UNTOUCHED):
            text = node.text_content or ""
            if (filled := filler(text)) != text:
                node.replace_with(filled)


def _redact(element: Element, filler: _Filler) -> None:
    attributes = element.attributes
    if element.tag == "script" and attributes.get("type") == "application/ld+json":
        _redact_script(element, filler)
    owner = f"{attributes.get('name') or ''} {attributes.get('id') or ''}"
    for name in ("value", "content", "alt", "title"):
        value = attributes.get(name)
        if value and name in {"value", "content"} and _SECRETS.search(owner):
            element.attrs[name] = "removed"
        elif value and not _is_link(value):
            element.attrs[name] = filler(value)


def _redact_script(element: Element, filler: _Filler) -> None:
    with suppress(ValueError, RecursionError):
        value = json.dumps(filler.within(json.loads(written(element))), ensure_ascii=False)
        element.inner_html = value.replace("</", "<\\/")


def _is_link(text: str) -> bool:
    return "://" in text and not re.search(r"\s", text.strip())


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[:1].isupper() else word
