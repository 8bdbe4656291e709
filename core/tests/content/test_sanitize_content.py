from __future__ import annotations

import random
import re

import pytest

from novel_core.content import CLASSES, CleanHtml, sanitize
from novel_core.document.nesting import check_source
from novel_core.errors import PageBroken

BASE = "https://site.example/fiction/1/chapter/2"
REL = 'rel="noopener noreferrer nofollow"'


def clean(html: str) -> str:
    return sanitize(html, base_url=BASE).html


KEPT = [
    "<p>Plain <em>a</em> <strong>b</strong> <u>c</u> <s>d</s> <sup>e</sup><sub>f</sub> <small>g</small></p>",
    "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>",
    "<details><summary>Own caption</summary><p>Hidden by the reader's choice</p></details>",
    '<p dir="rtl" lang="ar">مرحبا</p>',
    '<figure><img alt="map" height="20" src="https://cdn.example/a.png" width="30"><figcaption>x</figcaption></figure>',
    '<h2>a</h2><hr><blockquote><p>b</p></blockquote><ol start="3"><li>c</li></ol><dl><dt>d</dt><dd>e</dd></dl>',
    '<table><thead><tr><th colspan="2" scope="col">a</th></tr></thead><tbody><tr><td rowspan="3">b</td></tr></tbody></table>',
    '<p><abbr title="What it is">w</abbr> <cite>c</cite> <q>q</q> <code>k</code> <mark>m</mark></p>',
    "<p>&nbsp;</p><p></p><p>\u200b \u3000x</p>",
    "<pre>\n\n two leading breaks</pre>",
    "a &lt;b&gt; &amp; c",
]


@pytest.mark.parametrize("html", KEPT)
def test_what_authors_write_stays_as_it_is(html: str) -> None:
    assert clean(html) == html


