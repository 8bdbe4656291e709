"""The JSON of a page: all of it, or parts of its scripts and attributes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from json import JSONDecoder
from typing import Any

from novel_core.document import Element
from novel_core.page import Page

#: Where a value may begin in a script: at its start, assigned, or given to a function; a text may
#: hold JSON itself, as in `JSON.parse("[1]")`.
_BEGINNING = re.compile(r"(?:(?<=[=(])|\A)\s*+(?=[\[{\"])")
#: Values in one script that are looked at; a script without JSON has thousands of brackets.
_MOST_BEGINNINGS = 500
_DECODER = JSONDecoder()


@dataclass(frozen=True, slots=True)
class JsonPlace:
    """A JSON value of a page, and how the page is made with another text in its place."""

    where: str
    value: Any
    #: The page with this JSON text in the place of the value's own.
    with_text: Callable[[str], Page]
    #: The element of the script, by its number on the page.
    script: int | None = None
    #: Whether the page is nothing but this.
    is_page: bool = False


def json_places(page: Page) -> Iterator[JsonPlace]:
    """The JSON values of a page that are objects or lists, and not empty.

    >>> from novel_core.source import PageKind
    >>> body = b'<p data-x="[3]"></p><script id="n">var x = {"id": 7}; y = JSON.parse("[8]")</script>'
    >>> page = Page("https://example.org/1", PageKind.INDEX, body)
    >>> for place in json_places(page):
    ...     print(place.where, place.value)
    the attribute data-x of a p [3]
    the script #n {'id': 7}
    the script #n [8]
    """
    value = _read(page.text)
    if value is not None:
        yield JsonPlace(
            "the JSON of the page",
            value,
            lambda text: replace(page, body=text.encode("utf-8", "replace")),
            is_page=True,
        )
        return
    seen: set[str] = set()
    for number, element in enumerate(page.document().root.css("*")):
        for name, text in element.attributes.items():
            where = f"the attribute {name} of a {element.tag}"
            if text and where not in seen and (value := _read(text)) is not None:
                seen.add(where)
                yield JsonPlace(where, value, _attribute(page, number, name))
        if element.tag == "script":
            yield from _of_script(page, number, element)


def _of_script(page: Page, number: int, element: Element) -> Iterator[JsonPlace]:
    text, end = element.inner_html or "", 0
    name = element.attributes.get("id")
    where = f"the script #{name}" if name else f"a script ({' '.join(text[:30].split())}…)"
    for tries, found in enumerate(_BEGINNING.finditer(text)):
        if tries == _MOST_BEGINNINGS:
            return
        start = found.end()
        if start < end:
            # Inside the value before.
            continue
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        is_quoted = isinstance(value, str)
        value = _read(value) if is_quoted else value or None
        if value is not None:
            around = (text[:start], text[end:])
            yield JsonPlace(where, value, _part(page, number, around, is_quoted), number)


def _attribute(page: Page, number: int, name: str) -> Callable[[str], Page]:
    def with_text(text: str) -> Page:
        def change(element: Element) -> None:
            element.attrs[name] = text

        return changed_page(page, number, change)

    return with_text


def _part(
    page: Page, number: int, around: tuple[str, str], is_quoted: bool
) -> Callable[[str], Page]:
    def with_text(text: str) -> Page:
        def change(element: Element) -> None:
            written = json.dumps(text) if is_quoted else text
            # Inside a script the end of an element may be written so.
            element.inner_html = around[0] + written.replace("</", "<\\/") + around[1]

        return changed_page(page, number, change)

    return with_text


def changed_page(page: Page, number: int, change: Callable[[Element], object]) -> Page:
    """The page after `change` of the element with this number."""
    root = page.document().root
    change(root.css("*")[number])
    return replace(page, body=f"<!DOCTYPE html>{root.html}".encode("utf-8", "replace"))


def _read(text: str) -> Any:
    """The object or list that the text is, None for any other text."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    try:
        return json.loads(text) or None
    except (ValueError, RecursionError):
        return None
