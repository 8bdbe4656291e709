"""The read API: what was ingested, in pages, with validators; nothing is fetched for it."""

from __future__ import annotations

from typing import Any

import pytest
from served import Served
from toysite import ToyChapter, ToySite

from novel_core.db.engine import session
from novel_core.intake import remove

URL = "https://toy.example/works/1"


@pytest.fixture
def filled(api_with_site: Served, site: ToySite) -> Served:
    work = site.works["1"]
    work.title = "The Clockmaker's Garden"
    work.authors = ["Ann Fern", "Bo Reed"]
    work.chapters = [
        ToyChapter(str(number), f"Chapter {number}", [f"<p>Line {number}.</p><p>The end.</p>"])
        for number in range(1, 6)
    ]
    work.chapters[2].locked = True
    api_with_site.bench.ingest(URL)
    site.requests.clear()
    return api_with_site


def get(api: Served, path: str, **query: Any) -> Any:
    answer = api.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_library_is_searched(filled: Served, site: ToySite) -> None:
    page = get(filled, "/novels", search="clockmakr")
    assert {name: page[name] for name in ("total", "page", "page_size", "total_pages")} == {
        "total": 1,
        "page": 1,
        "page_size": 50,
        "total_pages": 1,
    }
    [novel] = page["items"]
    assert (novel["title"], novel["authors"]) == (
        "The Clockmaker's Garden",
        ["Ann Fern", "Bo Reed"],
    )
    assert (novel["chapters"], novel["words"]) == (5, 16)
    assert get(filled, "/novels", search="zeppelin")["items"] == []
    assert get(filled, "/novels", source="toysite", sort="title")["total"] == 1
    assert get(filled, "/novels", source="elsewhere")["total"] == 0
    assert get(filled, "/novels", page=2)["items"] == []
    assert site.requests == []


def test_a_novel_and_its_chapters(filled: Served) -> None:
    [novel] = get(filled, "/novels")["items"]
    details = get(filled, f"/novels/{novel['slug']}")
    assert (details["held"], details["locked"], details["missing"]) == (4, 1, 0)
    assert get(filled, "/novels/toysite:1") == details
    page = get(filled, f"/novels/{novel['slug']}/chapters", page_size=2, page=2)
    assert [chapter["number"] for chapter in page["items"]] == [3, 4]
    assert [chapter["state"] for chapter in page["items"]] == ["locked", "held"]
    assert (page["total"], page["total_pages"]) == (5, 3)


def test_a_chapter_is_read_with_its_neighbours(filled: Served) -> None:
    slug = get(filled, "/novels")["items"][0]["slug"]
    second = get(filled, f"/novels/{slug}/chapters/2")
    assert second["content_html"] == "<p>Line 2.</p><p>The end.</p>"
    assert (second["previous"], second["next"]) == (1, 4)  # 3 is locked
    assert get(filled, f"/novels/{slug}/chapters/1")["previous"] is None
    assert get(filled, f"/novels/{slug}/chapters/5")["next"] is None
    locked = filled.client.get(f"/novels/{slug}/chapters/3")
    assert (locked.status_code, locked.json()["code"]) == (404, "chapter_not_held")
    assert locked.json()["state"] == "locked"
    assert "submit" not in locked.text.lower()
    unknown = filled.client.get(f"/novels/{slug}/chapters/9")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_chapter")
    assert unknown.json()["hint"] == "Its chapters are numbered 1 to 5."
    version = filled.client.get(f"/novels/{slug}/chapters/1?version=7")
    assert (version.status_code, version.json()["code"]) == (404, "unknown_chapter")


def test_a_missing_chapter_says_why(api_with_site: Served) -> None:
    api_with_site.bench.ingest(URL)
    answer = api_with_site.client.get("/novels/a-toy/chapters/3")
    told = answer.json()
    assert (answer.status_code, told["code"], told["state"]) == (404, "chapter_not_held", "missing")
    reason = api_with_site.bench.value("SELECT message FROM job_failures")
    assert reason in told["detail"]


def test_what_is_not_there_is_named(filled: Served) -> None:
    slug = get(filled, "/novels")["items"][0]["slug"]
    for path, code in (
        (f"/novels/{slug}/cover", "unknown_image"),
        (f"/novels/{slug}/images/1", "unknown_image"),
        ("/sources/wattpad", "unknown_source"),
        ("/genres/horror", "unknown_genre"),
        ("/genres/horror/novels", "unknown_genre"),
        ("/novels/nobody", "unknown_novel"),
    ):
        answer = filled.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path


