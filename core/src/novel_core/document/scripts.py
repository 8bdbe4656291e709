"""The JSON in a page's scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any

from selectolax.lexbor import LexborNode

from novel_core.document.json_body import read_json
from novel_core.document.text import select, written
from novel_core.errors import PageBroken, PageChanged


def script_values(root: LexborNode, name: str, url: str = "") -> list[Any]:
    """The values in the scripts that a CSS selector names, or assigned to `name=`.

    Those that are no JSON are left out; PageChanged if all are. `url` is named in errors.

    >>> from novel_core.document import parse_html
    >>> page = parse_html('<script id="a">{"n": 1}</script><script>window.x = [2]; y()</script>', "")
    >>> [script_values(page.root, name) for name in ("#a", "window.x=", "#b")]
    [[{'n': 1}], [[2]], []]
    """
    values: list[Any] = []
    problem: PageChanged | PageBroken | None = None
    for text in _texts(root, name):
        try:
            values.append(read_json(text, url))
        except (PageChanged, PageBroken) as error:
            problem = error
    if problem is not None and not values:
        message = f"The script {name} holds no JSON: {problem.message}"
        raise PageChanged(message, url=url, selector=name)
    return values


def _texts(root: LexborNode, name: str) -> Iterator[str]:
    if not name.endswith("="):
        yield from map(written, select(root, name))
        return
    variable = name[:-1].rstrip()
    assigned = re.compile(rf"(?<![\w.$]){re.escape(variable)}\s*=(?!=)\s*")
    for script in select(root, "script"):
        text = written(script)
        for place in assigned.finditer(text):
            yield _first_value(text[place.end() :])


def _first_value(text: str) -> str:
    """The JSON value at the beginning of a script's text; all of it if there is none."""
    try:
        _, end = JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return text
    return text[:end]
