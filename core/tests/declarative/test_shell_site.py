"""A table over an API, with the outcomes of its pages, through the whole engine."""

from __future__ import annotations

import pytest
from shellsite import API_HOST, HOST, ROOT, ShellSite
from sqlalchemy import Engine
from workbench import NO_LIMIT, Workbench, quick_settings, registry_of

from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers


@pytest.mark.parametrize("start", [f"{ROOT}/story/41", f"{ROOT}/part/1"])
def test_a_shell_is_never_requested_and_walls_are_named(database: Engine, start: str) -> None:
    site = ShellSite()
    with ThreadedServer(site.app) as served:
        settings = quick_settings(
            host_map={HOST: served.url, API_HOST: served.url},
            sources={"shellsite": NO_LIMIT.model_copy(update={"confirm_gates": True})},
        )
        bench = Workbench(Runtime(settings, registry_of("shellsite"), database, Servers("", None)))
        job = bench.ingest(start)
    assert job.chapters["new"] == 3
    # The list says that of the third, its own page of the fifth.
    assert job.chapters["locked"] == 2
    [login] = bench.failures(job.id)
    assert (login.chapter_ids, login.code) == (("4",), "login_required")
    assert "Log in to read." in login.message
    rows = bench.rows(
        "SELECT c.title, c.access, t.content_html, v.title FROM chapters c"
        " LEFT JOIN chapter_texts t ON t.id = c.text_id"
        " LEFT JOIN volumes v ON v.id = c.volume_id ORDER BY c.number"
    )
    assert [tuple(row) for row in rows] == [
        ("One", "free", "<p>Text 1.</p>", "Book One"),
        ("Two", "free", "<p>Text 2.</p>", "Book One"),
        ("Three", "locked", None, "Book One"),
        ("Four", "free", None, "Book Two"),
        ("Five", "locked", None, "Book Two"),
        ("Six", "free", "<p>Text 6.</p>", "Book Two"),
    ]
    assert bench.value("SELECT url FROM novels") == f"{ROOT}/story/41"
    expected = ["/enter", "/part/1", "/part/2", "/part/4", "/part/5", "/part/6", "/part/6"]
    assert sorted(site.requests) == [*expected, "/stories/41", "/stories/41/parts"]
