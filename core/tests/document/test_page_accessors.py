"""A page's JSON, XML and feed: the right values, and clear errors for anything else."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from novel_core import Page, PageBroken, PageChanged, PageKind
from novel_core.document import parse_xml
from novel_core.document.json_body import MAX_DEPTH

URL = "https://example.org/api/1"

RSS = """<?xml version="1.0" encoding="windows-1252"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>The Salt &amp; the Road</title><link>https://example.org/salt</link>
<description>A serial.</description>
<atom:link rel="next" href="/feed?paged=2"/>
<item><title>Two &lt;em&gt;lamps&lt;/em&gt;</title><link>/salt/2</link><guid isPermaLink="false">p2</guid>
<pubDate>Wed, 04 Mar 2026 05:06:07 +0100</pubDate><dc:creator>Ada Fern</dc:creator>
<category>Chapters</category><category>Lamps</category><description>Short.</description>
<content:encoded><![CDATA[<p onclick="x()">Text.</p><img src="/a.png"><script>1</script>]]></content:encoded></item>
<item><title>One</title><link>https://example.org/salt/1</link><description>5 &lt; 6</description></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Salt</title><author><name>Ada</name></author>
<link rel="alternate" href="https://example.org/salt"/><link rel="next" href="?page=2"/>
<entry><id>tag:example.org,2026:1</id><title type="html">One &amp;amp; two</title>
<link href="https://example.org/salt/1"/><link rel="replies" href="https://example.org/replies"/>
<published>2026-01-02T03:04:05Z</published><updated>2026-02-03T04:05:06+02:00</updated>
<content type="html">&lt;p&gt;Text.&lt;/p&gt;</content></entry>
<entry><id>2</id><title>Two</title><updated>2026-02-04T00:00:00Z</updated>
<content type="text">a &lt; b</content></entry></feed>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Salt",
    "home_page_url": "https://example.org/salt",
    "next_url": "/feed.json?page=2",
    "authors": [{"name": "Ada"}],
    "items": [
        {
            "id": 7,
            "url": "/salt/7",
            "title": "Seven",
            "content_html": "<p>Text.</p>",
            "date_published": "2026-01-02T03:04:05+09:00",
            "date_modified": "yesterday",
            "tags": ["Chapters"],
        },
        {"id": "8", "content_text": "a < b", "author": {"name": "Bo"}},
        "no entry",
    ],
}


def page(body: str | bytes, content_type: str = "") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(URL, PageKind.INDEX, raw, headers={"content-type": content_type})


