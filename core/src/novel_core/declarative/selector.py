"""Selectors: the place of a value on a page, in one line of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from novel_core.declarative.content import Content, Node
from novel_core.declarative.languages import (
    LANGUAGES,
    CssPath,
    JsonPath,
    Path,
    Start,
    each,
    is_element,
    value_of,
)
from novel_core.declarative.processors import PROCESSORS, check_step

#: What a value is that means no.
_NO = ("", "false", "0")
_LANGUAGE = re.compile(rf"({'|'.join(LANGUAGES)}):")


@dataclass(frozen=True, slots=True)
class Selector:
    """`[language:]path[ >> [language:]path]…[ | step[:argument]]…`

    A path without a language is CSS where elements are expected, a JSON path where values of JSON
    are; an empty path is the place it starts from. Each path after `>>` starts from what the one
    before it has found. The steps after `|` change the text that was found.

    >>> from novel_core.page import Page, PageKind
    >>> html = b'<li data-id="9"><b>4. Home</b></li><script>var x = {"ids": [7, 8]};</script>'
    >>> content = Content(Page("https://example.org/1", PageKind.INDEX, html))
    >>> texts = "b | after:.", "li@data-id", "xpath://li/b", "i", "script:x= >> ids"
    >>> [list(Selector.of(text).values(content)) for text in texts]
    [['Home'], ['9'], ['4. Home'], [], ['7', '8']]
    """

    text: str
    paths: tuple[Path, ...]
    steps: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, text: str, *, of_data: bool = False) -> Selector:
        """The selector written as `text`. ValueError if it is not valid.

        With `of_data` its first path starts from a value of JSON.
        """
        head, *steps = text.split(" | ")
        paths: list[Path] = []
        try:
            for part in head.split(" >> "):
                path = _path(part.strip(), of_data=of_data)
                of_data = not path.finds_elements
                paths.append(path)
            parts = (step.partition(":") for step in steps)
            named = tuple((name.strip(), argument) for name, _, argument in parts)
            for name, argument in named:
                check_step(name, argument)
        except ValueError as error:
            msg = f"{text!r}: {error}"
            raise ValueError(msg) from error
        return cls(text, tuple(paths), named)

    @property
    def finds_elements(self) -> bool:
        return self.paths[-1].finds_elements

    def nodes(self, content: Content, root: Node = None) -> list[Node]:
        """Everything that is found from `root`, which is the page if None, in its order.

        ValueError if a path cannot be read.
        """
        reads_page = root is None and self.paths[0].reads_body
        start = content.root if reads_page else root
        nodes = self.paths[0].nodes(Start(start, content, is_first=True))
        before = self.paths[0]
        for path in self.paths[1:]:
            if before.finds_elements or not isinstance(path, JsonPath):
                # A JSON path goes on from a list as a whole, any other from each of its entries.
                what = before.what
                nodes = [value_of(one, what) if what else one for one in each(nodes)]
            found = (path.nodes(Start(node, content, is_first=False)) for node in nodes)
            nodes = list(chain.from_iterable(found))
            before = path
        return nodes if isinstance(before, CssPath) else each(nodes)

    def values(self, content: Content, root: Node = None) -> Iterator[str]:
        """The texts that are found and not empty. ValueError if one cannot be read."""
        return (value for node in self.nodes(content, root) if (value := self.value_of(node)))

    def value_of(self, node: Node) -> str | None:
        """The text of one thing that was found, or None."""
        try:
            value = value_of(node, self.paths[-1].what)
            for name, argument in self.steps:
                if not value:
                    return None
                value = PROCESSORS[name](value, argument)
        except ValueError as error:
            msg = f"{self.text!r}: {error}"
            raise ValueError(msg) from error
        return value

    def means_yes(self, node: Node) -> bool:
        """Whether one thing that was found means yes: an element as such, a value that is not empty,
        `false` or 0. ValueError if the value cannot be read.
        """
        if not self.steps and (isinstance(node, dict) or (self._is_whole and is_element(node))):
            return bool(node) if isinstance(node, dict) else True
        if not is_element(node) and not node:
            return False
        return (self.value_of(node) or "").strip().lower() not in _NO

    @property
    def _is_whole(self) -> bool:
        """Whether it takes no attribute of the elements that it finds."""
        return self.paths[-1].what is None


def _path(text: str, *, of_data: bool) -> Path:
    named = _LANGUAGE.match(text)
    if re.match(r"/(?!/)|https?:", text):
        msg = f"an address is written with its language: url:{text}"
        raise ValueError(msg)
    language = named[1] if named else "json" if of_data else "css"
    return LANGUAGES[language].of(text[named.end() :].strip() if named else text)
