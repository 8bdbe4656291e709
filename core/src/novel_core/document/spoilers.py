"""Spoilers: text that a reader opens by a click."""

from __future__ import annotations

from html import escape

from selectolax.lexbor import LexborNode


def make_spoiler(element: LexborNode, title: str = "") -> None:
    """Replace an element by a spoiler with its content: `<details>`, with the title as `<summary>`.

    It stays closed without the site's styles and scripts. Without a title it is called `Spoiler`.

    >>> from novel_core import fragment, inner_html, select
    >>> body = fragment('<div class="hidden">It was <b>her</b>.</div>')
    >>> for element in select(body, "div.hidden"):
    ...     make_spoiler(element, "The end")
    >>> inner_html(body)
    '<details><summary>The end</summary>It was <b>her</b>.</details>'
    """
    summary = escape(" ".join(title.split()) or "Spoiler", quote=False)
    inside = list(element.iter(include_text=True))
    element.inner_html = f"<details><summary>{summary}</summary></details>"
    details = element.first_child
    assert details is not None
    for node in inside:
        details.insert_child(node, move=True)
    element.unwrap()
