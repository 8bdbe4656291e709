"""Selectors: the place of a field on a page, in one line of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from novel_core.declarative.processors import PROCESSORS
from novel_core.document import Element, inner_html, select, text_of
from novel_core.document.text import selector

_CSS_AND_ATTRIBUTE = re.compile(r"^(?P<css>.*?)(?:@(?P<what>[A-Za-z_][\w:.-]*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Selector:
    """`CSS[@attribute or @html][ | processor[:argument]]…`

    Without `@` the value of an element is its text, in one line; `@html` is the markup inside it,
    `@name` an attribute. An empty CSS is the element itself (in a row of the chapter list). `|` has
    a space on both sides. `:contains("…")` selects by a text inside.

    >>> Selector.of("time.first@datetime | date").what
    'datetime'
    >>> from novel_core.document import fragment
    >>> row = fragment('<li data-id="9"><b>4. Home</b></li>').first_child
    >>> [Selector.of(text).first(row) for text in ("b | after:.", "@data-id", "i")]
    ['Home', '9', None]
    """

    text: str
    css: str
    what: str | None
    steps: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str) -> Selector:
        """The selector written as `text`. ValueError if it is not valid."""
        head, *steps = text.split(" | ")
        found = _CSS_AND_ATTRIBUTE.match(head.strip())
        assert found is not None
        css = found["css"].strip()
        parts = (step.partition(":") for step in steps)
        named = tuple((name.strip(), argument) for name, _, argument in parts)
        for name, _ in named:
            if name not in PROCESSORS:
                names = ", ".join(sorted(PROCESSORS))
                msg = f"{text!r}: there is no processor {name!r}, only {names}"
                raise ValueError(msg)
        try:
            css = selector(css) if css else ""
        except ValueError as error:
            msg = f"{text!r}: {error}"
            raise ValueError(msg) from error
        return cls(text, css, found["what"], named)

    def elements(self, root: Element) -> list[Element]:
        """The elements that the CSS selects, in the order of the page."""
        return select(root, self.css) if self.css else [root]

    def first(self, root: Element) -> str | None:
        """The first value that is not empty, or None. ValueError if a step cannot read it."""
        return next(filter(None, map(self.value_of, self.elements(root))), None)

    def value_of(self, element: Element) -> str | None:
        """The value of one selected element, or None."""
        value: str | None
        if self.what is None:
            value = text_of(element)
        elif self.what == "html":
            value = inner_html(element)
        else:
            value = (element.attributes.get(self.what) or "").strip()
        for name, argument in self.steps:
            if not value:
                return None
            try:
                value = PROCESSORS[name](value, argument)
            except ValueError as error:
                msg = f"{self.text!r}: {error}"
                raise ValueError(msg) from error
        return value

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema for pydantic: a table's selector is written as text."""
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.of(value),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: value.text
            ),
        )