REDUCED = [
    ('<p class="cnMxNzYw">a</p>', "<p>a</p>"),
    ('<p class="bold western" id="x" data-y="1" onclick="z()">a</p>', '<p class="bold">a</p>'),
    ("<!-- c --><p>a<!-- d --></p>", "<p>a</p>"),
    ('<span style="font-weight: 400">a</span>', "a"),
    ('<p style="text-align: center !important">a</p>', '<p class="align-center">a</p>'),
    ('<p align="middle">a</p>', '<p class="align-center">a</p>'),
    ("<center>a</center>", '<div class="align-center">a</div>'),
    ('<font color="#c00" size="+1">a</font>', '<span class="large text-red">a</span>'),
    (
        "<strike>a</strike><tt>b</tt><big>c</big>",
        '<s>a</s><code>b</code><span class="large">c</span>',
    ),
    ('<b style="font-weight:normal">a</b>', '<b class="not-bold">a</b>'),
    ('<em style="font-style:italic">a</em>', "<em>a</em>"),
    ('<p><b>a</b> <span style="font-weight:400">b</span></p>', "<p><b>a</b> b</p>"),
    ('<p><em>a</em> <span style="font-style:normal">b</span></p>', "<p><em>a</em> b</p>"),
    ('<b>a <i style="font-weight:400">b</i></b>', '<b>a <i class="not-bold">b</i></b>'),
    (
        '<p style="font-style:italic">a <span style="font-style:normal">b</span></p>',
        '<p class="italic">a <span class="not-italic">b</span></p>',
    ),
    (
        '<p class="bold">a <span style="font-weight:normal">b</span></p>',
        '<p class="bold">a <span class="not-bold">b</span></p>',
    ),
    ('<span style="color: rgb(0, 0, 0)">a</span>', "a"),
    ('<span style="color: hsl(240 100% 50% / 0.9)">a</span>', '<span class="text-blue">a</span>'),
    (
        "<span style=\"font-family: 'Courier New', monospace\">a</span>",
        '<span class="mono">a</span>',
    ),
    (
        '<span style="text-decoration: underline line-through">a</span>',
        '<span class="strike underline">a</span>',
    ),
    (
        '<table bgcolor="ffcc00" border="1"><tbody><tr><td style="border: 1px solid">a</td></tr></tbody></table>',
        '<table class="bg-yellow border"><tbody><tr><td class="border">a</td></tr></tbody></table>',
    ),
    ('<td colspan="5000">', ""),
    (
        "<form>Name: <input value=x><select><option>o</select><button>b</button></form>",
        "<div>Name: </div>",
    ),
    ('<p>a<span style="d\\69splay: none">x</span>b</p>', "<p>ab</p>"),
    ('<p>a<span style="display:/**/none"><b>x</b></span>b</p>', "<p>ab</p>"),
    ('<div hidden>x<div>y</div></div><p style="visibility:hidden">z</p><p>a</p>', "<p>a</p>"),
    ('<a name="other">a</a><a href="#note">b</a>', f'a<a href="{BASE}#note" {REL}>b</a>'),
    (
        '<a name="note">a</a><a href="#note">b</a>',
        f'<a id="place-note" {REL}>a</a><a href="#place-note" {REL}>b</a>',
    ),
    (
        '<a href="/x?a=1&b=2" rel="me" target="_blank" ping="/p">a</a>',
        f'<a href="https://site.example/x?a=1&amp;b=2" {REL}>a</a>',
    ),
    (
        '<a href="//u:p@other.example:8080/x y">a</a>',
        f'<a href="https://other.example:8080/x%20y" {REL}>a</a>',
    ),
    ('<a href="mailto:a@b.example">a</a>', f'<a href="mailto:a@b.example" {REL}>a</a>'),
    (
        '<iframe src="//video.example/1">no frames <p></iframe>b',
        f'<a href="https://video.example/1" {REL}>https://video.example/1</a>b',
    ),
    (
        '<video controls><source src="/v.mp4">old</video>',
        f'<a href="https://site.example/v.mp4" {REL}>https://site.example/v.mp4</a>',
    ),
    (
        '<object><param name="movie" value="/m"><embed src="/e"></object>',
        f'<a href="https://site.example/m" {REL}>https://site.example/m</a>',
    ),
    ('<audio src="javascript:x()">text</audio>', "text"),
    (
        '<img src="data:image/gif;base64,R0" data-src="/a.png">',
        '<img alt="" src="https://site.example/a.png">',
    ),
    ('<img srcset="/s.png 300w, /l.png 900w">', '<img alt="" src="https://site.example/l.png">'),
    ('<img src="/t.gif" width="1" height="1"><img src="/t.gif" style="width:1px">', ""),
    (
        '<img src="/a.png" width="30px" height="auto" referrerpolicy="unsafe-url">',
        '<img alt="" src="https://site.example/a.png" width="30">',
    ),
    ("<b>1<p>2</b>3", "<b>1</b><p><b>2</b>3</p>"),
    ("a\x00b\x01c&#0;\r\nd&#13;e", "abc\ufffd\nd\ne"),
    ("\ud83d\ude00 \ud800.", "\U0001f600 \ufffd."),
]


@pytest.mark.parametrize(("html", "expected"), REDUCED)
def test_the_rest_is_reduced(html: str, expected: str) -> None:
    assert clean(html) == expected


