"""Markdown, rendered, is the text it was made of: its words, its emphasis, and nothing that runs."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pytest
from growing import too_steep
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt
from markup import PARAGRAPHS, TEXT_HTML
from selectolax.lexbor import LexborHTMLParser
from wording import seen, words

from novel_core.content import sanitize
from novel_core.export.markdown import to_markdown

READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def rendered(markdown: str) -> str:
    return str(READER.render(markdown))


def clean(html: str) -> str:
    return sanitize(html, base_url="https://site.example/1").html


def check(html: str) -> None:
    """The same words with the same emphasis, and no element that the text has not."""
    saved = clean(html)
    made = rendered(to_markdown(saved))
    expected, found = seen(saved), seen(made)
    assert words(found) == words(expected)
    assert found == expected
    assert live(made) == []


def live(html: str) -> list[str]:
    tree = LexborHTMLParser(html)
    found = [f"<{one.tag}>" for one in tree.css("script, style, iframe, object, form, input, svg")]
    found += [
        f"{name} of <{one.tag}>"
        for one in tree.css("body *")
        for name in one.attributes
        if name not in {"href", "title", "src", "alt", "start", "class"}
    ]
    return found


@given(PARAGRAPHS)
@settings(max_examples=200, deadline=None)
def test_a_line_of_any_markup_reads_the_same_when_rendered(html: str) -> None:
    check(f"<p>{html}</p>")


@given(TEXT_HTML)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_text_of_any_markup_reads_the_same_when_rendered(html: str) -> None:
    check(html)


PICTURE = "https://e.example/x.png"
WRITTEN = [
    ("<p>too<em> </em>shady</p>", "too shady"),
    ("<p><strong><em>Ann</em></strong><em>: go.</em></p>", "***Ann**: go.*"),
    ("<p>Rank<strong>: </strong>Iron</p>", "Rank<strong>:</strong> Iron"),
    ("<p>The end.<br></p>", "The end."),
    ("<p>a<em>&nbsp;b</em></p>", "a\u00a0*b*"),
    ("<p><em>a</em><em>b</em> <i>c</i></p>", "*ab c*"),
    ("<p>a<strong>b</strong>c <em>d<strong>e</strong>f</em></p>", "a**b**c *d<strong>e</strong>f*"),
    ("<p><em>one <strong>two</strong> three</em></p>", "*one **two** three*"),
    ("<p><strong>\u300c\u96e8\u300d</strong>\u304c</p>", "<strong>\u300c\u96e8\u300d</strong>\u304c"),
    ("<p>\u96e8<em>\u304c</em>\u964d\u308b</p>", "\u96e8*\u304c*\u964d\u308b"),
    ('<p><span class="italic">a <b class="not-bold">b</b></span></p>', "*a b*"),
    ("<p>a<br>b<br><br>c</p>", "a\\\nb\n\nc"),
    ("<p># a</p><p>- b</p><p>+ c</p><p>1. d</p><p>&gt; e</p>", "\\# a\n\n\\- b\n\n\\+ c\n\n1\\. d\n\n\\> e"),
    ("<p>a<br>---</p><p>===</p><p>~~~</p>", "a\\\n\\---\n\n\\===\n\n\\~\\~\\~"),
    ("<p>snake_case _x_ 2*3 a\\</p>", "snake_case \\_x\\_ 2\\*3 a\\\\"),
    ("<p>AT&amp;T &amp;amp; &lt;b&gt; a &lt; b</p>", "AT\\&T \\&amp; \\<b> a < b"),
    ("<h2>C #</h2><h3>a<br>b</h3>", "## C \\#\n\n### a b"),
    ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
    ("<pre>a <b>b</b>\n  c</pre>", "a **b**\\\n\u00a0\u00a0c"),
    ("<p><code>a`b</code><code>c</code></p>", "``a`bc``"),
    ("<p>x<sub>2</sub> <u>y</u> <s>z</s></p>", "x<sub>2</sub> <u>y</u> <s>z</s>"),
    ("<ul><li>a<ol start=4><li>b</ol></li><li>c</li></ul>", "- a\n\n  4. b\n- c"),
    ("<ol><li>a<li value=7>b</ol><ol reversed><li>c<li>d</ol>", "1. a\n\n7) b\n\n2. c\n\n1) d"),
    ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b"),
    ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
    ("<ruby>\u6f22<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "\u6f22(kan)"),
    ("<details><summary>a &lt;b&gt; <em>c</em></summary>d</details>",
     "<details>\n<summary>a &lt;b&gt; <em>c</em></summary>\n\nd\n\n</details>"),
    ("<table><tr><th>A|B<tr><td colspan=2>a<p>b</p><td rowspan=2>c<tr><td>d<td>e</table>",
     "| A\\|B |  |  |\n| --- | --- | --- |\n| a<br>b |  | c |\n| d | e |"),
    ('<p>!<a href="https://e.example/a_(b)" title="c &quot;d">e]</a></p>',
     '\\![e\\]](https://e.example/a_\\(b\\) "c \\"d")'),
    (f'<p><img src="{PICTURE}" alt="a](x) &lt;script&gt;"></p>', f"![a\\](x) \\<script>]({PICTURE})"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "markdown"), WRITTEN)
def test_markup_is_written_so(html: str, markdown: str) -> None:
    assert to_markdown(clean(html)) == markdown
    check(html)


def test_a_list_within_a_cell_keeps_its_marks() -> None:
    html = "<table><tr><td>a<ol><li>b<li>c</ol><ul><li>d</ul></table>"
    assert to_markdown(clean(html)) == "| a<br>1. b<br>2. c<br>- d |\n| --- |"


LIVE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
HOSTILE = [
    f'<img src="{PICTURE}" alt="{escape(LIVE)}" title="{escape(LIVE)}">',
    f'<a href="https://e.example/" title="a) {escape(LIVE)}">x</a>',
    f'<a href="https://e.example/" title="&quot;){escape(LIVE)}">x</a>',
    f"<pre>```\n{escape(LIVE)}\n~~~~\n````</pre>",
    f"<p>{escape(LIVE)}</p><code>`{escape(LIVE)}</code>",
    f"<details><summary>{escape(LIVE)}</summary></details>",
    f"<table><tr><td>{escape(LIVE)}<td><code>|`{escape(LIVE)}</code></table>",
    f"<ul><li>{escape(LIVE)}</ul><h2>{escape(LIVE)}</h2>",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_words_that_look_like_markup_stay_words(html: str) -> None:
    check(html)


@pytest.mark.growth
@pytest.mark.parametrize(
    "piece",
    [
        lambda count: "<ul>" + "<li>a</li>" * count + "</ul>",
        lambda count: "<p>a</p>" * count,
        lambda count: f"<p>{'*' * count}</p>",
        lambda count: f"<p>{'_ ' * count}</p>",
        lambda count: f"<p><code>{'` ' * count}</code></p>",
        lambda count: f"<p>a{'&nbsp;' * count}b</p>",
        lambda count: "<p>" + "<b>a</b><i>b</i>" * count + "</p>",
        lambda count: "<p>" + "<b> <i>,</i></b>" * count + "</p>",
        lambda count: "<p>" + "<span>a</span> b" * count + "</p>",
        lambda count: "<p>" + "a <b>b</b> " * count + "</p>",
        lambda count: "<p>" + "<br>a" * count + "</p>",
        lambda count: "<p>" + '<a href="https://e.example/">a</a>!' * count + "</p>",
        lambda count: "<ruby>" + "<rb>a</rb>" * count + "<rt>b</rt></ruby>",
        lambda count: "<ul>" + "a<b>c</b>" * count + "</ul>",
        lambda count: "<table>" + "<tr><td>a</td></tr>" * count + "</table>",
        lambda count: "<table><tr>" + "<td>a</td>" * count + "</tr></table>",
        lambda count: "<details>" + "a<i>b</i>" * count + "</details>",
        lambda count: ("<ul><li>" * 100 + "a" + "</li></ul>" * 100) * (count // 100),
        lambda count: ("<blockquote>" * 100 + "a" + "</blockquote>" * 100) * (count // 100),
    ],
)
def test_the_cost_grows_with_the_text(piece: Callable[[int], str]) -> None:
    assert not too_steep(lambda size: to_markdown(piece(size)), (1000, 4000, 16_000))


def test_a_text_nested_hundreds_deep_is_written_whole() -> None:
    for start, end in (
        ("<ul><li>", "</li></ul>"),
        ("<blockquote>", "</blockquote>"),
        ("<b>", "</b>"),
    ):
        html = start * 230 + "core" + end * 230 + "<p>end</p>"
        check(html)


def test_a_text_of_another_hand_is_read_all_the_same() -> None:
    assert to_markdown('<p "x=1 a:b=2>a<o:p>b</o:p><script>c</script>') == "ab"
