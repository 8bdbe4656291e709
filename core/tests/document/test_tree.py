"""A page as the tree a browser makes of it."""

import gc
import time
from collections.abc import Callable
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings, strategies as st

from novel_core import Page, PageKind
from novel_core.document import (
    Sheets,
    absolute,
    drop,
    fragment,
    inner_html,
    parse_html,
    replace_by_text,
    text_of,
    written,
)
from novel_core.errors import PageBroken, PageChanged

URL = "https://novel.example/book/c/1"


@pytest.mark.parametrize(
    ("html", "right"),
    [
        ("<div class=t><p>a</p></body><p>b</p></div>", "<p>a</p><p>b</p>"),
        ("<div class=t><p>a</p></html><p>b</p></div>", "<p>a</p><p>b</p>"),
        ("<div class=t>one</br>two</div>", "one<br>two"),
        ("<ul class=t><li>three</p>four</li></ul>", "<li>three<p></p>four</li>"),
        ("<div class=t><p>a<div>b</div>c</p></div>", "<p>a</p><div>b</div>c<p></p>"),
        ("<div class=t><b>x<p>y</b>z</p></div>", "<b>x</b><p><b>y</b>z</p>"),
        (
            "<div class=t><table>lost<tr><td>cell</table></div>",
            "lost<table><tbody><tr><td>cell</td></tr></tbody></table>",
        ),
        ("<div class=t>a\x00b &lt &#x80; &nbsp</div>", "ab &lt; \u20ac \xa0"),
        ("<div class=t>1 < 2 <3 </ 4</div>", "1 &lt; 2 &lt;3 <!-- 4</div-->"),
    ],
)
def test_broken_markup_is_read_as_browsers_read_it(html: str, right: str) -> None:
    found = parse_html(html, URL).css_first(".t")
    assert found is not None
    assert inner_html(found) == right