ATTACKS = [
    "<script>alert(1)</script>",
    "<p><style>*{background:url(javascript:alert(1))}</style></p>",
    "<img src=x onerror=alert(1)>",
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href=" &#1;javascript:alert(1)">x</a>',
    '<a href="vbscript:x">x</a><a href="file:///etc/passwd">y</a><a href="data:text/html,<script>">z</a>',
    '<img src="javascript:alert(1)"><img src="data:text/html,x">',
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<math><mi><table><mi><style><img src=x onerror=alert(1)></style>",
    '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<title><a title="</title><img src=x onerror=alert(1)>">',
    "<template><script>alert(1)</script></template>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<xmp><img title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<iframe srcdoc='<script>alert(1)</script>' src='javascript:alert(1)'></iframe>",
    "<iframe src='https://a.example/'><script>alert(1)</script></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object><embed src='javascript:alert(1)'>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<p style=\"background:url('javascript:alert(1)');-moz-binding:url(x);behavior:url(y)\">x</p>",
    '<p title="<p style=&quot;display:none&quot; onclick=alert(1)>">x</p>',
    "<table><td background='javascript:alert(1)'>x</td></table>",
    "<a href='https://a.example/\" onmouseover=\"alert(1)'>x</a>",
    "<q cite='javascript:alert(1)'>x</q>",
    "<plaintext><script>alert(1)</script>",
]
_TAG = re.compile(r"<([a-z0-9]+)((?: [a-z]+=\"[^\"<>]*\")*)>|</[a-z0-9]+>")
_NEVER = {
    "script",
    "style",
    "svg",
    "annotation-xml",
    "mglyph",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "base",
    "meta",
    "noscript",
}


def dangers(html: str) -> list[str]:
    """Everything in saved HTML that could run or load: read with an expression of its own, not with a parser."""
    found = [] if "<" not in _TAG.sub("", html) else ["a tag that is none"]
    for name, attributes in _TAG.findall(html):
        found += [name] if name in _NEVER else []
        for attribute, value in re.findall(r' ([a-z]+)="([^"]*)"', attributes):
            if attribute.startswith("on") or attribute in {"style", "name", "srcset"}:
                found.append(attribute)
            if attribute == "id" and not value.startswith("place-"):
                found.append(value)
            if attribute in {"src", "href", "cite"} and not re.match(
                "https?://|mailto:|#place-", value
            ):
                found.append(value)
            if attribute == "class" and not set(value.split()) <= CLASSES:
                found.append(value)
    return found


@pytest.mark.parametrize("html", ATTACKS)
def test_nothing_runs(html: str) -> None:
    result = clean(html)
    assert dangers(result) == []
    assert clean(result) == result


_SOME_TAGS = re.findall(
    "[a-z0-9]+",
    "p div span b i a table tr td li ul details summary center font pre ruby rt h1 blockquote svg math",
)
_BITS = ["text ", "\n", "\xa0", "&amp;lt;", "<", "<!--", "]]>", "<br>", "<img src=/i.png>"]


def fragments(seed: int) -> str:
    """A page of known bits in an order nobody would write."""
    dice = random.Random(seed)
    known = [*KEPT, *(html for html, _ in REDUCED), *ATTACKS]
    bits: list[str] = []
    for _ in range(dice.randrange(2, 12)):
        kind = dice.randrange(4)
        if kind == 0:
            bits.append(dice.choice(known))
        elif kind == 1:
            bits.append(
                f"<{dice.choice(_SOME_TAGS)} style='text-align:right;color:red' href='/x' title='&lt;\xa0&quot;'>"
            )
        elif kind == 2:
            bits.append(f"</{dice.choice(_SOME_TAGS)}>")
        else:
            bits.append(dice.choice(_BITS))
    return "".join(bits)


