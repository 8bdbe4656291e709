"""Threads through the engine: how many requests they take, and what comes of every change."""

from __future__ import annotations

import pytest
from workbench import Workbench

from novel_core.jobs.views import JobView
from novel_xenforo_lookalike import CHALLENGE, Forum, Forums, Pages, thread

URL = "https://forum.example/threads/the-grey-ferry.7/"


def asked(forums: Forums) -> list[str]:
    """The paths of the requests since the last look, but for robots.txt and pictures."""
    paths = [one.path for one in forums.log.requests]
    forums.log.clear()
    return [path for path in paths if path != "/robots.txt" and "/data/" not in path]


def counts(job: JobView) -> dict[str, int]:
    return {name: number for name, number in job.chapters.items() if number}


def titles(bench: Workbench) -> list[str]:
    return [row[0] for row in bench.rows("SELECT title FROM chapters ORDER BY number")]


def test_a_thread_takes_its_list_and_a_page_for_ten_chapters(
    bench: Workbench, running: Forums, forum: Forum
) -> None:
    forum.sizes = (25, 50)
    forum.threads[7] = thread(7, marks=120)
    job = bench.ingest(URL)
    assert (job.status, counts(job)) == ("done", {"total": 120, "new": 120})
    paths = asked(running)
    # The list by its number, redirected; three larger pages of it; twelve reader pages.
    assert len(paths) == 2 + 3 + 12
    assert sum("/reader/" in path for path in paths) == 12
    novel = bench.rows("SELECT title, status, stated_chapters FROM novels")[0]
    assert tuple(novel) == ("The Grey Ferry", "ongoing", 120)

    again = bench.ingest(URL)
    assert counts(again) == {"total": 120, "unchanged": 120}
    assert len(asked(running)) == 2
    # Older copies of the pages between are kept, too.
    assert bench.ingest(URL, accept_removals=True).status == "done"
    assert bench.ingest(URL).status == "done"
    asked(running)
    for _ in range(3):
        forum.threads[7].add()
    more = bench.ingest(URL)
    assert counts(more) == {"total": 123, "new": 3, "unchanged": 120}
    # Both ends of the list, and one reader page.
    assert len(asked(running)) == 3
    del forum.threads[7].marks[40]
    assert counts(bench.ingest(URL)) == {"total": 122, "removed": 1, "unchanged": 122}


@pytest.mark.parametrize("version", ["2.2", "2.3"])
def test_what_is_saved_of_a_thread(bench: Workbench, forum: Forum, version: str) -> None:
    forum.version = version
    assert bench.ingest(URL).status == "done"
    tags = bench.rows(
        "SELECT name, kind FROM tags JOIN novel_tags ON tag_id = tags.id ORDER BY lower(name)"
    )
    assert [tuple(row) for row in tags] == [
        ("adventure", "genre"), ("Mate Orrin", "character"), ("Original", "tag"),
    ]  # fmt: skip
    [row] = bench.rows("SELECT description_html, cover_url, published_at::text FROM novels")
    assert row[0] == "<p>A ferry, a fog, and forty crates.</p><p>Updates on Fridays.</p>"
    assert row[1] == "https://forum.example/data/threadmark-index-icons/h/7.jpg"
    assert row[2].startswith("2026-01-01")
    chapter = bench.rows(
        "SELECT c.title, t.content_html, c.published_at::text FROM chapters c JOIN chapter_texts t ON t.id = c.text_id"
        " ORDER BY c.number LIMIT 1"
    )[0]
    assert chapter[0] == "Fog"
    assert chapter[1].startswith("<p>Part 1. The ferry left before dawn")
    assert "Thanks for the update" not in chapter[1]
    assert "My other stories" not in chapter[1]
    assert chapter[2].startswith("2026-01-01")


def test_titles_that_are_alike_are_chapters_of_their_own(bench: Workbench) -> None:
    bench.ingest(URL)
    assert titles(bench)[:6] == [
        "Fog", "Interlude", "The Crates", "A Letter from the North", "Low Water", "Interlude",
    ]  # fmt: skip


def test_categories_are_volumes_with_authors_of_their_own(bench: Workbench, forum: Forum) -> None:
    forum.threads[7] = thread(7, marks=4, sidestories=2)
    job = bench.ingest(URL)
    assert counts(job) == {"total": 6, "new": 6}
    volumes = [row[0] for row in bench.rows("SELECT title FROM volumes ORDER BY position")]
    assert volumes == ["Threadmarks", "Sidestory"]
    assert titles(bench)[-2:] == ["Aside 1", "Aside 2"]
    assert bench.value("SELECT stated_chapters FROM novels") == 6


