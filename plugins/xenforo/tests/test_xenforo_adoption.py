"""A forum that nobody has listed is added with proof."""

from __future__ import annotations

import pytest
from adopting import Adopting
from sqlalchemy import Engine
from workbench import NO_LIMIT, quick_settings, registry_of

from novel_core.runtime import Runtime, Servers
from novel_xenforo_lookalike import Forum, Forums, thread


def machine(database: Engine, forums: Forums) -> Adopting:
    settings = quick_settings(
        host_map=dict.fromkeys(forums.hosts, forums.url),
        sources=dict.fromkeys(("adoption", "forum-example"), NO_LIMIT),
    )
    registry = registry_of("wordpress=novel_wordpress", "xenforo=novel_xenforo")
    return Adopting(Runtime(settings, registry, database, Servers("", None)))


@pytest.mark.parametrize("version", ["2.2", "2.3"])
def test_a_forum_is_proved_and_added(database: Engine, version: str) -> None:
    told = thread(7, marks=9)
    for post in told.posts:
        post.text *= 8
    forum = Forum(version=version, threads={7: told})
    url = f"https://{forum.host}/threads/{told.slug}.7/"
    with Forums(forum) as forums:
        bench = machine(database, forums)
        adoption = bench.adopt(url)
        report = adoption.report
        assert report is not None, adoption.job.error_message
        assert report.novel is not None
        assert (report.software, report.refusals) == ("XenForo", ())
        assert (report.novel.title, report.novel.found) == ("The Grey Ferry", 9)
        assert report.novel.stated == 9
        assert report.requests <= 8
        assert bench.confirm(adoption.job.id) == "forum-example"
        assert bench.ingest(url).chapters["new"] == 9


def test_a_forum_without_threadmarks_is_not_added(database: Engine) -> None:
    told = thread(7, marks=9)
    forum = Forum(has_add_on=False, threads={7: told})
    with Forums(forum) as forums:
        adoption = machine(database, forums).adopt(f"https://{forum.host}/threads/{told.slug}.7/")
        assert adoption.report is None
        assert adoption.job.error_code == "not_found"
        assert "no Threadmarks" in (adoption.job.error_message or "")