@pytest.mark.parametrize("block", range(10))
def test_cleaning_twice_is_cleaning_once(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        page = fragments(seed)
        once = sanitize(page, base_url=BASE)
        again = sanitize(once.html, base_url="https://elsewhere.example/")
        assert (page, again.html, again.images) == (page, once.html, once.images)
        assert (page, dangers(once.html)) == (page, [])


def test_images_are_listed_once_in_order() -> None:
    html = '<img src="/b.png?a=1&amp;b=2"><p><img src="https://c.example/a.png"></p><img src="/b.png?a=1&amp;b=2">'
    assert sanitize(html, base_url=BASE).images == (
        "https://site.example/b.png?a=1&b=2",
        "https://c.example/a.png",
    )


def test_a_class_of_the_source_is_harmless_where_it_spells_one_of_ours() -> None:
    assert (
        clean('<p class="align-center text-red evil">a</p>')
        == '<p class="align-center text-red">a</p>'
    )


BROKEN = {
    "deep": "<div>" * 100_000,
    "deep and closed": "<div>" * 600 + "x" + "</div>" * 600,
    "deep in small steps": ("<span><div></span>" * 400 + "</p>" * 400) * 4,
    "formatting opened again and again": "".join(f"<font color={n}>" for n in range(600))
    + "<p>x</p>" * 300,
    "attributes": "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">x",
    "references": "&" * 1_000_000,
}


@pytest.mark.parametrize("html", BROKEN.values(), ids=BROKEN.keys())
def test_an_absurd_page_is_refused_whole(html: str) -> None:
    with pytest.raises(PageBroken) as caught:
        clean(html)
    assert caught.value.url == BASE
    assert caught.value.hint


SOUND = {
    "400 levels": ("<div>" * 400 + "x" + "</div>" * 400, 400 * 11 + 1),
    "unclosed paragraphs": ("<p>text" * 5_000, 5_000 * 11),
    "unclosed items": ("<ul>" + "<li>text" * 5_000 + "</ul>", 9 + 5_000 * 13),
    "line breaks": ("text<br>" * 5_000, 5_000 * 8),
    "five megabytes": ("<p>Some words, over and over.</p>\n" * 150_000, 150_000 * 34),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_long_or_careless_page_is_kept_whole(name: str) -> None:
    html, size = SOUND[name]
    assert len(clean(html)) == size


def test_unclosed_formatting_keeps_its_text() -> None:
    assert clean("<p><i>text" * 300).count("text") == 300


def test_misnested_tables_keep_their_text() -> None:
    result = clean("<table><tr><td>1<table>2<tr>3<td>4</table><p>5</td>6</table>7")
    assert sorted(re.sub(r"<[^>]*>", "", result)) == sorted("1234567")


def test_empty_is_empty() -> None:
    assert sanitize("", base_url=BASE) == CleanHtml("")


HIDES_TAGS = {
    "a quote in a name": '<b x">{}"',
    "a quote in a value": '<b x=y">{}"',
    "a comment closed at once": "<!-->{}-->",
    "another": "<!--->{}-->",
    "a comment closed by a bang": "<!--x--!>{}-->",
    "a comment in what counts as one": "<!x<!-->{}-->",
    "a raw element in what counts as a comment": "<?<style>{}</style>",
    "a comment in a nameless end tag": "</ <!-->{}-->",
    "an element named like a raw one": "<title-x>{}</title",
    "a raw end that is none": "<style>a</style >{}</style>",
    "a style in a drawing": "<svg><style>{}</style>",
    "a title in a formula": "<math><mi><title>{}</title>",
    "a raw element in a list of choices": "<select><xmp></select>{}</xmp>",
}


@pytest.mark.parametrize("html", HIDES_TAGS.values(), ids=HIDES_TAGS.keys())
def test_no_odd_markup_hides_tags_from_the_guard(html: str) -> None:
    with pytest.raises(PageBroken, match="nests its tags"):
        check_source(html.format("<div>" * 600), BASE)


def test_raw_text_and_quoted_values_are_no_tags() -> None:
    tags = "<div>" * 600
    check_source(
        f"<script>{tags}</script><b title='{tags}' lang=\"{tags}\">x</b><!--{tags}-->", BASE
    )


def test_brackets_without_end_in_a_style_are_ignored() -> None:
    style = f"color: {'(' * 3000}"
    assert clean(f'<p style="{style}">x</p>') == "<p>x</p>"


def test_only_a_link_names_a_place() -> None:
    assert clean("<p id='n' href='#n'>x</p>") == "<p>x</p>"
    assert clean("<a class=b href='#n'>1</a><p id=n>x</p>").endswith('<p id="place-n">x</p>')
