"""Sites of unusual forms, read by tables through the whole engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from formsites import Pages, ajax_pages, feed_pages, thread_pages, walk_pages
from sqlalchemy import Engine
from workbench import NO_LIMIT, Workbench, quick_settings, registry_of

from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers


@contextmanager
def serving(name: str, site: Pages, database: Engine) -> Iterator[Workbench]:
    with ThreadedServer(site.app) as served:
        settings = quick_settings(
            host_map={f"{name}.example": served.url}, sources={name: NO_LIMIT}
        )
        yield Workbench(Runtime(settings, registry_of("formsites"), database, Servers("", None)))


def saved(bench: Workbench) -> list[tuple[object, ...]]:
    rows = bench.rows(
        "SELECT c.title, t.content_html, v.title FROM chapters c"
        " LEFT JOIN chapter_texts t ON t.id = c.text_id"
        " LEFT JOIN volumes v ON v.id = c.volume_id"
        " WHERE c.removed_at IS NULL ORDER BY c.number"
    )
    return [tuple(row) for row in rows]


def parts(*numbers: int) -> list[tuple[object, ...]]:
    return [(f"Part {n}", f"<p>Text {n}.</p>", None) for n in numbers]


def test_a_walk(database: Engine) -> None:
    site = Pages(walk_pages(3))
    with serving("walk", site, database) as bench:
        assert bench.ingest("https://walk.example/n/1").status == "done"
        assert saved(bench) == parts(1, 2, 3)
        site.pages = walk_pages(5)
        assert bench.ingest("https://walk.example/n/1").chapters["new"] == 2
        assert saved(bench) == parts(1, 2, 3, 4, 5)


def test_a_feed(database: Engine) -> None:
    site = Pages(feed_pages(1, 2))
    with serving("feed", site, database) as bench:
        assert bench.ingest("https://feed.example/n/1").status == "done"
        assert saved(bench) == parts(1, 2)
        # The feed has the newest only; what it has lost is not removed.
        site.pages = feed_pages(2, 3)
        assert bench.ingest("https://feed.example/n/1").chapters["new"] == 1
        assert saved(bench) == parts(1, 2, 3)
    assert {path for path in site.requests if path != "/robots.txt"} == {"/n/1"}


def test_a_thread(database: Engine) -> None:
    site = Pages(thread_pages())
    with serving("thread", site, database) as bench:
        job = bench.ingest("https://thread.example/n/1")
        assert (job.status, job.chapters["new"]) == ("done", 3)
        assert saved(bench) == [(f"Mark {n}", f"<p>Post {n}.</p>", "Arc One") for n in (3, 5, 31)]
    assert sorted(site.requests).count("/n/1/page-1") == 1


def test_a_post_that_leads_to_its_page_of_the_thread(database: Engine) -> None:
    site = Pages(thread_pages() | {"/posts/5": "/n/1/page-1"})
    with serving("thread", site, database) as bench:
        job = bench.ingest("https://thread.example/posts/5")
        assert (job.status, job.chapters["new"]) == ("done", 3)
        assert saved(bench) == [(f"Mark {n}", f"<p>Post {n}.</p>", "Arc One") for n in (3, 5, 31)]
        # The page that the post led to was requested once.
        assert [path for path in site.requests if path != "/robots.txt"] == [
            "/posts/5",
            "/n/1/page-1",
            "/n/1",
            "/n/1/page-2",
        ]
        carried = bench.rows("SELECT chapter_ids FROM pages WHERE requested_url LIKE '%/posts/5'")
        assert [row[0] for row in carried] == [["5", "3"]]
        site.requests.clear()
        job = bench.ingest("https://thread.example/posts/5")
        assert (job.status, site.requests) == ("done", ["/n/1"])
        assert bench.rows("SELECT count(*) FROM novels")[0][0] == 1


def test_a_post_that_leads_to_a_page_without_the_other_posts(database: Engine) -> None:
    """The page has meanwhile moved its posts: it is requested for those that it lacks."""
    pages = thread_pages()
    alone = '<article id="post-5"><div><p>Post 5.</p></div></article>'
    site = Pages(pages | {"/posts/5": "/n/1/page-1", "/n/1/page-1": alone})
    with serving("thread", site, database) as bench:
        job = bench.ingest("https://thread.example/posts/5")
        assert (job.chapters["new"], job.chapters["failed"]) == (2, 1)
    assert site.requests.count("/n/1/page-1") == 2


def test_a_thread_that_lacks_a_post(database: Engine) -> None:
    site = Pages(thread_pages())
    site.pages["/n/1/page-1"] = site.pages["/n/1/page-1"].replace("post-5", "post-6")
    with serving("thread", site, database) as bench:
        job = bench.ingest("https://thread.example/n/1")
        assert (job.chapters["new"], job.chapters["failed"]) == (2, 1)
        assert [failure.chapter_ids for failure in bench.failures(job.id)] == [("5",)]
        site.pages = thread_pages()
        job = bench.ingest("https://thread.example/n/1")
        assert (job.status, job.chapters["new"]) == ("done", 1)


def test_a_list_and_texts_by_post(database: Engine) -> None:
    site = Pages(ajax_pages())
    with serving("ajax", site, database) as bench:
        job = bench.ingest("https://ajax.example/n/1")
        assert (job.status, job.chapters["new"]) == ("done", 3)
        assert saved(bench) == [
            ("Part 4", "<p>Text 4.</p>", "Arc One"),
            ("Part 5", "<p>Text 5.</p>", "Arc One"),
            ("Part 6", "<p>Text 6.</p>", "Arc Two"),
        ]
        form, data = "application/x-www-form-urlencoded", "application/json"
        lists = [f"/ajax/toc id=93&page={page} {form}" for page in (1, 2)]
        texts = [f'/ajax/texts {{"ids": [{ids}]}} {data}' for ids in ("4,5", "6")]
        assert sorted(one for one in site.requests if one.startswith("/ajax")) == [*texts, *lists]
        site.requests.clear()
        job = bench.ingest("https://ajax.example/n/1")
        assert (job.status, job.chapters["new"]) == ("done", 0)
        assert [one for one in site.requests if one.startswith("/ajax")] == lists