def test_what_an_author_has_changed(filled: Served, site: ToySite) -> None:
    site.works["1"].chapters[0].parts = ["<p>Line one.</p><p>The end.</p><p>Or not.</p>"]
    filled.bench.ingest(URL, recheck="all")
    slug = get(filled, "/novels")["items"][0]["slug"]
    found = get(filled, f"/novels/{slug}/chapters/1/revisions")
    assert [revision["version"] for revision in found["items"]] == [2, 1]
    newest, first = found["items"]
    assert (newest["is_current"], first["changes"]) == (True, [])
    assert newest["changes"] == [
        {"kind": "changed", "old": ["Line 1."], "new": ["Line one."], "count": 0},
        {"kind": "same", "old": [], "new": [], "count": 1},
        {"kind": "added", "old": [], "new": ["Or not."], "count": 0},
    ]
    # A page compares its oldest text with the one before, though that is on the next page.
    path = f"/novels/{slug}/chapters/1/revisions"
    paged = [get(filled, path, page_size=1, page=page) for page in (1, 2, 3)]
    assert [page["items"] for page in paged] == [[newest], [first], []]
    assert {page["total"] for page in paged} == {2}
    old = get(filled, f"/novels/{slug}/chapters/1", version=1)
    assert (old["version"], old["versions"]) == (1, 2)
    assert "Line 1." in old["content_html"]


def test_genres_and_authors(filled: Served) -> None:
    filled.bench.write(
        "WITH tag AS (INSERT INTO tags (kind, slug, name) VALUES ('genre', 'fantasy', 'fantasy') RETURNING id)"
        " INSERT INTO novel_tags (novel_id, tag_id, position, raw_name, raw_slug)"
        " SELECT novels.id, tag.id, 0, 'Fantasie', 'fantasie' FROM novels, tag"
    )
    assert get(filled, "/genres") == {
        "items": [{"slug": "fantasy", "name": "Fantasy", "novels": 1}],
        "total": 1,
        "page": 1,
        "page_size": 1,
        "total_pages": 1,
        "next": None,
    }
    assert get(filled, "/genres/fantasy")["novels"] == 1
    assert get(filled, "/genres/fantasy/novels")["total"] == 1
    assert get(filled, "/novels", genre="fantasy")["total"] == 1
    assert filled.client.get("/genres/horror").status_code == 404
    authors = get(filled, "/authors", search="fern")
    [ann] = authors["items"]
    assert ann["novels"] == 1
    for author in (ann["id"], "Ann Fern", "ann fern"):
        assert get(filled, "/novels", author=author)["total"] == 1
    assert get(filled, "/novels", author="Ann")["total"] == 0


def test_nothing_is_sent_twice(filled: Served) -> None:
    slug = get(filled, "/novels")["items"][0]["slug"]
    for path in ("/novels", f"/novels/{slug}", f"/novels/{slug}/chapters/1", "/genres", "/authors"):
        answer = filled.client.get(path)
        again = filled.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert filled.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
        since = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
        assert filled.client.get(path, headers=since).status_code == 200


def test_what_was_renamed_or_removed_is_sent_again(filled: Served) -> None:
    def asked(path: str, tag: str) -> int:
        return filled.client.get(path, headers={"If-None-Match": tag}).status_code

    lists = ("/novels", "/novels/1", "/genres", "/authors", "/feed.atom", "/opds/titles")
    tags = {path: filled.client.get(path).headers["etag"] for path in lists}
    assert {asked(path, tag) for path, tag in tags.items()} == {304}
    filled.bench.write("UPDATE novels SET title = 'Another Name'")
    for path in ("/novels", "/novels/1", "/feed.atom", "/opds/titles"):
        assert asked(path, tags[path]) == 200, path
    with session(filled.bench.database) as opened:
        remove(opened, 1)
    assert asked("/novels", tags["/novels"]) == 200
    assert asked("/authors", tags["/authors"]) == 200
    assert asked("/novels/1", tags["/novels/1"]) == 404


