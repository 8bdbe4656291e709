"""Whole elements that go: hidden ones, embeds, empty wrappers. On well-formed HTML with rewritten tags."""

from __future__ import annotations

import re

from novel_core.content.rules import EMBEDS, LINK_REL, RENAMED, VOID_TAGS

_EMBED_NAMES = "|".join(sorted(EMBEDS))
_SPECIAL = re.compile(rf'<(?:({_EMBED_NAMES})(?: src="[^"]*")?|([a-z][a-z0-9]*) hidden="")>')
_SOURCE = re.compile(rf'<(?:{_EMBED_NAMES}) src="([^"]*)">')
_RENAMED_END = re.compile(rf"</({'|'.join(RENAMED)})>")
_RENAMED_START = re.compile(rf"<({'|'.join(RENAMED)})>")
_BARE_STARTS = {"center": '<div class="align-center">', "big": '<span class="large">'}


def simplify(html: str) -> str:
    """Drop hidden elements, turn embeds into links, close renamed elements, unwrap what says nothing."""
    if _SPECIAL.search(html):
        html = _without_special(html)
    if _RENAMED_END.search(html):
        html = _RENAMED_START.sub(
            lambda match: _BARE_STARTS.get(match[1], f"<{RENAMED[match[1]]}>"), html
        )
        html = _RENAMED_END.sub(lambda match: f"</{RENAMED[match[1]]}>", html)
    for name in ("span", "a"):
        if f"<{name}>" in html:
            html = _unwrapped(html, name)
    return html


def _without_special(html: str) -> str:
    kept: list[str] = []
    position = 0
    while match := _SPECIAL.search(html, position):
        kept.append(html[position : match.start()])
        name = match[1] or match[2]
        end = _end(html, name, match.end())
        if match[2]:
            position = end
            continue
        source = _SOURCE.search(html, match.start(), end)
        if source is not None:
            kept.append(f'<a href="{source[1]}" rel="{LINK_REL}">{source[1]}</a>')
        # An embed of nothing leaves what it shows where it cannot be played; a frame has no such text.
        position = end if source is not None or name == "iframe" else match.end()
    kept.append(html[position:])
    return "".join(kept)


def _end(html: str, name: str, start: int) -> int:
    """Where the element ends whose opening tag ends at `start`."""
    if name in VOID_TAGS:
        return start
    if name == "iframe":  # its content is text in which tags mean nothing
        end = html.find("</iframe>", start)
        return len(html) if end < 0 else end + len("</iframe>")
    depth = 1
    for tag in re.compile(rf"<(/?){name}(?: [^>]*)?>").finditer(html, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(html)


def _unwrapped(html: str, name: str) -> str:
    """`html` without the `name` elements that have no attribute; what they hold stays."""
    ends: list[str] = []
    bare, end = f"<{name}>", f"</{name}>"

    def replace(match: re.Match[str]) -> str:
        tag = match[0]
        if tag == end:
            return ends.pop() if ends else ""
        ends.append("" if tag == bare else end)
        return "" if tag == bare else tag

    return re.sub(rf"</?{name}(?: [^>]*)?>", replace, html)
