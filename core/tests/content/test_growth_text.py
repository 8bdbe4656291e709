"""Plain text costs what the text is long, however it is nested and whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growing import too_steep

from novel_core.content import to_text

pytestmark = pytest.mark.growth


@pytest.mark.parametrize(
    "piece",
    [
        lambda count: "<p>a</p>" * count,
        lambda count: f"<p>{'word ' * count}</p>",
        lambda count: "<p>" + "\u96e8\u3002" * count + "</p>",
        lambda count: f"<p>{'a' * count}</p>",
        lambda count: f"<p>a{'&nbsp;' * count}b</p>",
        lambda count: "<p>" + "<br>" * count + "a</p>",
        lambda count: "<p>" + "a<b>b</b>" * count + "</p>",
        lambda count: "<pre>" + "\n" * count + "a</pre>",
        lambda count: '<p class="pre-wrap">' + "a  b\n" * count + "</p>",
        lambda count: "<ul>" + "<li>a</li>" * count + "</ul>",
        lambda count: "<dl>" + "<dt>a</dt><dd>b</dd>" * count + "</dl>",
        lambda count: "<ruby>" + "<rb>a</rb>" * count + "<rt>b</rt></ruby>",
        lambda count: "<details><summary>a</summary>b</details>" * count,
        lambda count: "<table>" + "<tr><td>a</td><td>b</td></tr>" * count + "</table>",
        lambda count: "<table><tr>" + "<td>a</td>" * count + "</tr></table>",
        lambda count: "<table><tr><td>" + "<p>a</p>" * count + "</td></tr></table>",
        lambda count: ("<ul><li>" * 100 + "a" + "</li></ul>" * 100) * (count // 100),
        lambda count: "<blockquote>" * 100 + "a b " * count + "</blockquote>" * 100,
    ],
)
def test_the_cost_grows_with_the_text(piece: Callable[[int], str]) -> None:
    assert not too_steep(lambda size: to_text(piece(size)), (1000, 4000, 16_000))
