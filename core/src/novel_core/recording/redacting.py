"""Filler of the same structure in place of prose, so that a recorded page can be published."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Collection
from typing import Any

from novel_core.document import Element, fragment, written
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
_HEAD = 200
_XML = ("<?xml", "<rss", "<feed", "<rdf:RDF")
_XML_PARTS = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)\]\]>|<!--.*?-->|<[^>]*>|(?P<text>[^<]+)", re.DOTALL
)
#: A quoted text of a script; one line, so that a stray apostrophe cannot swallow the rest.
_QUOTED = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL)


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

    `prose` are texts to replace also if they are short. Tokens in forms and `meta` tags go. JSON,
    also that inside a script, is redacted value by value: ids, URLs, dates and numbers stay. The
    beginning of the body tells what it is, before its label does. A binary body stays the same.
    """
    filler = _Filler(frozenset(prose))
    content_type = page.headers.get("content-type", "text/html").lower()
    text = page.text
    start = text[:_HEAD].lstrip("\ufeff \t\r\n")
    if "json" in content_type or _read_json(text) is not None:
        return filler.json(text).encode("utf-8", "replace")
    if start.startswith(_XML) or ("xml" in content_type and "html" not in content_type):
        return _redacted_xml(text, filler)
    if "html" in content_type or start.startswith("<"):
        root = page.document().root
        _redact_all(root, filler)
        return f"<!DOCTYPE html>{root.html}".encode("utf-8", "replace")
    if not content_type.startswith("text/"):
        return page.body
    return "".join(map(filler, text.splitlines(keepends=True))).encode("utf-8", "replace")


def _redacted_xml(text: str, filler: _Filler) -> bytes:
    """A feed, in UTF-8: its texts and CDATA sections, with the markup that they hold."""
    declared = re.sub(r"""(<\?xml[^>]*?)\s+encoding=(?:"[^"]*"|'[^']*')""", r"\1", text, count=1)

    def replaced(found: re.Match[str]) -> str:
        if found["cdata"] is not None:
            return f"<![CDATA[{filler.value(found['cdata'])}]]>"
        if found["text"] is not None:
            given = html.unescape(found["text"])
            filled = filler.value(given)
            return found["text"] if filled == given else html.escape(filled, quote=False)
        return found[0]

    return _XML_PARTS.sub(replaced, declared).encode("utf-8", "replace")


class _Filler:
    """Replaces the words of prose; a shorter text is a label, and stays."""

    def __init__(self, prose: frozenset[str]) -> None:
        self._prose = prose
        self._words = itertools.cycle(_WORDS)

    def __call__(self, text: str) -> str:
        folded = " ".join(text.split())
        is_label = len(folded) <= LONGEST_LABEL or _is_code(folded)
        if is_label and folded not in self._prose:
            return text
        return _WORD.sub(lambda word: _cased(next(self._words), word.group()), text)

    def value(self, text: str) -> str:
        """The text of one value: markup, JSON, or plain."""
        if "<" in text:
            return self.markup(text)
        return self(text) if _read_json(text) is None else self.json(text)

    def within(self, value: Any) -> Any:
        """The JSON value with its texts replaced."""
        match value:
            case str():
                return self.value(value)
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

    def json(self, text: str) -> str:
        """The JSON with its texts replaced; of JSON that is broken, its quoted texts."""
        value = _read_json(text)
        if value is None:
            return self.quoted(text)
        return json.dumps(
            self.within(value), ensure_ascii=False, indent=1 if "\n" in text else None
        )

    def quoted(self, code: str) -> str:
        """A script, or damaged JSON, with its quoted texts replaced."""

        def replaced(found: re.Match[str]) -> str:
            quote, inner = found[0][0], found[0][1:-1]
            try:
                given = json.loads(f'"{inner}"', strict=False) if quote == '"' else inner
            except ValueError:
                given = inner
            filled = self.value(given)
            if filled == given:
                return found[0]
            escaped = json.dumps(filled, ensure_ascii=False)[1:-1]
            return f"{quote}{escaped}{quote}"

        return _QUOTED.sub(replaced, code)

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
    if element.tag == "script":
        _redact_script(element, filler)
    owner = f"{attributes.get('name') or ''} {attributes.get('id') or ''}"
    for name in ("value", "content", "alt", "title"):
        value = attributes.get(name)
        if value and name in {"value", "content"} and _SECRETS.search(owner):
            element.attrs[name] = "removed"
        elif value:
            element.attrs[name] = filler(value)


def _redact_script(element: Element, filler: _Filler) -> None:
    code = written(element)
    is_json = "json" in (element.attributes.get("type") or "").lower()
    filled = filler.json(code) if is_json else filler.quoted(code)
    if filled != code:
        element.inner_html = filled.replace("</", "<\\/")


def _read_json(text: str) -> Any:
    """The object or list that the text is, or None."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _is_code(text: str) -> bool:
    """Whether the text is an address or an id, without a space: no prose of a Latin script is."""
    return not re.search(r"\s", text) and ("://" in text or text.isascii())


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[:1].isupper() else word