def test_json_in_any_encoding() -> None:
    text = '{"title": "Лампы", "id": 1177354054889261298}'
    assert page(text).json() == {"title": "Лампы", "id": 1177354054889261298}
    assert page(text.encode("utf-16")).json()["title"] == "Лампы"
    assert page(b"\xef\xbb\xbf[1]").json() == [1]


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (
            "<!DOCTYPE html><title>Just &amp; a\nmoment</title>",
            PageChanged,
            "HTML .*: Just & a moment",
        ),
        ("<b>busy</b>", PageChanged, "HTML where JSON was expected: <b>busy</b>"),
        ("", PageChanged, "no content"),
        ("Too many requests", PageChanged, "no JSON .*: Too many requests"),
        ('Warning: deprecated\n{"id": 1}', PageChanged, "no JSON .*: Warning: deprecated"),
        ('{"id": 1} trailing', PageChanged, "Extra data at character 10"),
        ('{"chapters": [{"id": 1}, {"id"', PageBroken, "cut off"),
        ('{"text": "and then', PageBroken, "cut off"),
        ("[" * 100_000 + "]" * 100_000, PageBroken, f"nested more than {MAX_DEPTH} deep"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), PageBroken, "deep"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), PageBroken, "deep"),
        ("9" * 5000, PageChanged, "cannot be read"),
    ],
)
def test_what_is_no_json_is_refused_in_words(body: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        page(body).json()
    assert getattr(caught.value, "url", None) == URL


def test_json_as_deep_as_the_limit_is_read() -> None:
    value = page("[" * MAX_DEPTH + "]" * MAX_DEPTH).json()
    assert json.dumps(value).count("[") == MAX_DEPTH


def test_rss() -> None:
    feed = page(RSS.encode("cp1252"), "application/rss+xml").feed()
    assert (feed.title, feed.url) == ("The Salt & the Road", "https://example.org/salt")
    assert (feed.next_page, feed.description_html) == (
        "https://example.org/feed?paged=2",
        "A serial.",
    )
    two, one = feed.entries
    assert (two.id, two.title, two.url) == ("p2", "Two lamps", "https://example.org/salt/2")
    assert two.published == datetime(2026, 3, 4, 4, 6, 7, tzinfo=UTC)
    assert (two.author, two.categories, two.summary_html) == (
        "Ada Fern",
        ("Chapters", "Lamps"),
        "Short.",
    )
    # As the site wrote it: what is saved goes through the engine's own sanitiser.
    assert two.content_html == '<p onclick="x()">Text.</p><img src="/a.png"><script>1</script>'
    assert (one.id, one.published, one.content_html) == ("https://example.org/salt/1", None, "")
    assert one.summary_html == "5 < 6"


def test_atom() -> None:
    feed = page(ATOM).feed()
    assert (feed.title, feed.author, feed.url) == ("Salt", "Ada", "https://example.org/salt")
    assert feed.next_page == "https://example.org/api/1?page=2"
    one, two = feed.entries
    assert (one.id, one.title, one.url) == (
        "tag:example.org,2026:1",
        "One & two",
        "https://example.org/salt/1",
    )
    assert one.published == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert one.updated == datetime(2026, 2, 3, 2, 5, 6, tzinfo=UTC)
    assert (one.content_html, two.content_html) == ("<p>Text.</p>", "a &lt; b")
    assert (two.published, two.updated) == (None, datetime(2026, 2, 4, tzinfo=UTC))


def test_json_feed() -> None:
    feed = page(json.dumps(JSON_FEED)).feed()
    assert (feed.title, feed.author, feed.url) == ("Salt", "Ada", "https://example.org/salt")
    assert feed.next_page == "https://example.org/feed.json?page=2"
    seven, eight = feed.entries
    assert (seven.id, seven.url, seven.title) == ("7", "https://example.org/salt/7", "Seven")
    assert seven.published == datetime(2026, 1, 1, 18, 4, 5, tzinfo=UTC)
    assert (seven.updated, seven.categories) == (None, ("Chapters",))
    assert (eight.content_html, eight.author, eight.title) == ("a &lt; b", "Bo", "")


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<rss version="2.0"><channel><title>&b;</title></channel></rss>'
)


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (BOMB, PageBroken, "declares entities"),
        (BOMB.replace("<!DOCTYPE", "<!-- <a> --><!DOCTYPE"), PageBroken, "declares entities"),
        ("<html><body><p>Hello</p></body></html>", PageChanged, "no feed"),
        ('{"items": []}', PageChanged, "no feed"),
        ("[1]", PageChanged, "no feed"),
        ("", PageChanged, "no content"),
        (RSS[: RSS.index("<item><title>One")], PageBroken, "cut off"),
        (ATOM[:-20], PageBroken, "cut off"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        page(body).feed()


def test_a_feed_of_the_web_need_not_be_well_formed() -> None:
    feed = page(RSS.replace("&amp;", "&")).feed()
    assert feed.title == "The Salt & the Road"
    assert len(feed.entries) == 2


@pytest.mark.parametrize(
    "text", ["/etc/hostname", "https://127.0.0.1:1/feed", "file:///etc/hostname"]
)
def test_a_page_that_reads_as_a_path_opens_nothing(text: str) -> None:
    with pytest.raises(PageChanged, match="no feed"):
        page(text).feed()


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (BOMB, PageBroken, "declares entities"),
        (
            '<!DOCTYPE a SYSTEM "file:///etc/hostname" [ <!entity % x SYSTEM "y"> ]><a/>',
            PageBroken,
            "entities",
        ),
        ("<a>" * 5000 + "</a>" * 5000, PageBroken, "nested too deep"),
        ("<a><b></a>", PageChanged, "no XML"),
        ("hello", PageChanged, "no XML"),
        (" ", PageChanged, "no content"),
    ],
)
def test_what_is_no_xml_is_refused_in_words(body: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        parse_xml(body, URL)


def test_xml_in_another_encoding() -> None:
    body = '<?xml version="1.0" encoding="shift_jis"?><a>雪</a>'.encode("shift_jis")
    assert parse_xml(page(body, "text/xml").text).text == "雪"


def test_a_page_is_cheap_to_import() -> None:
    code = (
        "import sys, novel_core.page, novel_core; novel_core.Page; "
        "print([name for name in ('lxml', 'pydantic', 'feedparser', 'jmespath', 'selectolax')"
        " if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
