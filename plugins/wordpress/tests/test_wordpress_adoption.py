"""A WordPress site that nobody has listed is added with proof, by its API or by its pages."""

from __future__ import annotations

import pytest
from adopting import Adopting
from sqlalchemy import Engine
from workbench import NO_LIMIT, quick_settings, registry_of

from novel_core.runtime import Runtime, Servers
from novel_wordpress_lookalike.blog import HOST, Blog, BlogSite


@pytest.mark.parametrize(
    ("path", "is_open"),
    [
        ("/?cat=7", True),
        ("/category/salt/", True),
        ("/chapter-103/", True),
        ("/?cat=7", False),
    ],
)
def test_a_site_is_proved_and_added(database: Engine, path: str, *, is_open: bool) -> None:
    blog = Blog.generate(chapters=9)
    blog.is_open = is_open
    for post in blog.posts:
        post.text *= 8
    with BlogSite(blog) as site:
        settings = quick_settings(
            host_map={HOST: site.url},
            sources=dict.fromkeys(("adoption", "tidehouse-example"), NO_LIMIT),
        )
        registry = registry_of("wordpress=novel_wordpress", "xenforo=novel_xenforo")
        bench = Adopting(Runtime(settings, registry, database, Servers("", None)))
        adoption = bench.adopt(f"https://{HOST}{path}")
        report = adoption.report
        assert report is not None, adoption.job.error_message
        assert report.novel is not None
        assert (report.software, report.version) == ("WordPress", "6.8")
        assert (report.novel.title, report.novel.found) == ("Salt & Stairs", 9)
        assert report.refusals == ()
        assert report.requests <= 8
        assert bench.confirm(adoption.job.id) == "tidehouse-example"
        assert bench.ingest(f"https://{HOST}{path}").chapters["new"] == 9
