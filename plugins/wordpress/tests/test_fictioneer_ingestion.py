"""Fictioneer sites through the whole engine: by their pages, and by the theme's API."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from workbench import Workbench, quick_settings, registry_of

from novel_core import Site
from novel_core.db.engine import session
from novel_core.queue import watch_updates
from novel_core.runtime import Runtime, Servers
from novel_core.settings import SourceOverride
from novel_core.sites.naming import assign_name
from novel_core.states import JobState
from novel_wordpress_lookalike.fictioneer import CLOSED_ROBOTS, HOST, FictioneerSite
from novel_wordpress_lookalike.stories import FictioneerStory

ORIGIN = f"https://{HOST}"
PASTED = f"{ORIGIN}/story/the-copper-weir/"
PAGE = f"{ORIGIN}/?post_type=fcn_story&p=13"
GRAPH = "/wp-json/storygraph/v1/story/13"
API = {"api": f"{ORIGIN}/wp-json/"}


@pytest.fixture
def story() -> FictioneerStory:
    return FictioneerStory.generate(13, chapters=4)


@pytest.fixture
def site(story: FictioneerStory) -> Iterator[FictioneerSite]:
    with FictioneerSite([story]) as served:
        yield served


def bench_of(site: FictioneerSite, database: Engine, **options: str) -> Workbench:
    with session(database) as opened:
        assign_name(opened, Site("weir", "fictioneer", ORIGIN, options=options), "operator")
    settings = quick_settings(
        host_map={HOST: site.url},
        sources={"weir": SourceOverride(requests_per_second=0)},
    )
    registry = registry_of("wordpress=novel_wordpress")
    return Workbench(Runtime(settings, registry, database, Servers("", None)))


@pytest.fixture
def by_pages(site: FictioneerSite, database: Engine) -> Workbench:
    site.switches.robots = CLOSED_ROBOTS
    return bench_of(site, database)


@pytest.fixture
def by_api(site: FictioneerSite, database: Engine) -> Workbench:
    return bench_of(site, database, **API)


def counts(bench: Workbench, url: str) -> tuple[int, int, int, int, int]:
    told = bench.ingest(url).chapters
    return tuple(told[name] for name in ("new", "changed", "unchanged", "removed", "locked"))  # type: ignore[return-value]


def test_a_site_is_read_by_its_pages(
    by_pages: Workbench, site: FictioneerSite, story: FictioneerStory
) -> None:
    story.global_note = "<p>On Mondays.</p>"
    story.chapters[1].foreword, story.chapters[1].afterword = "<p>Before.</p>", "<p>After.</p>"
    story.chapters[3].is_protected = True
    assert counts(by_pages, PASTED) == (3, 0, 0, 0, 1)
    assert not site.count("/wp-json/")
    novel = by_pages.novel("weir:13")
    assert (novel.summary.title, novel.summary.status) == ("The Copper Weir", "ongoing")
    assert list(novel.summary.authors) == story.authors
    assert novel.description_html == "<p>A weir, and who keeps it.</p>"
    saved = by_pages.chapters("weir:13")
    assert [one.title for one in saved] == [f"Ch. {row.id}: {row.title}" for row in story.chapters]
    first, second = by_pages.read("weir:13", "1"), by_pages.read("weir:13", "2")
    assert first.content_html == story.chapters[0].html
    assert "On Mondays." in first.note_before_html
    assert "On Mondays." not in second.note_before_html
    assert (second.note_before_html, second.note_after_html) == ("<p>Before.</p>", "<p>After.</p>")

    site.clear()
    assert counts(by_pages, PAGE)[2:4] == (3, 0)
    assert site.paths(pages_only=True) == ["/story/the-copper-weir/"]

    site.clear()
    story.chapters[3].is_protected = False
    story.chapters[0].paragraphs = ["<p>Begun again, in other words.</p>"]
    gone = story.chapters.pop(2)
    for _ in range(3):
        story.add_chapter()
    assert counts(by_pages, PAGE) == (4, 1, 1, 1, 0)
    assert len(site.paths(pages_only=True)) == 1 + 4 + 1
    assert by_pages.read("weir:13", f"@{gone.id}").content_html == gone.html


def test_a_chapters_address_finds_its_story(by_pages: Workbench, site: FictioneerSite) -> None:
    assert counts(by_pages, f"{ORIGIN}/story/any-word/part-15/#start") == (4, 0, 0, 0, 0)
    assert by_pages.novel("weir:13").summary.title == "The Copper Weir"
    assert site.count("/story/any-word/part-15/") == 1


def test_a_thousand_chapters_take_a_request_for_fifty(
    by_api: Workbench, site: FictioneerSite, story: FictioneerStory
) -> None:
    while len(story.chapters) < 1000:
        story.add_chapter()
    url = f"{ORIGIN}{GRAPH}"
    assert counts(by_api, url) == (1000, 0, 0, 0, 0)
    assert len(site.paths(pages_only=True)) == 21
    assert by_api.read("weir:13", "1000").content_html == story.chapters[-1].html
    site.clear()
    assert counts(by_api, url) == (0, 0, 1000, 0, 0)
    assert site.paths(pages_only=True) == [GRAPH]
    site.clear()
    for _ in range(3):
        story.add_chapter()
    assert counts(by_api, url) == (3, 0, 1000, 0, 0)
    assert len(site.paths(pages_only=True)) == 2
    site.clear()
    story.chapters[500].edit("<p>Mended.</p>")
    assert counts(by_api, url) == (0, 1, 1002, 0, 0)
    assert len(site.paths(pages_only=True)) == 2


def test_a_list_of_the_api_has_extras_volumes_and_locked_chapters(
    by_api: Workbench, story: FictioneerStory
) -> None:
    story.chapters[0].is_extra = True
    story.chapters[2].is_protected = True
    job = by_api.ingest(PASTED)
    assert (job.status, job.chapters["new"], job.chapters["locked"]) == (JobState.DONE, 3, 1)
    assert (job.chapters["unlisted"], job.warnings) == (0, 0)
    rows = by_api.chapters("weir:13")
    assert [one.volume for one in rows] == ["Volume 1: Spring"] * 2 + ["Volume 2: Autumn"] * 2
    assert by_api.ingest(PASTED).chapters["unchanged"] == 3


@pytest.mark.parametrize(
    ("total", "unlisted", "warnings"),
    [(9, 5, 1), (2, 0, 0), (-3, 0, 0), ("many", 0, 0), (True, 0, 0), (None, 0, 0)],
)
def test_totals_of_the_api_may_lie(
    by_api: Workbench, site: FictioneerSite, total: object, unlisted: int, warnings: int
) -> None:
    site.switches.edit = lambda answer: answer.update(chapterCount=total)
    job = by_api.ingest(PASTED)
    assert (job.chapters["new"], job.chapters["unlisted"], job.warnings) == (4, unlisted, warnings)


@pytest.mark.parametrize(
    ("total", "unlisted"), [(9, 5), ("4", 0), (2, 0), (-3, 0), ("many", 0), ("9" * 30, 0)]
)
def test_totals_of_a_page_may_lie(
    by_pages: Workbench, story: FictioneerStory, total: object, unlisted: int
) -> None:
    story.stated = total
    job = by_pages.ingest(PAGE)
    assert (job.chapters["new"], job.chapters["unlisted"]) == (4, unlisted)


def test_a_story_that_is_not_shown_says_why(
    by_pages: Workbench, site: FictioneerSite, story: FictioneerStory
) -> None:
    by_pages.ingest(PAGE)
    story.is_protected = True
    assert by_pages.ingest(PAGE).error_code == "login_required"
    story.is_protected = False
    path = "/story/the-copper-weir/"
    for body, code in (
        ('<html><script id="anubis_challenge"></script></html>', "blocked"),
        (
            '<html><main id="main" class="main story"><i class="tiv-anti-scrape"></i></main></html>',
            "blocked",
        ),
        ("<html><body><main id='main'>Another theme</main></body></html>", "page_changed"),
        ("<html><body>Another program</body></html>", "page_changed"),
        ("<html class='fictioneer-theme'><body><main", "page_broken"),
        ("<html><body>Briefly unavailable for scheduled maintenance.</body></html>", "maintenance"),
    ):
        site.switches.replaced[path] = body
        assert by_pages.ingest(PAGE).error_code == code
    assert len(by_pages.chapters("weir:13")) == 4


def test_an_api_that_is_closed_says_why(by_api: Workbench, site: FictioneerSite) -> None:
    site.switches.replaced[GRAPH] = "<html><body>No API here.</body></html>"
    assert by_api.ingest(f"{ORIGIN}{GRAPH}").error_code == "page_changed"
    site.switches.replaced.clear()
    site.switches.has_graph = False
    job = by_api.ingest(f"{ORIGIN}{GRAPH}")
    assert (job.error_code, "Storygraph is off" in str(job.error_message)) == ("page_changed", True)
    site.switches.has_graph = True
    assert by_api.ingest(f"{ORIGIN}/wp-json/storygraph/v1/story/99").error_code == "not_found"
    assert by_api.ingest(f"{ORIGIN}{GRAPH}").chapters["new"] == 4


def test_one_list_tells_which_watched_stories_have_changed(
    by_api: Workbench, site: FictioneerSite, story: FictioneerStory
) -> None:
    other = site.stories[40] = FictioneerStory.generate(40, chapters=2)
    other.slug = "the-other-weir"
    for number in (13, 40):
        by_api.ingest(f"{ORIGIN}/wp-json/storygraph/v1/story/{number}")
    by_api.write(
        "INSERT INTO watches (novel_id, interval, due_at)"
        " SELECT id, 3600, now() - interval '1 minute' FROM novels"
    )
    story.add_chapter().published = int(time.time()) + 60
    site.clear()
    assert submitted(by_api) == [("recent", by_api.runtime.registry.get("weir").recent_list())]
    by_api.run(by_api.value("SELECT id FROM jobs WHERE status = 'queued'"))
    assert len(site.paths(pages_only=True)) == 1
    by_api.write("UPDATE watches SET due_at = now()")
    assert submitted(by_api) == [("novel", f"{ORIGIN}{GRAPH}")]


def submitted(bench: Workbench) -> list[tuple[str, str]]:
    """The kinds and addresses of the jobs that wait, once what is due is submitted."""
    runtime = bench.runtime
    for _ in range(3):
        watch_updates.submit_due(runtime.database, runtime.registry, runtime.settings)
    return [tuple(row) for row in bench.rows("SELECT kind, url FROM jobs WHERE status = 'queued'")]
