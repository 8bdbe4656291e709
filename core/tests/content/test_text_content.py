from __future__ import annotations

import doctest
import importlib
import subprocess
import sys

import pytest

from novel_core.content import sanitize, to_text
from novel_core.content.colours import background_colour, text_colour
from novel_core.content.layout import cells

TEXTS = [
    ("<p>One <em>two</em>\n three</p><p>four<br>five</p>", "One two three\n\nfour\nfive"),
    ("<p>a</p><p>&nbsp;</p><hr><p>b</p>", "a\n\n* * *\n\nb"),
    ("<h2>Title</h2>loose text<p>b</p>", "Title\n\nloose text\n\nb"),
    (
        "<ul><li>a</li><li>b<ol start=4><li>c</li><li>d</li></ol></li></ul>x",
        "- a\n- b\n  4. c\n  5. d\n\nx",
    ),
    (
        "<details><summary>My <b>own</b></summary><p>a</p></details><p>b</p>",
        "[Spoiler: My own]\n\n  a\n\nb",
    ),
    ("<details><summary>Spoiler</summary>a</details>b", "[Spoiler]\n\n  a\n\nb"),
    ("<details>a</details>b", "[Spoiler]\n\n  a\n\nb"),
    ('<p><img src="/a.png" alt="A map"> <img src="/b.png"></p>', "[image: A map] [image]"),
    ('<p>See <a href="/x">this</a>, x<sup>2</sup>, <q>quoted</q></p>', "See this, x2, “quoted”"),
    ("<blockquote><p>a</p></blockquote><dl><dt>t<dd>d</dl>", "    a\n\nt\n\n    d"),
    ("<pre>  a\n    b\n</pre>", "  a\n    b"),
    (
        "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby><ruby>字<rt>じ</rt></ruby>",
        "漢(かん)字(じ)",
    ),
    (
        "<table><tr><th>Name<th>Value<tr><td>Strength<td>12<br>13<tr><td>魔王<td>4</table>",
        "Name      Value\nStrength  12\n          13\n魔王      4",
    ),
    ("<table><tr><td colspan=2>Status<tr><td>HP<td>9</table>", "Status\nHP      9"),
    ("<table><tr><td>a<table><tr><td>b</table></table>", "a\nb"),
    ("", ""),
]


@pytest.mark.parametrize(("html", "expected"), TEXTS)
def test_html_reads_as_plain_text(html: str, expected: str) -> None:
    assert to_text(sanitize(html, base_url="https://site.example/").html) == expected


@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_keep_to_the_width(width: int) -> None:
    words = "word " * 60
    row = f"<tr><td>{words}</td><td>{words}</td></tr>"
    html = (
        f"<p>{words}</p><p>{'魔王は寝る。' * 20}</p><ul><li>{words}</li></ul><table>{row}</table>"
    )
    lines = to_text(html, width=width).split("\n")
    assert max(map(cells, lines)) <= width
    assert "".join(lines).count("word") == 240


def test_without_a_width_a_paragraph_is_one_line() -> None:
    assert to_text(f"<p>{'word ' * 100}</p>", width=None) == ("word " * 100).strip()


def test_columns_too_narrow_to_read_become_lines() -> None:
    cells_of_row = "".join(f"<td>cell {n}</td>" for n in range(9))
    text = to_text(f"<table><tr>{cells_of_row}</tr></table>", width=40)
    assert " ".join(text.split()) == " | ".join(f"cell {n}" for n in range(9))


def test_a_deep_text_is_read_whole() -> None:
    html = "<blockquote>" * 400 + "deep" + "</blockquote>" * 400
    assert to_text(html).strip() == "deep"


@pytest.mark.parametrize(
    ("value", "text", "background"),
    [
        ("red", "red", "red"),
        ("#000", None, "black"),
        ("white", None, None),
        ("rgba(255, 255, 255, 0.8)", None, None),
        ("#888", "gray", "gray"),
        ("rgb(184 134 11)", "orange", "orange"),
        ("saddlebrown", "brown", "brown"),
        ("hsl(180, 100%, 30%)", "teal", "teal"),
        ("#8a2be2", "purple", "purple"),
        ("hotpink", "pink", "pink"),
        ("transparent", None, None),
        ("rgba(255, 0, 0, 0.01)", None, None),
        ("currentcolor", None, None),
        ("var(--x)", None, None),
        ("#ffcc00 url(x) no-repeat", "yellow", "yellow"),
        ("expression(alert(1))", None, None),
        ("", None, None),
    ],
)
def test_colours_become_names(value: str, text: str | None, background: str | None) -> None:
    assert (text_colour(value), background_colour(value)) == (text, background)


@pytest.mark.parametrize(
    "module",
    ["", ".clean", ".colours", ".compare", ".count", ".layout", ".links", ".styles", ".text"],
)
def test_examples_in_the_docstrings_hold(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"novel_core.content{module}"))
    assert (result.failed, result.attempted > 0) == (0, True)


def test_cleaning_needs_neither_scrapy_nor_a_database() -> None:
    code = "import sys, novel_core.content; print(sorted({'scrapy', 'sqlalchemy', 'lxml', 'twisted'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_row_much_longer_than_the_others_does_not_widen_them() -> None:
    rows = "<tr><td>a</td></tr>" * 2000
    text = to_text(f"<table>{rows}<tr>{'<td>b</td>' * 2000}</tr></table>", width=None)
    assert text.split("\n") == ["a"] * 2000 + [" | ".join("b" * 2000)]


def test_a_cell_of_megabytes_is_wrapped() -> None:
    lines = to_text(f"<table><tr><td>{'word ' * 200_000}</td><td>b</td></tr></table>").split("\n")
    assert max(map(len, lines)) <= 80
    assert lines[0].endswith("  b")
