"""Blogs through the engine: how many requests a book takes, and what comes of every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from boards import plugin
from sqlalchemy import Engine
from workbench import NO_LIMIT, Workbench, quick_settings, registry_of

from novel_core import Site
from novel_core.errors import UnsupportedUrl
from novel_core.jobs.views import JobView
from novel_core.registry import Registry
from novel_core.runtime import Runtime, Servers
from novel_wordpress.family import WordPress
from novel_wordpress.source import WordPressSource
from novel_wordpress_lookalike.blog import HOST, Blog, BlogSite

ORIGIN = f"https://{HOST}"
BOOK = f"{ORIGIN}/?cat=7"


@pytest.fixture(scope="module")
def running() -> Iterator[BlogSite]:
    with BlogSite() as site:
        yield site


@pytest.fixture
def blog(running: BlogSite) -> Blog:
    running.blog = Blog.generate()
    running.log.clear()
    return running.blog


@pytest.fixture
def bench(running: BlogSite, blog: Blog, database: Engine) -> Workbench:
    family = WordPress()
    family.sites = (Site("tidehouse", "wordpress", ORIGIN, title="The Tide House"),)
    settings = quick_settings(host_map={HOST: running.url}, sources={"tidehouse": NO_LIMIT})
    registry = Registry.load(entry_points=[plugin("wordpress", family)])
    return Workbench(Runtime(settings, registry, database, Servers("", None)))


def asked(site: BlogSite) -> list[str]:
    """The paths of the requests since the last look, but for robots.txt."""
    paths = [one.path for one in site.log.requests if one.path != "/robots.txt"]
    site.log.clear()
    return paths


def counts(job: JobView) -> dict[str, int]:
    return {name: number for name, number in job.chapters.items() if number}


def test_a_book_is_read_a_hundred_texts_at_a_time(
    bench: Workbench, running: BlogSite, blog: Blog
) -> None:
    running.blog = Blog.generate(chapters=250)
    job = bench.ingest(BOOK)
    assert (job.status, counts(job)) == ("done", {"total": 250, "new": 250})
    paths = asked(running)
    # The latest hundred, the category, three pages of the list, three answers with texts.
    assert len(paths) == 8, paths
    novel = bench.rows("SELECT title, stated_chapters, description_html FROM novels")[0]
    assert tuple(novel) == ("Salt & Stairs", 250, "<p>A house by the sea.</p>")
    assert bench.value("SELECT title FROM chapters WHERE number = 1") == "1. “Step 1”"

    assert counts(bench.ingest(BOOK)) == {"total": 250, "unchanged": 250}
    assert len(asked(running)) == 1
    for _ in range(3):
        running.blog.add()
    assert counts(bench.ingest(BOOK)) == {"total": 253, "new": 3, "unchanged": 250}
    assert len(asked(running)) == 2
    post = running.blog.posts[4]
    running.blog.edit(post, "<p>Written again.</p>")
    assert counts(bench.ingest(BOOK)) == {"total": 253, "changed": 1, "unchanged": 252}
    assert len(asked(running)) == 2


def test_arcs_are_volumes(bench: Workbench, running: BlogSite) -> None:
    running.blog = Blog.generate(chapters=6, arcs=2)
    assert counts(bench.ingest(BOOK)) == {"total": 6, "new": 6}
    volumes = [row[0] for row in bench.rows("SELECT title FROM volumes ORDER BY position")]
    assert volumes == ["Arc 1", "Arc 2"]
    placed = bench.rows(
        "SELECT c.number, v.title FROM chapters c JOIN volumes v ON v.id = c.volume_id ORDER BY 1"
    )
    assert [row[1] for row in placed] == ["Arc 1"] * 3 + ["Arc 2"] * 3


def test_a_category_beside_the_book_is_no_volume(bench: Workbench, blog: Blog) -> None:
    blog.posts[3].categories = (7, 2)
    assert counts(bench.ingest(BOOK)) == {"total": 12, "new": 12}
    assert bench.rows("SELECT title FROM volumes") == []


def test_a_removed_post_is_noticed(bench: Workbench, blog: Blog) -> None:
    bench.ingest(BOOK)
    del blog.posts[3]
    job = bench.ingest(BOOK)
    assert counts(job) == {"total": 11, "removed": 1, "unchanged": 11}
    assert bench.value("SELECT count(*) FROM chapter_texts") == 12


def test_a_protected_post_is_locked_until_it_is_open(bench: Workbench, blog: Blog) -> None:
    blog.posts[11].is_protected = True
    job = bench.ingest(BOOK)
    assert counts(job) == {"total": 12, "new": 11, "locked": 1}
    blog.posts[11].is_protected = False
    blog.edit(blog.posts[11], blog.posts[11].text)
    assert counts(bench.ingest(BOOK))["new"] == 1


@pytest.mark.parametrize("path", ["chapter-103/", "?p=103", "chapter-103/?share=x"])
def test_the_address_of_a_post_leads_to_its_book(bench: Workbench, blog: Blog, path: str) -> None:
    job = bench.ingest(f"{ORIGIN}/{path}")
    assert (job.status, counts(job)) == ("done", {"total": 12, "new": 12}), job.error_message
    assert bench.value("SELECT source_novel_id FROM novels") == "category-7"


def test_the_address_of_a_category(bench: Workbench, blog: Blog) -> None:
    job = bench.ingest(f"{ORIGIN}/category/salt/page/2/")
    assert (job.status, counts(job)) == ("done", {"total": 12, "new": 12}), job.error_message


def test_the_whole_blog(bench: Workbench, blog: Blog) -> None:
    job = bench.ingest(f"{ORIGIN}/")
    assert (job.status, counts(job)) == ("done", {"total": 13, "new": 13}), job.error_message
    assert bench.value("SELECT title FROM novels") == "The Tide House"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, '[{"id": 1, "title"', "page_broken"),
        (200, "<b>Warning</b>: x [1]", "page_broken"),
        (
            503,
            "Briefly unavailable for scheduled maintenance. Check back in a minute.",
            "maintenance",
        ),
    ],
)
def test_an_answer_that_is_no_list(
    bench: Workbench, blog: Blog, status: int, body: str, code: str
) -> None:
    blog.answers["/wp-json/wp/v2/posts"] = (status, body)
    job = bench.ingest(BOOK)
    assert (job.status, job.error_code) == ("error", code), job.error_message


def test_totals_that_lie(bench: Workbench, blog: Blog) -> None:
    blog.stated_more = 3
    assert counts(bench.ingest(BOOK)) == {"total": 12, "new": 12, "unlisted": 3}


@pytest.mark.parametrize("how", ["login", "robots", "strange"])
def test_where_the_api_is_closed_the_pages_are_read(
    bench: Workbench, running: BlogSite, blog: Blog, how: str
) -> None:
    if how == "login":
        blog.is_open = False
    elif how == "strange":
        page = "<!DOCTYPE html><html><body>Just a page</body></html>"
        blog.answers["/wp-json/wp/v2/posts"] = (200, page)
    else:
        blog.robots = "User-agent: *\nDisallow: /wp-json/\n"
    blog.posts[2].is_protected = True
    job = bench.ingest(BOOK)
    assert (job.status, counts(job)) == ("done", {"total": 12, "new": 11, "locked": 1})
    assert bench.value("SELECT title FROM novels") == "Salt & Stairs"
    titles = [row[0] for row in bench.rows("SELECT title FROM chapters ORDER BY number")]
    assert titles[0] == "1. “Step 1”"
    assert titles[-1] == "12. “Step 12”"
    text = bench.value("SELECT content_html FROM chapter_texts ORDER BY id LIMIT 1")
    assert "excerpt" not in str(text)
    paths = asked(running)
    assert sum("/wp-json/" in path for path in paths) == (0 if how == "robots" else 1)
    assert counts(bench.ingest(BOOK)) == {"total": 12, "unchanged": 11, "locked": 1}


@pytest.mark.parametrize("how", ["login", "robots"])
def test_a_post_tells_its_book_where_the_api_is_closed(
    bench: Workbench, running: BlogSite, blog: Blog, how: str
) -> None:
    blog.is_open = how != "login"
    blog.robots = "User-agent: *\nDisallow: /wp-json/\n" if how == "robots" else ""
    job = bench.ingest(f"{ORIGIN}/chapter-103/")
    assert (job.status, counts(job)) == ("done", {"total": 12, "new": 12}), job.error_message
    assert bench.value("SELECT source_novel_id FROM novels") == "category-7"


def test_a_contents_page_gives_the_order(bench: Workbench, running: BlogSite, blog: Blog) -> None:
    order = [105, 101, 103]
    blog.contents = (
        "".join(
            f"<p><a href='http://www.{HOST}/chapter-{number}/'>Chap</a><a href='/chapter-{number}/'>ter</a></p>"
            for number in order
        )
        + "<p><a href='https://patreon.example/x'>Vote</a> <a href='/about/'>About</a></p>"
    )
    job = bench.ingest(f"{ORIGIN}/contents/")
    assert (job.status, counts(job)) == ("done", {"total": 3, "new": 3}), job.error_message
    rows = bench.rows("SELECT source_chapter_id FROM chapters ORDER BY number")
    assert [int(row[0]) for row in rows] == order
    assert bench.value("SELECT title FROM novels") == "The Tide House"


def test_a_book_that_is_gone(bench: Workbench, blog: Blog) -> None:
    gone = '{"code": "rest_term_invalid", "message": "Term does not exist."}'
    blog.answers["/wp-json/wp/v2/posts"] = (404, gone)
    blog.answers["/?cat=7&paged=1"] = (404, "<html><body>Nothing here</body></html>")
    job = bench.ingest(BOOK)
    assert (job.status, job.error_code) == ("error", "not_found"), job.error_message


def test_long_texts_come_in_smaller_answers(bench: Workbench, running: BlogSite) -> None:
    running.blog = Blog.generate(chapters=45)
    family = bench.runtime.registry.families["wordpress"]
    [site] = family.sites
    few = family.load(replace(site, options={"texts_at_once": 20})).source
    assert isinstance(few, WordPressSource)
    assert few.addresses.api is not None
    assert few.addresses.api.texts_at_once == 20
    wrong = family.load(replace(site, options={"texts_at_once": 1000})).source
    assert isinstance(wrong, WordPressSource)
    assert wrong.addresses.api is not None
    assert wrong.addresses.api.texts_at_once == 100


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", ""),
        ("/2024/01/02/one/", ""),
        ("/story/one/", " This address looks like one of Fictioneer."),
    ],
)
def test_that_every_address_may_be_a_post_says_nothing_of_a_site(path: str, told: str) -> None:
    registry = registry_of("wordpress=novel_wordpress")
    with pytest.raises(UnsupportedUrl) as caught:
        registry.resolve(f"https://unknown.example{path}")
    hint = caught.value.hint or ""
    assert told in hint
    assert ("looks like" in hint) == bool(told)
