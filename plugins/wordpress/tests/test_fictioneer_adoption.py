"""A Fictioneer site that nobody has listed is added with proof, by its pages or by its API."""

from __future__ import annotations

import pytest
from adopting import Adopting
from sqlalchemy import Engine
from workbench import NO_LIMIT, quick_settings, registry_of

from novel_core.runtime import Runtime, Servers
from novel_wordpress_lookalike.fictioneer import CLOSED_ROBOTS, HOST, FictioneerSite
from novel_wordpress_lookalike.stories import FictioneerStory

ORIGIN = f"https://{HOST}"


@pytest.mark.parametrize(
    ("path", "robots", "options", "requests"),
    [
        ("/story/the-copper-weir/", CLOSED_ROBOTS, {}, 7),
        ("/chapter/part-15/", CLOSED_ROBOTS, {}, 7),
        ("/wp-json/storygraph/v1/story/13", "", {"api": f"{ORIGIN}/wp-json/"}, 2),
    ],
)
def test_a_site_is_proved_and_added(
    database: Engine, path: str, robots: str, options: dict[str, str], requests: int
) -> None:
    story = FictioneerStory.generate(13, chapters=9)
    for chapter in story.chapters:
        chapter.paragraphs *= 20
    with FictioneerSite([story]) as site:
        site.switches.robots = robots
        settings = quick_settings(
            host_map={HOST: site.url},
            sources=dict.fromkeys(("adoption", "weir-example"), NO_LIMIT),
        )
        registry = registry_of("wordpress=novel_wordpress", "ao3=novel_ao3")
        bench = Adopting(Runtime(settings, registry, database, Servers("", None)))
        adoption = bench.adopt(f"{ORIGIN}{path}")
        report = adoption.report
        assert report is not None
        assert report.novel is not None
        assert (report.software, report.verdict) == ("Fictioneer", "proved")
        assert (report.novel.found, report.novel.stated, len(report.chapters)) == (9, 9, 3)
        assert (dict(report.site.options), report.requests) == (options, requests)
        assert bench.confirm(adoption.job.id) == "weir-example"
        assert bench.ingest(f"{ORIGIN}{path}").chapters["new"] == 9
        assert bool(site.count("/wp-json/")) == bool(options)
