"""Selectors: where a field stands on a page, in one line of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from novel_core.declarative.processors import PROCESSORS
from novel_core.document import Element, inner_html, select, text_of
from novel_core.document.selectors import selector

_TAKEN = re.compile(r"^(?P<css>.*?)(?:@(?P<what>[A-Za-z_][\w:.-]*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Selector:
    """`CSS[@attribute or @html][ | processor[:argument]]…`

    Without `@` an element gives its text, folded to one line; `@html` the markup inside it; `@name` the attribute. An empty CSS means
    the element itself (in a row of the chapter list). A blank stands on both sides of `|`. `:contains("…")` selects by a text inside.

    >>> Selector.of("time.first@datetime | date").what
    'datetime'
    >>> from novel_core.document import fragment
    >>> row = fragment('<li data-id="9"><b>4. Home</b></li>').first_child
    >>> Selector.of("b | after:.").first(row), Selector.of("@data-id").first(row), Selector.of("i").first(row)
    ('Home', '9', None)
    """

    text: str
    css: str
    what: str | None
    steps: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str) -> Selector:
        """ValueError says what is wrong with it."""
        head, *steps = text.split(" | ")
        found = _TAKEN.match(head.strip())
        assert found is not None
        css = found["css"].strip()
        named = [(name, argument) for step in steps for name, _, argument in [step.partition(":")]]
        for name, _ in named:
            if name.strip() not in PROCESSORS:
                msg = f"{text!r}: there is no processor {name.strip()!r}, only {', '.join(sorted(PROCESSORS))}"
                raise ValueError(msg)
        try:
            css = selector(css) if css else ""
        except ValueError as error:
            msg = f"{text!r}: {error}"
            raise ValueError(msg) from error
        return cls(
            text, css, found["what"], tuple((name.strip(), argument) for name, argument in named)
        )

    def elements(self, root: Element) -> list[Element]:
        """What the CSS selects, in the order of the page."""
        return select(root, self.css) if self.css else [root]

    def first(self, root: Element) -> str | None:
        """The first value that is not empty, or None."""
        return next(iter(self.all(root)), None)

    def all(self, root: Element) -> list[str]:
        """All values that are not empty. ValueError when one is not what it should be."""
        found = (self.value_of(element) for element in self.elements(root))
        return [value for value in found if value]

    def value_of(self, element: Element) -> str | None:
        """What one element that the CSS selects gives; None for nothing."""
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
        """In a table a selector is written as text."""
        from_text = core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.of(value)
        )
        return core_schema.no_info_after_validator_function(
            lambda value: value,
            from_text,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: value.text
            ),
        )
