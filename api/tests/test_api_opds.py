"""The catalogue of e-reader apps and the feeds, read by programs made for them."""

from __future__ import annotations

import asyncio
from typing import Any

import feedparser
import pytest
from lxml import etree
from served import Served
from shelfline.catalog.client import CatalogClient
from shelfline.catalog.models import CatalogEntry, CatalogFeed
from shelfline.catalog.parser import parse_opds_feed
from shelfline.config import CatalogConfig
from toysite import ToyChapter, ToySite, ToyWork

WORKS = 3


@pytest.fixture
def filled(api_with_site: Served, site: ToySite) -> Served:
    for number in range(1, WORKS + 1):
        chapters = [
            ToyChapter(f"{number}-{one}", f"Chapter {one}", ["<p>Text.</p>"]) for one in (1, 2)
        ]
        site.works[str(number)] = ToyWork(
            str(number), f"Tale {number} <&>", [f"Author {number}"], chapters
        )
        api_with_site.bench.ingest(f"https://toy.example/works/{number}")
    api_with_site.bench.write(
        "WITH tag AS (INSERT INTO tags (kind, slug, name) VALUES ('genre', 'fantasy', 'fantasy') RETURNING id)"
        " INSERT INTO novel_tags (novel_id, tag_id, position, raw_name, raw_slug)"
        " SELECT novels.id, tag.id, 0, 'Fantasy', 'fantasy' FROM novels, tag WHERE title LIKE 'Tale 1%'"
    )
    return api_with_site


def browse(api: Served, path: str) -> CatalogFeed:
    """As an e-reader app does: fetched and read by its own code."""
    url = path if path.startswith("http") else f"{api.client.base_url}".rstrip("/") + path

    async def fetch() -> str:
        client = CatalogClient()
        try:
            return await client.fetch_feed(CatalogConfig(name="novels", url=url))
        finally:
            await client.aclose()

    return parse_opds_feed(asyncio.run(fetch()), url)


def named(feed: CatalogFeed, title: str) -> CatalogEntry:
    [entry] = [entry for entry in feed.entries if entry.title.startswith(title)]
    return entry


def test_an_app_walks_from_the_root_to_a_book(filled: Served) -> None:
    root = browse(filled, "/opds")
    assert [entry.title for entry in root.entries] == [
        "New",
        "All novels",
        "By source",
        "By genre",
        "By author",
    ]
    titles = browse(filled, str(named(root, "All novels").navigation_url))
    assert [entry.title for entry in titles.entries] == [
        f"Tale {n} <&>" for n in range(1, WORKS + 1)
    ]
    book = titles.entries[0]
    assert book.authors == ["Author 1"]
    link = book.best_epub_link()
    assert link is not None
    assert link.href.endswith("/novels/tale-1.epub")
    genres = browse(filled, str(named(root, "By genre").navigation_url))
    fantasy = browse(filled, str(named(genres, "Fantasy (1)").navigation_url))
    assert [entry.title for entry in fantasy.entries] == ["Tale 1 <&>"]
    authors = browse(filled, str(named(root, "By author").navigation_url))
    second = browse(filled, str(named(authors, "Author 2").navigation_url))
    assert [entry.title for entry in second.entries] == ["Tale 2 <&>"]
    sources = browse(filled, str(named(root, "By source").navigation_url))
    toys = browse(filled, str(sources.entries[-1].navigation_url))
    assert len(toys.entries) in {0, WORKS}


def test_a_shelf_is_turned_over_page_by_page(filled: Served) -> None:
    seen: list[str] = []
    url = "/opds/titles?page_size=2"
    while url:
        parsed: Any = feedparser.parse(filled.client.get(url).text)
        seen += [entry.title for entry in parsed.entries]
        links = {link.rel: link.href for link in parsed.feed.links}
        url = links.get("next", "")
    assert seen == [f"Tale {n} <&>" for n in range(1, WORKS + 1)]
    assert parsed.feed.opensearch_totalresults == str(WORKS)


def test_the_search_is_found_and_used(filled: Served) -> None:
    parsed: Any = feedparser.parse(filled.client.get("/opds").text)
    [search] = [link.href for link in parsed.feed.links if link.rel == "search"]
    description = etree.fromstring(filled.client.get(search).content)
    [url] = [element for element in description if element.tag.endswith("Url")]
    template = url.get("template")
    assert template is not None
    found = browse(filled, template.replace("{searchTerms}", "tale%202"))
    assert named(found, "Tale 2")
    assert browse(filled, template.replace("{searchTerms}", "zeppelin")).entries == []


def test_every_document_is_whole_and_known_again(filled: Served) -> None:
    for path in (
        "/opds",
        "/opds/new",
        "/opds/sources",
        "/opds/genres",
        "/opds/authors",
        "/feed.atom",
    ):
        answer = filled.client.get(path)
        assert answer.headers["content-type"].startswith("application/atom+xml"), path
        parsed: Any = feedparser.parse(answer.content)
        assert not parsed.bozo, path
        assert parsed.feed.id
        assert parsed.feed.updated
        again = filled.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304, path


