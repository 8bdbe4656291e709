"""Filler of the same structure in place of prose, so that a recorded page can be published."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from typing import Any

from novel_core.document import encode
from novel_core.page import Page
from novel_core.recording.filler import Filler, read_json
from novel_core.recording.outcome import Outcome

_HEAD = 200
#: A shorter value is no text of its own, a longer one no name and no title.
_SHORTEST_VALUE, _LONGEST_VALUE = 4, 300
_WORD = re.compile(r"[^\W\d_]+")
_XML = ("<?xml", "<rss", "<feed", "<rdf:RDF")
_XML_PARTS = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*+>?|(?P<text>[^<]+)", re.DOTALL
)


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
        for text in re.split(r"<[^<>]*>", html.unescape(field))
        if text.strip()
    }


def values_of(outcome: Outcome) -> set[str]:
    """The names, titles and other values that the parser read, and the message of its error."""
    read = {"items": outcome.get("items", ()), "error": outcome.get("error", {})}
    folded = (" ".join(text.split()) for text in _texts(read))
    return {text for text in folded if _SHORTEST_VALUE <= len(text) <= _LONGEST_VALUE}


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for entry in value:
                yield from _texts(entry)
        case dict():
            for name, entry in value.items():
                if not name.endswith("_html"):
                    yield from _texts(entry)


def redacted(
    page: Page,
    prose: Collection[str] = (),
    known: Collection[str] = (),
    *,
    is_strict: bool = True,
) -> bytes:
    """The page's body with its prose replaced in place: every other byte stays as received.

    `prose` are texts to replace also if they are short, `known` texts that stay also if they are
    long. With `is_strict` paragraphs that the parser does not read are replaced from a few words
    on. Tokens in forms and `meta` tags go. JSON, also that inside a script, is redacted value by
    value: ids, URLs, dates and numbers stay. The beginning of the body tells what it is, before its
    label does. A binary body stays the same.
    """
    filler = Filler(frozenset(prose), frozenset(known), is_strict=is_strict)
    content_type = page.headers.get("content-type", "text/html").lower()
    text = page.text
    start = text[:_HEAD].lstrip("\ufeff \t\r\n")
    if "json" in content_type or read_json(text) is not None:
        filled = filler.json(text)
    elif start.startswith(_XML) or ("xml" in content_type and "html" not in content_type):
        filled = _redacted_xml(text, filler)
    elif "html" in content_type or start.startswith("<"):
        filled = filler.markup(text)
    elif content_type.startswith("text/"):
        filled = "".join(map(filler, text.splitlines(keepends=True)))
    else:
        return page.body
    if filled == text:
        return page.body
    return encode(filled, page.body, page.headers.get("content-type", ""), page.url)


def _redacted_xml(text: str, filler: Filler) -> str:
    """A feed: its texts and CDATA sections, with the markup that they hold."""

    def replaced(found: re.Match[str]) -> str:
        if found["cdata"] is not None:
            end = "]]>" if found[0].endswith("]]>") else ""
            return f"<![CDATA[{filler.value(found['cdata'])}{end}"
        if found["text"] is not None:
            given = html.unescape(found["text"])
            filled = filler.value(given)
            return found["text"] if filled == given else html.escape(filled, quote=False)
        return found[0]

    return _XML_PARTS.sub(replaced, text)


def is_same_but_for_words(one: Outcome, other: Outcome) -> bool:
    """Whether a parser gave two outcomes that differ in no more than words of their texts.

    >>> is_same_but_for_words({"error": {"code": "blocked"}}, {"error": {"code": "not_found"}})
    False
    >>> is_same_but_for_words({"items": [{"title": "A Tale"}]}, {"items": [{"title": "Lorem do"}]})
    True
    """
    is_same: bool = _shape(one) == _shape(other)
    return is_same


def _shape(outcome: Outcome) -> Any:
    if "error" in outcome:
        return outcome["error"]["code"]
    return _masked({name: value for name, value in outcome.items() if name != "warnings"})


def _masked(value: Any) -> Any:
    match value:
        case str():
            return _WORD.sub("w", html.unescape(value))
        case list() | tuple():
            return [_masked(entry) for entry in value]
        case dict():
            return {name: _masked(entry) for name, entry in value.items()}
    return value