@pytest.mark.parametrize(
    ("html", "right"),
    [
        ("Part 1<br>The Start", "Part 1 The Start"),
        ("Part 1</br>The Start", "Part 1 The Start"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<p>Two</p>Three", "One Two Three"),
        ("<table><tr><td>a</td><td>b</td></tr></table>c", "a b c"),
        ("<ul><li>a<li>b</ul>", "a b"),
        ("un<b>believ</b>able<i>!</i>", "unbelievable!"),
        ("a<script>x()</script>b<style>p{}</style><!-- c --><template><p>d</p></template>", "ab"),
        ("<title>t</title>a<hr>b", "a b"),
        (" \u3000a&nbsp;\n b ", "a b"),
        ("", ""),
    ],
)
def test_words_stay_apart(html: str, right: str) -> None:
    assert text_of(fragment(html)) == right
    assert text_of(fragment(f"<div>{html}</div>")) == right


def test_a_title_has_its_own_text() -> None:
    title = parse_html("<title>The  Start</title>", URL).css_first("title")
    assert title is not None
    assert text_of(title) == "The Start"


def test_written_is_all_of_it() -> None:
    assert written(fragment("<p>a</p><script>b</script>c")) == "abc"


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("https://e.example/page ", "https://e.example/page"),
        ("\n /a/\r\nb ", "https://novel.example/a/b"),
        ("c/2", "https://novel.example/book/c/c/2"),
        ("?p=2", "https://novel.example/book/c/1?p=2"),
        ("\\a\\b?c=\\d", "https://novel.example/a/b?c=\\d"),
        ("//cdn.example/x.png", "https://cdn.example/x.png"),
        ("HTTP://e.example/", "http://e.example/"),
        ("mailto:a@b.example", None),
        ("javascript:void(0)", None),
        ("java\nscript:void(0)", None),
        ("data:text/html,x", None),
        ("http://[::1", None),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_addresses_are_resolved_as_browsers_do(address: str | None, right: str | None) -> None:
    assert absolute(address, URL) == right


@pytest.mark.parametrize(
    ("base", "right"),
    [
        ('<base href="/other/">', "https://novel.example/other/x"),
        ('<base href=" https://cdn.example/a/b\n ">', "https://cdn.example/a/x"),
        (
            '<base target="_blank"><base href="/two/"><base href="/three/">',
            "https://novel.example/two/x",
        ),
        ('<base href="javascript:x">', "https://novel.example/book/c/x"),
        ("<base>", "https://novel.example/book/c/x"),
        ("", "https://novel.example/book/c/x"),
    ],
)
def test_a_page_names_its_own_base(base: str, right: str) -> None:
    page = Page(URL, PageKind.CHAPTER, f"<head>{base}</head><a href=x>".encode())
    document = page.document()
    assert document.url == URL
    assert document.absolute("x") == right


def test_an_empty_page_is_changed() -> None:
    with pytest.raises(PageChanged):
        parse_html(" \n ", URL)


# --- memory: nodes after their removal, and after their parser ---


def test_removed_elements_may_be_read_and_removed_again() -> None:
    body = fragment("a<div>b<p>c<i>d</i></p>e</div>f<p>g</p>")
    found = body.css("div, p, i")
    drop(found)
    drop(found)
    for element in found:
        replace_by_text(element, "never")
        assert element.first_child is None
        assert text_of(element) == ""
    assert inner_html(body) == "af"


def test_what_is_inside_of_a_removed_element_is_removed_first_or_last() -> None:
    for order in (list, reversed):
        body = fragment("a<div>b<p>c</p></div>d")
        drop(order(body.css("div, p")))
        assert inner_html(body) == "ad"


def test_a_text_takes_the_place_of_an_element() -> None:
    body = fragment("a<i>b</i>c<i>d</i>")
    for element in body.css("i"):
        replace_by_text(element, "<x>")
    assert inner_html(body) == "a&lt;x&gt;c&lt;x&gt;"
    assert text_of(body) == "a<x>c<x>"


def test_elements_outlive_their_document() -> None:
    kept = [parse_html(f"<p>text {number}</p>" * 50, URL).css("p")[-1] for number in range(200)]
    gc.collect()
    assert [text_of(element) for element in kept] == [f"text {number}" for number in range(200)]


def test_surrogates_and_odd_signs_are_read() -> None:
    assert "x" in text_of(fragment("<p>\ud800x\uffff</p>"))


# --- time: nothing grows with the square of a page ---

HOSTILE: dict[str, Callable[[int], str]] = {
    "nested blocks": lambda n: "<div>" * n,
    "closed by another name": lambda n: "<div></x>" * n,
    "overlapping": lambda n: "<span><div></span></div>" * n,
    "formatting opened again": lambda n: "".join(f"<b id={i}></x><p>" for i in range(n)),
    "formatting closed late": lambda n: "".join(f"<b id={i}>" for i in range(n)) + "</i>" * n,
    "attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(n)) + ">",
    "attributes with brackets": lambda n: "<p " + " ".join(f"a{i}='>'" for i in range(n)) + ">",
    "attributes with opening brackets": lambda n: (
        "<p " + " ".join(f"<a{i}" for i in range(n)) + ">"
    ),
    "values that hold elements": lambda n: '<span t="a>b</span>' * n + "<div t='<b>x</b>'>" * n,
    "elements beside open ones": lambda n: "<div><b>x</b>" * n,
    "references": lambda n: "&amp" * n,
    "comments": lambda n: "<!--" * n,
    "half tags": lambda n: "<a " * n,
    "quotes": lambda n: "<a ='" * n + '<a ="' * n,
    "brackets": lambda n: "<" * n,
    "scripts": lambda n: "<script" * n,
    "paragraphs": lambda n: "<p>" * n,
    "buttons": lambda n: "<p><button>" * n,
    "tables": lambda n: "<table><tr><td>" * n,
    "text in a table": lambda n: "<table>" + "a<tr>" * n,
    "a line of removed elements": lambda n: "<p><script></script>" * n,
}


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_page_costs_the_square_of_its_length(made: Callable[[int], str]) -> None:
    small, large = made(4_000), made(16_000)
    for _ in range(5):
        if _cost(large) <= 9 * _cost(small) + 0.02:
            return
    pytest.fail(f"{_cost(small):.3f} s, and {_cost(large):.3f} s for four times as much")


def _cost(html: str) -> float:
    def once() -> float:
        start = time.process_time()
        try:
            document = parse_html(html, URL)
        except PageBroken:
            return time.process_time() - start
        text_of(document.root)
        written(document.root)
        inner_html(document.root)
        drop(document.css("script, p"))
        return time.process_time() - start

    return min(once() for _ in range(3))


# --- text: what goes in comes out ---

_TAGS = "p b i div br li ul table tr td a em h1 h2 span blockquote pre ruby rt dl dt dd hr nobr font button form body html"
_PIECES = st.sampled_from(
    [
        *(f"<{name}>" for name in _TAGS.split()),
        *(f"</{name}>" for name in _TAGS.split()),
        *("one", "two", " ", "\n", "&amp;", "&lt", "&#39;", "<!-- c -->", "<q x='y'>", "<!x>", "<"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=30).map("".join))
def test_the_visible_text_is_what_browsers_show(html: str) -> None:
    right = _text(html5lib.parse(f"<!DOCTYPE html><body>{html}", namespaceHTMLElements=False))
    found = parse_html(f"<!DOCTYPE html><body>{html}", URL).root
    shown = written(found)
    assert "".join(shown.split()) == "".join(right.split())
    assert "".join(text_of(found).split()) == "".join(shown.split())


def _text(element: Element) -> str:
    """The text of a tree of the standard library, without that of comments."""
    if not isinstance(element.tag, str):
        return ""
    inside = ((_text(child), child.tail or "") for child in element)
    return (element.text or "") + "".join(map("".join, inside))


def test_a_rule_for_what_is_inside_of_an_element_says_nothing_of_the_element() -> None:
    sheets = Sheets.of([".a{display:none} .open .a{display:block}"])
    root = fragment(
        '<p class="a">1</p><div class="a">2<p class="open"><i class="a">3</i></p></div>'
    )
    # Where something opens around them, both are shown.
    assert sheets.hidden_in(root) == []
    only = Sheets.of([".a{display:none} .open>.b{display:block}"])
    assert [one.text() for one in only.hidden_in(root)] == ["1", "23", "3"]
