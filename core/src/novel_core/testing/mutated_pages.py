"""Recorded pages as a site may serve them on a bad day: with parts missing, emptied or cut off."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from typing import Any

from novel_core.document import Element, drop
from novel_core.page import Page
from novel_core.testing.json_mutations import mutations
from novel_core.testing.json_places import JsonPlace, changed_page, json_places

#: The same pages in every run.
_SEED = 20_260_131
#: Bytes of mutated pages for each recording and each kind of change, between two bounds.
_BUDGET, _FEWEST, _MOST = 4_000_000, 3, 40
#: The same for JSON, whose keys are changed one by one.
_BUDGET_OF_JSON, _FEWEST_OF_JSON, _MOST_OF_JSON = 12_000_000, 20, 300
#: The shares of attributes that are emptied, and of JSON values that are dropped or changed.
_EMPTIED, _DROPPED, _CHANGED = 0.2, 0.1, 0.05
_ENCODINGS = ("utf-16", "utf-8", "latin-1", "gbk")


@dataclass(frozen=True, slots=True)
class MutatedPage:
    """A page, and in words what is wrong with it."""

    what: str
    page: Page


def mutated_pages(page: Page) -> Iterator[MutatedPage]:
    """The page without some of its elements, attributes or values, with other JSON, and in other
    encodings.

    >>> from novel_core.source import PageKind
    >>> page = Page("https://example.org/1", PageKind.INDEX, b"<h1 class=title>A Tale</h1>")
    >>> sorted({mutated.what.split(" ")[0] for mutated in mutated_pages(page)})
    ['a', 'attributes', 'elements', 'encoded']
    """
    generator = random.Random(_SEED)  # noqa: S311 - no secret
    places = list(json_places(page))
    for number in range(_count(page)):
        if places and places[0].is_page:
            text = json.dumps(_without(places[0].value, generator), ensure_ascii=False)
            changed = places[0].with_text(text)
            yield MutatedPage(f"JSON values dropped (no. {number + 1})", changed)
        else:
            for what, change in (
                ("elements dropped", _drop_elements),
                ("a kind of element dropped", _drop_kind),
                ("attributes emptied", _empty_attributes),
            ):
                if without := _changed(page, generator, change):
                    yield MutatedPage(f"{what} (no. {number + 1})", without)
    yield from _with_other_json(page, places, generator)
    for encoding in _ENCODINGS:
        body = page.text.encode(encoding, "replace")
        if body != page.body:
            yield MutatedPage(f"encoded as {encoding}", replace(page, body=body))
    if page.headers.get("content-type"):
        headers = {**page.headers, "content-type": "application/octet-stream"}
        yield MutatedPage("labelled as a download", replace(page, headers=headers))


def cut_pages(page: Page) -> Iterator[MutatedPage]:
    """The page cut off at random places, as by a connection that broke.

    >>> from novel_core.source import PageKind
    >>> page = Page("https://example.org/1", PageKind.INDEX, b"<h1>A Tale</h1>" * 9)
    >>> all(len(cut.page.body) < len(page.body) for cut in cut_pages(page))
    True
    """
    generator = random.Random(_SEED)  # noqa: S311 - no secret
    if not page.body:
        return
    for _ in range(2 * _count(page)):
        end = generator.randrange(len(page.body))
        what = f"cut off after {end:,} of {len(page.body):,} bytes"
        yield MutatedPage(what, replace(page, body=page.body[:end]))


def _count(page: Page) -> int:
    return max(_FEWEST, min(_MOST, _BUDGET // (len(page.body) + 1)))


_Change = Callable[[list[Element], random.Random], object]


def _changed(page: Page, generator: random.Random, change: _Change) -> Page | None:
    root = page.document().root
    elements = list(root.css("body *"))
    if not elements:
        return None
    change(elements, generator)
    return replace(page, body=f"<!DOCTYPE html>{root.html}".encode("utf-8", "replace"))


def _drop_elements(elements: list[Element], generator: random.Random) -> None:
    drop(generator.sample(elements, max(1, len(elements) // 20)))


def _drop_kind(elements: list[Element], generator: random.Random) -> None:
    """Drop all elements with the tag and class of one: a redesign renames them all."""
    chosen = _kind_of(generator.choice(elements))
    drop([element for element in elements if _kind_of(element) == chosen])


def _kind_of(element: Element) -> tuple[str | None, str | None]:
    return (element.tag, element.attributes.get("class"))


def _empty_attributes(elements: list[Element], generator: random.Random) -> None:
    for element in elements:
        if element.attributes and generator.random() < _EMPTIED:
            element.attrs[generator.choice(list(element.attributes))] = ""


def _with_other_json(
    page: Page, places: Sequence[JsonPlace], generator: random.Random
) -> Iterator[MutatedPage]:
    """One part of the page's JSON after the other changed, then its scripts cut off and doubled."""
    most = max(_FEWEST_OF_JSON, min(_MOST_OF_JSON, _BUDGET_OF_JSON // (len(page.body) + 1)))
    changes = [_with_other_values(place, generator) for place in places]
    in_turn = (one for several in zip_longest(*changes) for one in several if one is not None)
    yield from islice(in_turn, most)
    for place in places:
        if place.is_page:
            yield MutatedPage("its JSON twice", replace(page, body=page.body * 2))
    scripts = {place.script: place for place in places if place.script is not None}
    for number, place in scripts.items():
        for what, change in _SCRIPT_CHANGES:
            yield MutatedPage(f"{place.where} {what}", changed_page(page, number, change))


def _with_other_values(place: JsonPlace, generator: random.Random) -> Iterator[MutatedPage]:
    for what, value in mutations(place.value, generator):
        changed = place.with_text(json.dumps(value, ensure_ascii=False))
        yield MutatedPage(f"in {place.where}: {what}", changed)


def _cut_script(script: Element) -> None:
    text = script.inner_html or ""
    script.inner_html = text[: len(text) // 2]


def _double_script(script: Element) -> None:
    script.insert_before(script.clone())


def _precede_script(script: Element) -> None:
    """Put a script before it with the same attributes and variables, and empty values."""
    other = script.clone()
    text = script.inner_html or ""
    start = min((place for place in map(text.find, "[{") if place >= 0), default=0)
    other.inner_html = f"{text[:start]}{{}}"
    script.insert_before(other)


_SCRIPT_CHANGES = (
    ("is cut off", _cut_script),
    ("is left out", Element.decompose),
    ("is there twice", _double_script),
    ("follows one like it with {}", _precede_script),
)


def _without(value: Any, generator: random.Random) -> Any:
    """The JSON value with some of its entries missing, null, empty, or of another type."""
    if isinstance(value, dict):
        return {
            name: _without(_other(entry, generator), generator)
            for name, entry in value.items()
            if generator.random() > _DROPPED
        }
    if isinstance(value, list):
        return [_without(_other(entry, generator), generator) for entry in value]
    return value


def _other(value: Any, generator: random.Random) -> Any:
    others: tuple[Any, ...] = (None, "", [], {}, "0", -1, [None])
    return generator.choice(others) if generator.random() < _CHANGED else value
