"""Nothing in a text costs more than its length: what is four times as long takes about four times as long."""

from __future__ import annotations

import pytest
from growing import too_steep

from novel_core.content import fingerprint, sanitize, to_text, word_count

pytestmark = pytest.mark.growth

SIZE = 16_000


def _filled(bit: str, size: int) -> str:
    return bit * (size // len(bit) + 1)


HOSTILE = {
    "srcset of letters": '<img srcset="{a}">',
    "srcset of commas": '<img srcset="{,}">',
    "srcset of spaces": '<img srcset="x{ }y">',
    "srcset of candidates": '<img srcset="{a 1w, }">',
    "width of digits": '<img src="/a.png" width="{1}x">',
    "width of spaces": '<img src="/a.png" width="1{ }x">',
    "start of zeros": '<ol start="{0}x"><li>a</ol>',
    "style of digits": '<p style="margin-left:{1}x">a</p>',
    "style of points": '<p style="font-size:{1.}x">a</p>',
    "style of brackets": '<p style="color:{a(}">a</p>',
    "style of sizes": '<img src="/a.png" style="{width: }">',
    "style of semicolons": '<p style="{;}">a</p>',
    "colour of letters": '<font color="{a}">a</font>',
    "address of slashes": '<a href="{/}">a</a>',
    "thin words": '{<p><span style="font-weight:400">a</span></p>}',
    "upright words": '{<p><span style="font-style:normal">a</span></p>}',
    "hidden side by side": "{<i hidden>a</i>}",
    "embeds": "{<object><param></object>}",
    "links": "{<a>a</a>}",
    "spaces": "<p>{ }</p>",
    "tabs around blocks": "{<p>\t</p>\t}",
    "references": "<p>{&amp;}</p>",
    "pictures": '{<img src="/a.png">}',
    "half a comment": "{<!-}",
    "items": "<ul>{<li>a}</ul>",
    "rows": "<table>{<tr><td>a</td></tr>}</table>",
}


def _read(html: str) -> None:
    clean = sanitize(html, base_url="https://site.example/1").html
    fingerprint(clean)
    word_count(clean)
    to_text(clean)


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE.keys())
def test_cost_grows_with_the_length(pattern: str) -> None:
    before, bit = (
        pattern[: pattern.index("{")],
        pattern[pattern.index("{") + 1 : pattern.rindex("}")],
    )
    after = pattern[pattern.rindex("}") + 1 :]

    def read(size: int) -> None:
        _read(f"{before}{_filled(bit, size)}{after}")

    assert not too_steep(read, (SIZE, SIZE * 4))
