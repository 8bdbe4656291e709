"""Every page: its status, what it says, and that nothing a site has written can run in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from fastapi import FastAPI
from served import Serve, Served
from toysite import ToyChapter, ToySite
from visiting import HOSTILE, HOSTILE_TEXT, HTML, Reply, Visitor

from novel_api.web.novel import exports
from novel_core.content.rules import ID_PREFIX

PNG = b"\x89PNG\r\n\x1a\n"

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def addresses(book: str, api_with_site: Served) -> dict[str, int]:
    """Every kind of page, and its status."""
    api_with_site.ingest("2")
    failed = api_with_site.bench.ingest("https://toy.example/works/9")
    job = api_with_site.bench.value("SELECT min(id) FROM jobs")
    return {
        "/": 200,
        "/?q=tale&genre=&status=&sort=title": 200,
        "/?q=zeppelin": 200,
        "/?page=7": 200,
        "/?page=none": 422,
        f"/book/{book}": 200,
        f"/book/{book}?page=2": 200,
        f"/book/{book}/1": 200,
        f"/book/{book}/2?version=1": 200,
        f"/book/{book}/3": 404,
        f"/book/{book}/99": 404,
        f"/book/{book}/2/revisions": 200,
        "/book/no-such-book": 404,
        "/book/toysite:1": 200,
        "/add": 200,
        "/add?url=https://toy.example/works/1": 200,
        '/add?url="><script>alert(1)</script>': 200,
        "/activity": 200,
        "/activity?status=error": 200,
        "/activity?before=1": 200,
        f"/activity/{job}": 200,
        f"/activity/{failed.id}": 200,
        "/activity/999": 404,
        "/supported": 200,
        "/status": 200,
        "/nowhere": 404,
    }


def active(reply: Reply) -> Iterator[str]:
    """Whatever a strict policy forbids, or a site must not have brought in."""
    for element in reply.find("//*"):
        for name, value in element.attrib.items():
            if name == "style" or name.startswith("on") or value.lower().startswith("javascript:"):
                yield f"{element.tag} {name}={value}"
            if name in {"src", "action"} and not value.startswith("/"):
                yield f"{element.tag} {name}={value}"
            if element.tag == "link" and name == "href" and not value.startswith("/"):
                yield f"link to {value}"
        if element.tag in {"iframe", "object", "embed", "style", "base"}:
            yield str(element.tag)
        if element.tag == "script" and (element.text or not element.get("src")):
            yield "a script in the page"


def test_every_page(visitor: Visitor, addresses: dict[str, int]) -> None:
    for path, status in addresses.items():
        reply = visitor.get(path)
        assert reply.status == status, path
        headers = reply.response.headers
        assert set(headers["content-security-policy"].split("; ")) == POLICY, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert list(active(reply)) == [], path
        assert len(reply.find("//h1")) == 1, path
        assert len(reply.find("//main")) == 1, path
        assert 'alert("x")' not in "".join(reply.find("//script/text()")), path
        assert not re.search(r"<script>", reply.response.text), path


def test_the_checker_finds_what_it_looks_for(visitor: Visitor) -> None:
    reply = visitor.get("/")
    body = reply.find("//body")[0]
    body.append(body.makeelement("p", {"onclick": "x()", "style": "color: red"}))
    body.append(body.makeelement("img", {"src": "https://evil.example/a.png"}))
    assert len(list(active(reply))) == 3


def test_hostile_words_are_shown_as_they_are(visitor: Visitor, book: str) -> None:
    # The title as it is saved: white space folded, nothing else.
    assert HOSTILE in visitor.get("/").text
    reply = visitor.get(f"/book/{book}")
    assert f"A Tale {HOSTILE}" in reply.text
    assert f"{HOSTILE} 1" in reply.text
    assert "{{ 7 * 7 }}" in reply.text
    assert f"Ann {HOSTILE}" in reply.text


def test_a_chapter_is_harmless(visitor: Visitor, book: str) -> None:
    reply = visitor.get(f"/book/{book}/1")
    (text,) = reply.find("//div[@id='text']")
    assert "steal()" in HOSTILE_TEXT
    assert "steal()" not in reply.response.text
    assert "Calm words." in text.text_content()
    assert text.xpath(".//img") == []
    assert text.xpath("string(.//span[@class='lost-picture'][1])") == '[Picture: a "boat" <b>]'
    assert text.xpath("string(.//span[@class='lost-picture'][2])") == "[Picture]"
    for link in text.xpath(".//a[@href]"):
        assert {"noopener", "noreferrer"} <= set(link.get("rel").split())
        assert link.get("referrerpolicy") == "no-referrer"
    assert text.xpath("string(.//details/summary)") == "Spoiler"
    assert text.xpath(".//p[@class='align-center text-red']")
    assert text.xpath(".//div[@class='wide']/table")
    assert text.xpath(".//form | .//input | .//*[@id] | .//*[starts-with(name(@*), 'hx')]") == []
    # A form is a block without fields, and no class but those of saved HTML is left.
    assert [dict(one.attrib) for one in text.xpath(".//div[not(@role)]")] == [
        {},
        {"class": "align-right"},
    ]


def test_what_somebody_wrote_into_the_database_is_harmless(
    visitor: Visitor, book: str, api_with_site: Served
) -> None:
    api_with_site.bench.write(
        "UPDATE chapter_texts SET content_html = :html, note_before_html = :html, note_after_html = :html",
        html=HOSTILE_TEXT + "<a id='next' href='//evil.example'>x</a><img src=x onerror=y()>",
    )
    api_with_site.bench.write("UPDATE novels SET description_html = :html", html=HOSTILE_TEXT)
    for path in (f"/book/{book}", f"/book/{book}/1", f"/book/{book}/2/revisions"):
        reply = visitor.get(path)
        assert reply.status == 200
        assert list(active(reply)) == [], path
        assert "steal()" not in reply.response.text, path
        assert reply.find("//form[@action='/add'] | //input[@name='url']") == [], path
        assert reply.find("//*[@hx-get or @data-hx-get]") == [], path
        # The places of a text have names of their own: none is taken for one of the page's.
        ids = [one.get("id") for one in reply.find("//*[@id]")]
        own = [name for name in ids if not name.startswith(ID_PREFIX)]
        assert len(own) == len(set(own)), path
        theirs = reply.find("//*[@class='prose' or contains(@class, 'note')]//*[@id]")
        assert all(one.get("id").startswith(ID_PREFIX) for one in theirs), path
    assert f"{ID_PREFIX}next" in visitor.get(f"/book/{book}/1").response.text


def test_an_archived_picture_comes_from_the_archive(
    visitor: Visitor, book: str, api_with_site: Served
) -> None:
    row = (
        "INSERT INTO pages (novel_id, kind, url, requested_url, chapter_ids, part, position, status,"
        " headers, codec, body, size, fetched_at) SELECT id, 'image', :url, :url, '{}', 0, 0, 200,"
        """ '{"content-type": "image/png"}', 'identity', :body, 4, now() FROM novels"""
    )
    api_with_site.bench.write(row, url="https://evil.example/track.png", body=PNG)
    (picture,) = visitor.get(f"/book/{book}/1").find("//div[@id='text']//img")
    assert picture.get("alt") == 'a "boat" <b>'
    answer = visitor.client.get(picture.get("src"))
    assert (answer.status_code, answer.content) == (200, PNG)


def turned(reply: Reply, rel: str) -> list[str]:
    """Where the page leads on: by the link a reader sees, and by the one in the head."""
    return [one.get("href") for one in reply.find(f"//a[@rel='{rel}'] | //link[@rel='{rel}']")]


def test_turning_pages_meets_what_is_not_held(
    visitor: Visitor, book: str, site: ToySite, api_with_site: Served
) -> None:
    reply = visitor.get(f"/book/{book}/2")
    assert set(turned(reply, "prev")) == {f"/book/{book}/1"}
    assert set(turned(reply, "next")) == {f"/book/{book}/3"}
    assert "1 earlier version" in reply.text
    assert "2 of 4" in reply.text
    assert turned(visitor.get(f"/book/{book}/1"), "prev") == []
    locked = visitor.get(f"/book/{book}/3")
    assert locked.status == 404
    assert f"{HOSTILE} 3" in locked.text
    assert "locked on the site: paid, early access or for members only" in locked.text
    assert set(turned(locked, "prev")) == {f"/book/{book}/2"}
    assert set(turned(locked, "next")) == {f"/book/{book}/4"}
    (original,) = locked.find("//p[@class='original']/a")
    assert original.get("href") == "https://toy.example/works/1/3"
    # Each line of the list leads to its page.
    lines = visitor.get(f"/book/{book}").find("//ol[@class='chapters']//a[@class='chapter-title']")
    assert [one.get("href") for one in lines] == [f"/book/{book}/{n}" for n in range(1, 5)]


def test_a_chapter_that_failed_tells_why_and_a_removed_one_that_it_was_kept(
    visitor: Visitor, book: str, site: ToySite, api_with_site: Served
) -> None:
    work = site.works["1"]
    work.chapters.append(ToyChapter("5", "Lost", ["<p>a</p>"], dead_part=0))
    gone, unseen = work.chapters.pop(0), work.chapters.pop(1)
    assert unseen.locked
    assert gone.id == "1"
    api_with_site.bench.ingest("https://toy.example/works/1")
    lost = visitor.get(f"/book/{book}/5")
    assert "could not be fetched from the site" in lost.text
    assert "The site has no such novel or chapter." in lost.text
    assert turned(lost, "next") == []
    kept = visitor.get(f"/book/{book}/1")
    assert kept.status == 200
    assert "this is the saved copy" in kept.text
    assert "removed from the site before its text was saved" in visitor.get(f"/book/{book}/3").text


def test_revisions_side_by_side(visitor: Visitor, book: str) -> None:
    reply = visitor.get(f"/book/{book}/2/revisions")
    old, new = reply.find("//table[@class='compared']//tr[td[del]]/td")
    assert old.text_content() == "Line 2."
    assert new.text_content() == "Line two, <script> and all."
    assert "current" in reply.text


def test_a_novels_page(visitor: Visitor, book: str, api_with_site: Served) -> None:
    reply = visitor.get(f"/book/{book}")
    assert "3 of 4 chapters saved · 1 locked at the site" in reply.text
    assert "1 chapter revised (2)" in reply.text
    assert "3 new chapters (1\N{EN DASH}4)" in reply.text
    assert len(reply.find("//ol[@class='chapters']/li")) == 4
    assert reply.find("//progress")[0].get("value") == "3"
    offered = [link.get("href") for link in reply.find("//a[@download]")]
    described = any(
        path.startswith("/novels/{slug}.") for path in api_with_site.app.openapi()["paths"]
    )
    assert offered == ([f"/novels/{book}.epub", f"/novels/{book}.html"] if described else [])
    for address in offered:
        assert visitor.client.get(address).status_code == 200


def test_without_a_route_for_books_none_is_offered() -> None:
    assert exports(FastAPI(), "a-tale") == {}


def test_the_shelf_is_searched_without_a_script(visitor: Visitor, book: str) -> None:
    (form,) = visitor.get("/").find("//form[@role='search']")
    assert (form.get("method"), form.get("action")) == ("get", "/")
    assert f"/book/{book}" in visitor.get("/?q=tale").response.text
    assert "Nothing found" in visitor.get("/?q=tale&source=elsewhere").text
    assert "1 novel for “tale”" in visitor.get("/?q=tale&source=toysite").text


def test_sites_and_status(visitor: Visitor, book: str, site: ToySite) -> None:
    reply = visitor.get("/supported")
    assert "Toy Site" in reply.text
    assert "no limit" in reply.text
    (toy,) = reply.find("//li[contains(h2, 'Toy Site')]")
    asked = toy.xpath("string(.//dt[.='Last request']/following-sibling::dd[1])")
    assert re.fullmatch(r"now|(a|\d+) (second|minute)s? ago", asked)
    status = visitor.get("/status")
    assert len(status.find("//*[name()='svg' and @role='img']")) == 4
    assert "Finished jobs by day" in status.text
    # Nobody works here, and nothing waits.
    assert "Everything is running." in status.text


def test_a_family_shows_the_sum_of_its_sites(serve: Serve) -> None:
    api = serve(plugins=("toyfamily",))
    for number, source in enumerate(("board-one", "board-two", "board-two", "elsewhere")):
        api.bench.write(
            "INSERT INTO novels"
            " (source, source_novel_id, slug, url, index_url, title, parser_version)"
            " VALUES (:source, :id, :id, :url, :url, 'A Tale', '1')",
            source=source,
            id=str(number),
            url=f"https://one.example/t/{number}",
        )
    reply = Visitor(api.client).get("/supported")
    (boards,) = reply.find("//li[h2]")
    assert "Boards" in boards.xpath("string(h2)")
    assert boards.xpath("string(.//dt[.='Sites']/following-sibling::dd[1])") == "2"
    assert boards.xpath("string(.//dt[.='Novels']/following-sibling::dd[1])") == "3"
    assert boards.xpath("string(.//dt[.='Last request']/following-sibling::dd[1])") == "never"


def test_a_job_without_a_worker_is_told(visitor: Visitor, api_with_site: Served) -> None:
    job = api_with_site.ingest().json()["job_id"]
    assert "No worker is running." in visitor.get("/status").text
    reply = visitor.get(f"/activity/{job}")
    assert "Waiting in the queue." in reply.text
    assert reply.find("//noscript//meta[@http-equiv='refresh']")


def test_a_job_of_any_length_has_a_page_of_some(visitor: Visitor, api_with_site: Served) -> None:
    """Of events, warnings and failures the page has a hundred each, the newest ones, and says how many more there are."""
    job = api_with_site.ingest().json()["job_id"]
    write = api_with_site.bench.write
    story = "INSERT INTO job_events (job_id, kind, message) SELECT :job, :kind, :what || n FROM generate_series(1, 1234) n"
    write(story, job=job, kind="note", what="Step ")
    write(story, job=job, kind="warning", what="Odd ")
    write(
        "INSERT INTO job_failures (job_id, url, kind, chapter_ids, code, message, at)"
        " SELECT :job, 'https://toy.example/' || n, 'chapter', '{}', 'not_found', 'Gone.',"
        " now() + n * interval '1 second' FROM generate_series(1, 1234) n",
        job=job,
    )
    for path in (f"/activity/{job}", f"/activity/{job}/part"):
        reply = visitor.get(path)
        story_lines = [one.text_content() for one in reply.find("//ol[@class='story']/li")]
        assert len(story_lines) == 101
        assert story_lines[0].endswith("Step 1234")
        assert re.fullmatch(r"and 1,13[45] earlier", story_lines[-1])
        failed, warned = (
            [one.text_content() for one in reply.find(f"//ul[@class='{kind}']/li")]
            for kind in ("plain failures", "plain failures warnings")
        )
        assert (len(warned), warned[0], warned[-1]) == (101, "Odd 1", "and 1,134 more")
        assert (len(failed), failed[-1]) == (101, "and 1,134 more")
        assert failed[0].startswith("https://toy.example/1234")


def test_every_time_tells_its_zone_without_a_script(visitor: Visitor, book: str) -> None:
    told = 0
    for path in ("/", f"/book/{book}", f"/book/{book}/2/revisions", "/activity", "/activity/1"):
        for time in visitor.get(path).find("//time"):
            assert datetime.fromisoformat(time.get("datetime")).utcoffset() is not None
            assert re.fullmatch(r"\d+ \w+ \d{4}, \d\d:\d\d UTC", time.get("title")), path
            if "data-clock" in time.attrib:
                assert re.fullmatch(r"\d\d:\d\d:\d\d UTC", time.text_content())
                told += 1
    assert told


def test_assets_are_kept_for_ever(visitor: Visitor) -> None:
    reply = visitor.get("/")
    own = [one.get("href") or one.get("src") for one in reply.find("//link[@href] | //script")]
    assert len(own) >= 5
    for address in own:
        answer = visitor.client.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (
            visitor.client.get(re.sub(r"\.\w{12}\.", ".000000000000.", address)).status_code == 404
        )
    assert visitor.client.get("/assets/../gate.py").status_code == 404


def test_programs_get_problems_people_get_pages(visitor: Visitor) -> None:
    for path in ("/nowhere", "/book/no-such-book"):
        problem = visitor.client.get(path)
        assert problem.headers["content-type"] == "application/problem+json"
        assert (problem.status_code, problem.json()["status"]) == (404, 404)
    assert visitor.get("/nowhere").status == 404
    # The JSON API stays what it is, also in a browser.
    answer = visitor.client.get("/novels/no-such-book", headers=HTML)
    assert answer.headers["content-type"] == "application/problem+json"