def test_a_folder_before_all_addresses(bench: Workbench, running: Forums) -> None:
    running.forums["boards.example"] = Forum(
        "boards.example", prefix="/forum", sizes=(25, 50), threads={9: thread(9, marks=60)}
    )
    job = bench.ingest("https://boards.example/forum/threads/the-grey-ferry.9/page-3#post-1")
    assert (job.status, counts(job)) == ("done", {"total": 60, "new": 60})


def test_a_forum_without_friendly_addresses(bench: Workbench, running: Forums) -> None:
    running.forums["plain.example"] = Forum(
        "plain.example", in_query=True, reader_posts=15, threads={9: thread(9, marks=40)}
    )
    job = bench.ingest("https://plain.example/index.php?threads/the-grey-ferry.9/")
    assert (job.status, counts(job)) == ("done", {"total": 40, "new": 40})


def test_the_address_of_a_post_leads_to_its_thread(bench: Workbench, forum: Forum) -> None:
    post = forum.threads[7].marks[3].post
    job = bench.ingest(f"https://forum.example/posts/{post}/")
    assert (job.status, counts(job)) == ("done", {"total": 12, "new": 12})
    again = bench.ingest(f"https://forum.example/goto/post?id={post}")
    assert counts(again) == {"total": 12, "unchanged": 12}


@pytest.mark.parametrize("skew", [-1, 1])
def test_reader_pages_of_other_lengths_are_found(bench: Workbench, forum: Forum, skew: int) -> None:
    forum.threads[7], forum.skew = thread(7, marks=35), skew
    job = bench.ingest(URL)
    assert counts(job) == {"total": 35, "new": 35}


def test_an_edit_is_seen_where_its_page_is_read_again(
    bench: Workbench, running: Forums, forum: Forum
) -> None:
    bench.ingest(URL)
    forum.threads[7].edit(forum.threads[7].marks[-1].post, "Part 12, revised.")
    asked(running)
    assert "changed" not in counts(bench.ingest(URL))
    asked(running)
    job = bench.ingest(URL, recheck=2)
    assert counts(job)["changed"] == 1
    assert len(asked(running)) <= 3


def test_a_removed_threadmark_keeps_its_text(bench: Workbench, forum: Forum) -> None:
    bench.ingest(URL)
    del forum.threads[7].marks[2]
    job = bench.ingest(URL)
    assert (counts(job)["removed"], counts(job)["total"]) == (1, 11)
    assert bench.value("SELECT count(*) FROM chapter_texts") == 12


def test_a_list_shorter_than_stated_is_done_with_gaps(bench: Workbench, forum: Forum) -> None:
    forum.stated_more = 3
    job = bench.ingest(URL)
    assert counts(job) == {"total": 12, "new": 12, "unlisted": 3}


def test_a_reader_for_members_is_told(bench: Workbench, forum: Forum) -> None:
    forum.reader_closed = True
    job = bench.ingest(URL)
    assert counts(job).get("new") is None
    failed = bench.rows("SELECT DISTINCT code FROM job_failures WHERE kind = 'chapter'")
    assert [row[0] for row in failed] == ["login_required"]


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (lambda forum: forum.threads.clear(), "not_found", "could not be found"),
        (lambda forum: forum.threads[7].marks.clear(), "not_found", "has no threadmarks"),
        (lambda forum: setattr(forum, "has_add_on", False), "not_found", "has no Threadmarks"),
    ],
)
def test_a_thread_that_is_no_novel(
    bench: Workbench, forum: Forum, change: object, code: str, told: str
) -> None:
    assert callable(change)
    change(forum)
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", code)
    assert told in (job.error_message or "")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (403, "challenge", "blocked"),
        (503, "challenge", "blocked"),
        (403, "login", "login_required"),
        (403, "private", "login_required"),
        (200, "closed", "maintenance"),
        (200, "missing", "not_found"),
        (200, "other", "page_changed"),
    ],
)
def test_a_page_that_is_not_the_list(
    bench: Workbench, forum: Forum, status: int, kind: str, code: str
) -> None:
    pages = Pages(forum)
    shown = {
        "challenge": CHALLENGE,
        "login": pages.error("You must be logged-in to do that.", login=True),
        "private": pages.error("You do not have permission to view this page."),
        "closed": pages.error("The board is currently closed for maintenance."),
        "missing": pages.error("The requested thread could not be found."),
        "other": "<!DOCTYPE html><html><body><h1>A blog</h1></body></html>",
    }
    forum.answers["/threads/7/threadmarks"] = (status, shown[kind])
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", code), job.error_message
