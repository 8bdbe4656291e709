"""Renaming and unwrapping elements, in well-formed HTML with rewritten tags."""

from __future__ import annotations

import re

from novel_core.content.rules import RENAMED

_RENAMED_END = re.compile(rf"</(?:{'|'.join(sorted(RENAMED))})>")
_RENAMED_TAG = re.compile(rf"<(/?)({'|'.join(sorted(RENAMED))})>")
_UNSETTLED = re.compile(rf"<(?:{'|'.join(sorted(RENAMED))}|span|a)[ >]")
_BARE_STARTS = {"center": '<div class="align-center">', "big": '<span class="large">'}


def is_plain(markup: str) -> bool:
    """Whether a text with these tags needs no change."""
    return _UNSETTLED.search(markup) is None


def simplify(html: str, markup: str) -> str:
    """Rename obsolete elements and unwrap others. `markup` has the original tags."""
    if _RENAMED_END.search(markup):
        html = _RENAMED_TAG.sub(_renamed, html)
    for name in ("span", "a"):
        if f"<{name}>" in html:
            html = _unwrapped(html, name)
    return html


def _renamed(match: re.Match[str]) -> str:
    slash, name = match[1], match[2]
    bare = None if slash else _BARE_STARTS.get(name)
    return bare or f"<{slash}{RENAMED[name]}>"


def _unwrapped(html: str, name: str) -> str:
    """`html` without the `name` elements that have no attribute; their content stays."""
    ends: list[str] = []
    bare, end = f"<{name}>", f"</{name}>"

    def replace(match: re.Match[str]) -> str:
        tag = match[0]
        if tag == end:
            return ends.pop() if ends else ""
        ends.append("" if tag == bare else end)
        return "" if tag == bare else tag

    return re.sub(rf"</?{name}(?: [^>]*)?>", replace, html)
