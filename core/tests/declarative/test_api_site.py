"""A site of JSON behind pages of HTML, through the whole engine."""

from __future__ import annotations

from datetime import UTC, datetime

import apisite
from apisite import ApiSite, a_site
from sqlalchemy import Engine
from workbench import NO_LIMIT, Workbench, quick_settings, registry_of

from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers

NOVEL = f"{apisite.ROOT}/work/1"


def bench_of(served: ThreadedServer, database: Engine) -> Workbench:
    settings = quick_settings(host_map={apisite.HOST: served.url}, sources={"apisite": NO_LIMIT})
    return Workbench(Runtime(settings, registry_of("apisite"), database, Servers("", None)))


def saved(bench: Workbench) -> list[tuple[object, ...]]:
    rows = bench.rows(
        "SELECT c.number, c.title, c.url, t.content_html, c.published_at, v.title"
        " FROM chapters c LEFT JOIN chapter_texts t ON t.id = c.text_id"
        " LEFT JOIN volumes v ON v.id = c.volume_id ORDER BY c.number"
    )
    return [tuple(row) for row in rows]


def test_a_novel_is_saved_and_updated(database: Engine) -> None:
    site = a_site()
    with ThreadedServer(site.app) as served:
        bench = bench_of(served, database)
        job = bench.ingest(NOVEL)
        assert (job.status, job.chapters["new"], job.chapters["locked"]) == ("done", 3, 1)
        assert saved(bench) == [
            (1, "One & only", f"{NOVEL}/11", "<p>First.</p>", datetime(2026, 1, 2, tzinfo=UTC), "Book One"),
            (2, "Two", f"{NOVEL}/12", "<p>Second.</p>", None, "Book One"),
            (3, "Three", f"{NOVEL}/13", "<p>Third.</p>", None, "Book One"),
            (4, "Four", f"{NOVEL}/14", None, None, "Book Two"),
        ]  # fmt: skip
        assert bench.value("SELECT description_html FROM novels") == "<p>One</p><p>Two</p>"
        first = list(site.requests)
        assert "/api/parts?work=1&page=2" in first
        # At most two ids a request; the paid chapter is requested by none.
        texts = sorted(one for one in first if one.startswith("/api/texts"))
        assert texts == ["/api/texts?ids=11,12", "/api/texts?ids=13"]
        _edit(site)
        site.requests.clear()
        job = bench.ingest(NOVEL)
        assert (job.chapters["new"], job.chapters["changed"]) == (0, 1)
        texts = [one for one in site.requests if one.startswith("/api/texts")]
        assert texts == ["/api/texts?ids=12"]
        assert saved(bench)[1][3] == "<p>Second, mended.</p>"


def _edit(site: ApiSite) -> None:
    site.rows[2] |= {"edited": "2026-02-05 00:00", "html": "<p>Second, mended.</p>"}


def test_an_api_that_sends_html_ends_the_job_in_words(database: Engine) -> None:
    site = a_site()
    site.closed = "<!DOCTYPE html><title>The API is closed</title>"
    with ThreadedServer(site.app) as served:
        bench = bench_of(served, database)
        assert bench.ingest(NOVEL).status == "error"
    events = str(bench.rows("SELECT message FROM job_events"))
    assert "HTML where JSON was expected: The API is closed" in events