def test_new_chapters_are_news_and_edits_are_not(filled: Served, site: ToySite) -> None:
    before: Any = feedparser.parse(filled.client.get("/feed.atom").content)
    assert len(before.entries) == 2 * WORKS
    site.works["1"].chapters[0].parts = ["<p>Edited.</p>"]
    site.works["1"].chapters.append(ToyChapter("1-3", "The <Third>", ["<p>New.</p>"]))
    filled.bench.ingest("https://toy.example/works/1", recheck="all")
    after: Any = feedparser.parse(filled.client.get("/feed.atom").content)
    assert after.entries[0].title == "Tale 1 <&>: 3. The <Third>"
    assert len(after.entries) == 2 * WORKS + 1
    assert len({entry.id for entry in after.entries}) == len(after.entries)
    one: Any = feedparser.parse(filled.client.get("/novels/tale-1/feed.atom").content)
    assert one.entries[0].title == "3. The <Third>"
    assert "The &lt;Third&gt;" in filled.client.get(one.entries[0].link).text
    assert filled.client.get("/novels/nothing/feed.atom").status_code == 404


def test_an_app_signs_in_with_the_key_as_its_password(filled: Served) -> None:
    key = filled.key("read")["Authorization"].removeprefix("Bearer ")
    refused = filled.client.get("/opds")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert filled.client.get("/opds", auth=("me", key)).status_code == 200
    assert filled.client.get("/novels/tale-1.epub", auth=("anybody", key)).status_code == 200
    assert filled.client.get("/opds", auth=("me", "wrong")).status_code == 401
    broken = {"Authorization": "Basic %%%"}
    assert filled.client.get("/opds", headers=broken).status_code == 401


def links_of(document: bytes) -> list[dict[str, str]]:
    return [
        dict(element.attrib)
        for element in etree.fromstring(document).iter()
        if str(element.tag).endswith("}link")
    ]


def test_links_lead_where_the_reader_came_from(filled: Served) -> None:
    """Whatever a proxy in front has made of scheme, name and port: every reference is relative."""
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "books.example:8443"}
    sent |= filled.key("read")
    for path in (
        "/opds",
        "/opds/titles?page_size=1&page=2",
        "/opds/authors?page_size=1",
        "/opds/search?q=tale+2",
        "/feed.atom",
        "/novels/tale-1/feed.atom",
    ):
        links = links_of(filled.client.get(path, headers=sent).content)
        assert links
        for link in links:
            assert link["href"].startswith("/"), (path, link)
            assert not link["href"].startswith("//")
            assert filled.client.get(link["href"], headers=sent).status_code == 200, link
        [own] = [link["href"] for link in links if link["rel"] == "self"]
        assert own == path
    described = filled.client.get("/opds/search.xml", headers=sent).content
    assert b'template="/opds/search?q={searchTerms}"' in described


def test_only_what_is_there_is_listed_with_its_type(filled: Served, site: ToySite) -> None:
    """A novel without a text has no book, and a cover that is not archived, or is no picture, is none."""
    site.works["9"] = ToyWork("9", "Tale 9, empty", ["Ann"], [])
    filled.bench.ingest("https://toy.example/works/9")
    covers = {
        1: (b"\x89PNG\r\n\x1a\n" + b"0" * 30, "image/png"),
        2: (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        3: (None, None),
    }
    for number, (body, _) in covers.items():
        url = f"https://img.example/{number}"
        filled.bench.write(
            "UPDATE novels SET cover_url = :url WHERE title LIKE :title",
            url=url,
            title=f"Tale {number} %",
        )
        if body is not None:
            filled.bench.write(
                "INSERT INTO pages (novel_id, kind, url, requested_url, chapter_ids, part, position, status,"
                " headers, codec, body, size, fetched_at) SELECT id, 'image', :url, :url, '{}', 0, 0, 200,"
                """ '{"content-type": "image/jpeg"}', 'identity', :body, 4, now() FROM novels WHERE cover_url = :url""",
                url=url,
                body=body,
            )
    document = filled.client.get("/opds/titles").content
    assert b"Tale 9" not in document
    assert f"<opensearch:totalResults>{WORKS}<".encode() in document
    images = [link for link in links_of(document) if "image" in link["rel"]]
    assert {(link["href"], link["type"]) for link in images} == {
        ("/novels/tale-1/cover", "image/png")
    }
    assert filled.client.get("/novels/tale-1/cover").headers["content-type"] == "image/png"
    assert filled.client.get("/novels/tale-9-empty.epub").status_code == 404
    for link in links_of(document):
        assert filled.client.get(link["href"]).status_code == 200, link
