"""EPUBCheck has nothing to say about any book, whatever the author wrote."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from bookshelf import ROOT, UPDATED, Chap, Shelf, picture

from novel_core.document.elements import names
from novel_core.export import Selection

PLAIN = "<p>The kettle sang, and nobody listened.</p>"

STATUS = """
<table border="1"><thead><tr><th colspan="2">Status &mdash; Level 7</th></tr></thead>
<tfoot><tr><td>Total</td><td>31</td></tr></tfoot>
<tbody><tr><th scope="row">Strength</th><td style="text-align:right;color:red">12 <b>(+2)</b></td></tr>
<tr><td rowspan="2">Skills</td><td><ul><li>Tin Ear <sup>II</sup></li><li>Long Breath</li></ul></td></tr>
<tr><td><p>None</p></td></tr></tbody></table>
<table><tr><td><table><tr><td>A window within a window</td></tr></table></td></tr></table>
<table><caption>One</caption><colgroup span="2"><col><col span="2"></colgroup><tr><td>1</td></tr></table>
<table></table>
"""

SPOILERS = """
<details><summary>Who did it</summary><p>The gardener.</p></details>
<details><p>No heading to this one.</p></details>
<details>Bare words first <summary><p>Late <b>heading</b></p></summary> and after</details>
<details open><summary></summary><details><summary>Inner</summary>x</details></details>
<summary>A heading without its spoiler</summary>
<span><details><summary>Within a line</summary>y</details></span>
<a href="https://example.org/"><details><summary>In a link</summary>z</details></a>
<p><span style="color:#c00;background:#000">dark red on black</span></p>
"""

CROOKED = """
<em><p>A paragraph in an em</p></em><b>bold <div>block <i>in <blockquote>bold</blockquote></i></div></b>
<h2>Heading <div>with a block</div></h2><h3><p>and a paragraph</p></h3>
<li>An item without a list</li><dd>A definition of nothing</dd><dt>A term alone</dt>
<ul>words in a list<li>one<ol start="4" type="a" reversed><li value="9">deep<ul><li>deeper</li></ul></li></ol></li>
<p>a paragraph in a list</p> more <b>words</b></ul><ul></ul><ol><ol><li>nested without an item</li></ol></ol>
<dl><dt>Term</dt><dd>Meaning</dd></dl><dl><dd>first</dd><dt>last</dt></dl><dl>text<p>p</p></dl><dl></dl>
<dl><dt><h4>Heading in a term</h4></dt><dd><table><tr><th><h5>Heading in a cell</h5></th></tr></table></dd></dl>
<ruby>\u9b54\u738b<rp>(</rp><rt>maou</rt><rp>)</rp></ruby> <ruby><rb>\u6771</rb><rt>tou</rt><rb>\u4eac</rb><rt>kyou</rt></ruby>
<ruby>no reading</ruby> <ruby><rt>no base</rt></ruby> <ruby>a<rt>b</rt>trailing</ruby> <rt>alone</rt>
<ruby>x<rtc><rt>y</rt></rtc></ruby> <ruby>a<rt><p>block</p></rt></ruby>
<figure><figcaption>One</figcaption><p>x</p><figcaption>Two</figcaption></figure><figcaption>Three</figcaption>
<figure>a<figcaption>middle</figcaption>b</figure>
<pre>code &lt;b&gt;
  two</pre><pre><div>block in pre</div></pre><code><p>block in code</p></code>