def test_images_come_from_the_archive(filled: Served) -> None:
    slug = get(filled, "/novels")["items"][0]["slug"]
    assert filled.client.get(f"/novels/{slug}/cover").status_code == 404
    picture = b"\x89PNG\r\n\x1a\n"
    columns = "kind, url, requested_url, chapter_ids, part, position, status, headers, codec, body, size, fetched_at"
    for kind, name, body in (
        ("application/octet-stream", "map.png", picture),
        ("image/png", "script.svg", b"<svg onload='x()'/>"),
    ):
        filled.bench.write(
            f"INSERT INTO pages (novel_id, {columns}) SELECT id, 'image', :url, :url, '{{}}', 0, 0, 200,"
            " jsonb_build_object('content-type', CAST(:kind AS text)), 'identity', :body, 8, now() FROM novels",
            url=f"https://img.example/{name}",
            kind=kind,
            body=body,
        )
    filled.bench.write("UPDATE novels SET cover_url = 'https://img.example/map.png'")
    cover = filled.client.get(f"/novels/{slug}/cover")
    assert (cover.status_code, cover.headers["content-type"], cover.content) == (
        200,
        "image/png",
        picture,
    )
    tag = cover.headers["etag"]
    assert not tag.startswith("W/")
    assert cover.headers["cache-control"] == "private, max-age=3600"
    known = filled.client.get(f"/novels/{slug}/cover", headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    filled.bench.write("UPDATE pages SET fetched_at = now() WHERE kind = 'image'")
    newer = filled.client.get(f"/novels/{slug}/cover", headers={"If-None-Match": tag})
    assert newer.status_code == 200
    assert get(filled, f"/novels/{slug}")["cover_url"] == f"/novels/{slug}/cover"
    ids = [
        row[0] for row in filled.bench.rows("SELECT id FROM pages WHERE kind = 'image' ORDER BY id")
    ]
    assert filled.client.get(f"/novels/{slug}/images/{ids[0]}").content == picture
    assert (
        filled.client.get(f"/novels/{slug}/images/{ids[1]}").status_code == 404
    )  # may carry scripts
    page = filled.bench.value("SELECT id FROM pages WHERE kind = 'chapter' LIMIT 1")
    assert filled.client.get(f"/novels/{slug}/images/{page}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/novels?page=0",
        "/novels?page_size=1000",
        "/novels?sort=random",
        "/novels?status=asleep",
        "/novels?search=",
        "/novels/x/chapters/0",
        "/novels/a%2Fb",
    ],
)
def test_what_is_asked_wrongly(filled: Served, path: str) -> None:
    assert filled.client.get(path).status_code in {404, 422}


def test_reading_needs_a_key_where_there_are_keys(filled: Served) -> None:
    reader = filled.key("read")
    for path in ("/novels", "/genres", "/authors"):
        assert filled.client.get(path).status_code == 401
        assert filled.client.get(path, headers=reader).status_code == 200


def test_what_the_site_states_is_beside_what_is_held(api_with_site: Served, site: ToySite) -> None:
    work = site.works["1"]
    work.chapters[2].dead_part = None
    work.stated = [{"chapters": len(work.chapters) + 2, "words": 900}]
    series = {"name": "Lamps", "number": 2.5, "source_id": "s1", "url": "https://toy.example/s/1"}
    work.facts = {"series": [series]}
    work.chapters[0].numbers = {"views": 7}
    work.chapters[0].edited = "2026-01-02T03:04:05Z"
    job = api_with_site.bench.ingest(URL)
    details = get(api_with_site, "/novels/toysite:1")
    assert details["stated_chapters"] == details["chapters"] + 2
    assert (details["stated_words"], details["series"]) == (900, [series])
    line = get(api_with_site, "/novels/toysite:1/chapters")["items"][0]
    assert (line["statistics"], line["edited_at"]) == ({"views": 7}, "2026-01-02T03:04:05Z")
    assert get(api_with_site, "/novels/toysite:1/chapters/1")["statistics"] == {"views": 7}
    shown = get(api_with_site, f"/jobs/{job.id}")
    assert (shown["failed"], shown["chapters"]["unlisted"]) == (0, 2)
    page = api_with_site.client.get(f"/book/{details['slug']}").text
    assert f"the site states {details['chapters'] + 2} chapters" in page
    assert "Complete" not in page
    assert 'href="https://toy.example/s/1"' in page
    assert "Lamps (2.5)" in page
    assert "2 not on the site" in api_with_site.client.get(f"/activity/{job.id}").text
