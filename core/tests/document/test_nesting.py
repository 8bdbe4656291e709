"""The guard before the parser: what would hurt is refused, however it is written; long and careless pages are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st
from selectolax.lexbor import LexborHTMLParser

from novel_core.content import sanitize
from novel_core.document import nesting
from novel_core.document.nesting import check_source
from novel_core.errors import PageBroken

URL = "https://site.example/1"
N = 2_000


def formatting(count: int) -> str:
    return "".join(f"<b id={number}>" for number in range(count))


DEEP: dict[str, Callable[[], str]] = {
    "formatting that each paragraph opens again": lambda: "".join(
        f"<b id={number}></x><p>" for number in range(N)
    ),
    "end tags of nothing": lambda: "<span></x>" * N,
    "a block that shields what is around it": lambda: "<span><div></span></div>" * N,
    "a button that does": lambda: "<span><button></span></button>" * N,
    "an applet that does": lambda: "<b><applet></b></applet>" * N,
    "short paragraphs after much formatting": lambda: (
        f"<div>{formatting(450)}</div>" + "<p>x</p>" * N
    ),
    "paragraphs in objects": lambda: "<p><object>" * N,
    "paragraphs in drawings": lambda: "<p><svg><foreignObject>" * N,
    "tables in each other": lambda: "<table><tr><td>" * N,
    "tables ended as cells": lambda: "<table>" + "<td><table></td>" * N,
    "rows in templates": lambda: "<table><tr><td>" + "<template><tr>" * N,
    "cells in a drawing": lambda: "<table><tr><td><svg>" + "<td>" * N,
    "cells outside of a table": lambda: "<span><td></x>" * N,
    "rows of a table in a list of choices": lambda: (
        "<select><table><tr></select>" + "<span><tr></x>" * N
    ),
    "rows after a table that ended another": lambda: (
        "<table><table></table>" + "<span><tr></x>" * N
    ),
}


@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP.keys())
def test_what_a_parser_would_choke_on_is_refused(make: Callable[[], str]) -> None:
    with pytest.raises(PageBroken, match="nests its tags"):
        check_source(make(), URL)


MANY = " ".join(f"a{number}" for number in range(N * 2))
ATTRIBUTES = {
    "of a paragraph": f"<p {MANY}>x</p>",
    "of a leaf": f"<em {MANY}>x</em>",
    "of an end tag": f"<p>x</p {MANY}>",
    "of an empty element": f"<br {MANY}>",
    "between values with brackets": "<p "
    + " ".join(f'v{number}=">" {MANY[:400]}' for number in range(100))
    + ">x",
}


FEW = {
    "few elements, ended again and again": "<b><i>" + "<p id=x></b></i></p>" * 220,
    "few elements with many ends": "<span>" * 200 + "</b>" * 20_000,
    "few elements, deep": "<div>" * 240,
    "few tables in each other": "<table><td>" * 120,
    "long values": f'<p title="{"x" * 5000}">x</p>',
    "brackets in values": "<p " + " ".join(f'v{number}=">"' for number in range(100)) + ">x</p>",
}


@pytest.mark.parametrize("html", FEW.values(), ids=FEW.keys())
def test_a_page_of_few_elements_is_judged_by_counting_as_by_looking(
    html: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_source(html, URL)
    monkeypatch.setattr(nesting, "_opens_few", lambda _: False)
    check_source(html, URL)


def test_thousands_of_elements_are_more_than_few() -> None:
    assert nesting._opens_few("<p>x</p>" * 240)
    assert not nesting._opens_few("<p>x</p>" * 241)
    assert not nesting._opens_few("<span>" * 200 + "</b>" * 20_000)
    assert not nesting._opens_few(f"<p {MANY}>x</p>")
    assert not nesting._opens_few("<p " + f'v=">" {MANY[:1500]} ' * 10 + ">x</p>")


@given(
    st.lists(st.integers(min_value=0, max_value=2_100) | st.sampled_from([1_999, 2_000, 2_001])),
)
def test_a_long_piece_is_found_wherever_it_stands(lengths: list[int]) -> None:
    html = ">".join("x" * length for length in lengths)
    assert nesting._has_long_piece(html) is any(length > 2_000 for length in lengths)


@pytest.mark.parametrize("html", ATTRIBUTES.values(), ids=ATTRIBUTES.keys())
def test_thousands_of_attributes_are_refused(html: str) -> None:
    with pytest.raises(PageBroken, match="attributes"):
        check_source(html, URL)


TABLES = {
    "cells without end tags": ("<table>" + "<tr><td>a<td>b" * N + "</table>", 2 * N),
    "rows in groups": (
        "<table><thead><tr><th>a<th>b<tbody>" + "<tr><td>a<td><b>b</b>" * N + "</table>",
        2 * N,
    ),
    "a table in each row": (
        "<table>" + "<tr><td><table><tr><td>x</table><td>b" * N + "</table>",
        3 * N,
    ),
    "a box without end in each cell": ("<table>" + "<tr><td><div>a" * N + "</table>", N),
    "a table of one group to a row": ("<table>" + "<tbody><tr><td>a" * N + "</table>", N),
}


@pytest.mark.parametrize(("html", "cells"), TABLES.values(), ids=TABLES.keys())
def test_rows_and_cells_whose_ends_are_left_out_are_not_deep(html: str, cells: int) -> None:
    check_source(html, URL)
    assert len(LexborHTMLParser(html).css("td")) == cells
    assert sanitize(html, base_url=URL).html.count("</td>") == cells


def test_cells_of_no_table_are_nothing() -> None:
    assert sanitize("<td>a" * N, base_url=URL).html == "a" * N


def test_a_long_page_of_nested_boxes_is_read() -> None:
    html = '<div><div><span><a href="/x"><img src="/a.png"></a></span></div></div>' * N
    check_source(html, URL)