<header><header>h</header></header><footer>f</footer><main>m</main><main>m2</main><nav>n</nav>
<address><h2>a</h2><address>b</address></address><article><section><aside>s</aside></section></article>
<bdo>no direction</bdo><bdo dir="rtl">direction</bdo><bdi>b</bdi><q cite="::">q</q><dfn><dfn>d</dfn></dfn>
<time datetime="soon">soon</time><time>later</time><ins datetime="x" cite="y"><p>in</p></ins><del>out</del>
<mark><p>marked</p></mark><small><ul><li>small list</li></ul></small><abbr title="a &quot;b&quot;">c</abbr>
<p lang="en-US">l</p><p lang="tlh-x-y">l</p><p lang="English">l</p><p lang="x">l</p><p dir="auto">d</p>
<span><hr></span><sub><h1>h</h1></sub><a><p>no address</p></a><p>soft&shy;hyphen<wbr>break<br><br></p>
<center><font color="red" face="courier" size="5">old</font></center><strike>s</strike><tt>t</tt><big>b</big>
"""

ODD = (
    "<p>&lt;tag&gt; &amp;amp; &quot;quotes&quot; &nbsp; &#8230; &copy; form\x0cfeed \U0001f409\U0001f468\u200d\U0001f469\u200d\U0001f467"
    " \u202eoverride\u202c \ufeff zero\u200bwidth \ufdd0 \U0001fffe</p>"
    '<p dir="rtl" lang="ar">\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645</p>'
    '<p lang="ja">\u5409\u91ce\u5bb6\u306f\u4eca\u65e5\u3082\u96e8\u3002</p>'
)

LINKS = f"""
<p>Footnote<sup><a href="#fn1" id="ref1">1</a></sup>, <a href="{ROOT}/1/2">next</a>,
<a href="{ROOT}/1/2#nowhere">next, a place in it</a>, <a href="{ROOT}/1/1">this one</a>,
<a href="https://toy.example/c/3">by another address</a>, <a href="{ROOT}/1/77">not there</a>,
<a href="{ROOT}/2/1">another work</a>, <a href="mailto:a@example.org">mail</a>, <a href="mailto:no body">bad mail</a>,
<a href="https://example.org/a b?q=[1]&amp;r=%zz#x#y">odd</a>, <a href="https://m\u00fcnchen.example/\u00e4">words</a>,
<a href="http://[::1]/">six</a>, <a href="https://ex_ample.org/">underscore</a>, <a href="/x{{y}}|z">relative</a>,
<a href="https://example.org/"><div>a block</div></a>, <a href="https://-bad-.example:99999/">bad port</a></p>
<p id="fn1">1. The note. <a href="#ref1">back</a></p>
"""

FORMULA = "<p>So <math><mfrac><mi>a</mi><mn>2</mn></mfrac><mo>&lt;</mo><mi>b</mi></math>.</p>"

TAGS = sorted(
    names("""p div span em b a table tr td th ul ol li dl dt dd ruby rt rb details summary figure figcaption caption
    colgroup col h2 pre blockquote br hr q bdo time ins del sup address section nav header abbr code""")
)
ATTRIBUTES = [
    'lang="fr"',
    'lang="?"',
    'dir="rtl"',
    'title="t"',
    'class="bold"',
    'href="/works/1/2"',
    'colspan="3"',
    'rowspan="2"',
    'span="2"',
    'start="3"',
    'value="2"',
    "open",
    "reversed",
    'type="A"',
    'scope="col"',
    'cite="x"',
    'datetime="q"',
    'style="color:red"',
    'width="5"',
]


def soup(random: Random, depth: int = 0) -> str:
    """Tags in any order, many never closed."""
    made = []
    for _ in range(random.randint(1, 5)):
        if random.random() < 0.3 or depth > 6:
            made.append(random.choice(["rain ", " ", "a &amp; b", "\u96e8"]))
            continue
        tag = random.choice(TAGS)
        attributes = " ".join(random.sample(ATTRIBUTES, random.randint(0, 2)))
        end = f"</{tag}>" if random.random() < 0.85 else ""
        made.append(f"<{tag} {attributes}>{soup(random, depth + 1)}{end}")
    return "".join(made)


def pictures_html(*names: str) -> str:
    shown = (
        f'<p><img src="https://img.example/{name}" alt="Picture {name}" width="300"></p>'
        for name in names
    )
    return "".join(shown)


def test_every_kind_of_content(shelf: Shelf, epub_problems: Callable[..., list[str]]) -> None:
    names = (
        "a.png",
        "b.jpg",
        "c.gif",
        "d.webp",
        "e.avif",
        "f.bmp",
        "cut.jpg",
        "text.png",
        "none.png",
        "bad.png",
    )
    rich = shelf.add(
        [
            Chap(
                'Chapter <1> & "one"', PLAIN, before="<p>Hello <b>you</b></p>", after=f"{STATUS}bye"
            ),
            Chap("Numbers", STATUS, volume="Book <One>"),
            Chap("Spoilers", SPOILERS, volume="Book <One>"),
            Chap("Crooked", CROOKED, before=CROOKED, volume="Book Two"),
            Chap("Odd \x0c\u0085 characters \U0001f409", ODD, volume="Book Two"),
            Chap("Links", LINKS, after=LINKS, volume="Book <One>"),
            Chap("Formula", FORMULA + LINKS, before=FORMULA, after=LINKS),
            Chap(
                "Pictures",
                pictures_html(*names) + "<figure><img src='https://img.example/a.png'></figure>",
            ),
            Chap("Gone", PLAIN, removed=True),
            Chap("Paid", None, locked=True),
            Chap("Lost & found", None),
            Chap("Never seen", None, removed=True),
            Chap("\x01", ""),
            *(
                Chap(f"Soup {seed}", soup(Random(seed)), before=soup(Random(-seed)))
                for seed in range(1, 41)
            ),
        ],
        authors=["Ada <Fern>", "Bo & Reed"],
        tags=["Found <Family>", "LitRPG", "LitRPG"],
        warnings=["Loud & long"],
        description=f"<p>Of <em>tin</em> &amp; rain.</p>{CROOKED}{SPOILERS}",
        cover_url="https://img.example/cover.png",
        volume_covers={"Book Two": "https://img.example/a.png"},
        series=[
            {"name": "Lamps & Oil", "number": 2.5, "source_series_id": "s 7"},
            {"name": "All of it", "number": None},
        ],
        statistics={"views": 12345, "pages": 7, "scores": {"overall": 4.5}, "other": {"kudos": 3}},
        type="Original",
        status="ongoing",
    )
    kinds = {
        "a.png": "PNG",
        "b.jpg": "JPEG",
        "c.gif": "GIF",
        "d.webp": "WEBP",
        "e.avif": "AVIF",
        "f.bmp": "BMP",
    }
    for tone, (name, kind) in enumerate(kinds.items()):
        shelf.picture(rich, f"https://img.example/{name}", picture(kind, tone=tone * 20))
    shelf.picture(rich, "https://img.example/cover.png", picture("PNG", 200, (60, 90)))
    shelf.picture(rich, "https://img.example/cut.jpg", picture("JPEG", 3, (200, 200))[:700])
    shelf.picture(rich, "https://img.example/text.png", b"<html>not a picture</html>")
    shelf.picture(rich, "https://img.example/bad.png", picture(), problem="page_broken")
    book = shelf.epub(rich)
    assert epub_problems(rich=book) == []


def test_every_shape_of_book(shelf: Shelf, epub_problems: Callable[..., list[str]]) -> None:
    one_shot = shelf.add(
        [Chap("\u6728\u6f0f\u308c\u65e5", f"<p>\u96e8\u304c\u964d\u308b\u3002</p>{ODD}")],
        source_id="2",
        title="\u6642\u8a08\u5e2b\u306e\u5ead\u306e\u3068\u3066\u3082\u9577\u3044\u9577\u3044\u540d\u524d"
        * 3,
        description="",
        language="und",
        authors=[],
        published_at=None,
    )
    arabic = shelf.add(
        [
            Chap(
                "\u0627\u0644\u0623\u0648\u0644 <1>",
                ODD,
                before=PLAIN,
                volume=f"Volume {number % 2}",
            )
            for number in range(6)
        ]
        + [Chap("\u0627\u0644\u062b\u0627\u0646\u064a", None)],
        source_id="3",
        title='\u062d\u062f\u064a\u0642\u0629 "quoted" & <angled> ' + "x" * 60,
        language="ar_eg",
        url="https://toy.example/works/3?a=1&b=<2>",
        updated_at=UPDATED.replace(year=1970),
    )
    books: dict[str, Any] = {
        "one_shot": shelf.epub(one_shot),
        "part": shelf.epub(arabic, Selection(2, 7)),
    }
    assert epub_problems(**books) == []
