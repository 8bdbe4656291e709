"""Watched novels of a site with a list of recent changes: one request tells which are to be updated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine
from toysite import ROOT, ToySite
from workbench import Workbench, quick_settings, registry_of

from novel_core import Source
from novel_core.errors import PluginError
from novel_core.lookalike import ThreadedServer
from novel_core.queue import watch_updates
from novel_core.runtime import Runtime, Servers

NOVELS = 50
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Iterator[ToySite]:
    toy = ToySite()
    with ThreadedServer(toy.app) as served:
        toy.url = served.url  # type: ignore[attr-defined]
        yield toy


@pytest.fixture
def bench(database: Engine, site: ToySite) -> Workbench:
    settings = quick_settings(
        host_map={"toy.example": site.url},  # type: ignore[attr-defined]
        watch_open_jobs=NOVELS,
    )
    runtime = Runtime(settings, registry_of("toysite=recentsite"), database, Servers("", None))
    return Workbench(runtime)


def watched(bench: Workbench, count: int = NOVELS, *, checked: timedelta = 2 * HOUR) -> None:
    """Novels that are due, and were updated so long ago."""
    for number in range(1, count + 1):
        bench.write(
            "WITH novel AS (INSERT INTO novels (source, source_novel_id, slug, url, index_url, title,"
            " parser_version, checked_at) VALUES ('toysite', :id, :id, :url, :url, 'A Tale', '1',"
            " :checked) RETURNING id) INSERT INTO watches (novel_id, interval, due_at)"
            " SELECT id, 3600, now() - interval '1 minute' FROM novel",
            id=f"n{number}",
            url=f"{ROOT}/works/n{number}",
            checked=datetime.now(UTC) - checked,
        )


def submit_all(bench: Workbench) -> list[str]:
    """The URLs of the jobs that wait, once no novel is due."""
    runtime = bench.runtime
    for _ in range(NOVELS):
        watch_updates.submit_due(runtime.database, runtime.registry, runtime.settings)
        if not bench.value("SELECT count(*) FROM watches WHERE due_at <= now()"):
            break
    rows = bench.rows("SELECT url FROM jobs WHERE status = 'queued' ORDER BY id")
    return [row[0].removeprefix(ROOT) for row in rows]


def come_back(bench: Workbench) -> None:
    """Let the time pass that novels wait for the list."""
    bench.write("UPDATE watches SET due_at = now() WHERE due_at < now() + interval '1 minute'")


def read_list(bench: Workbench) -> Any:
    job_id = bench.value("SELECT id FROM jobs WHERE kind = 'recent' AND status = 'queued'")
    bench.run(job_id)
    return bench.job(job_id)


def ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


def test_one_request_tells_which_of_fifty_novels_are_updated(
    bench: Workbench, site: ToySite
) -> None:
    watched(bench)
    site.recent = {"n7": ago(minutes=10), "n8": ago(days=2), "n9": ago(minutes=5)}
    assert submit_all(bench) == ["/recent"]
    come_back(bench)
    # The list is on the way: nothing else is submitted.
    assert submit_all(bench) == ["/recent"]
    job = read_list(bench)
    # With robots.txt.
    assert (job.status, job.requests) == ("done", 2)
    come_back(bench)
    assert sorted(submit_all(bench)) == ["/works/n7", "/works/n9"]
    assert site.requests == ["/recent"]
    # All others come again after their interval.
    assert (
        bench.value("SELECT count(*) FROM watches WHERE due_at < now() + interval '30 minutes'")
        == 0
    )


def test_a_list_that_does_not_reach_back_says_nothing_of_the_others(
    bench: Workbench, site: ToySite
) -> None:
    watched(bench, 3)
    site.recent = {"n1": ago(minutes=10), "n2": ago(minutes=20)}
    submit_all(bench)
    read_list(bench)
    come_back(bench)
    assert sorted(submit_all(bench)) == ["/works/n1", "/works/n2", "/works/n3"]


def test_a_novel_is_updated_now_and_then_whatever_the_list_says(
    bench: Workbench, site: ToySite
) -> None:
    watched(bench, 2, checked=timedelta(days=8))
    assert sorted(submit_all(bench)) == ["/works/n1", "/works/n2"]
    assert site.requests == []


def test_a_single_novel_needs_no_list(bench: Workbench, site: ToySite) -> None:
    watched(bench, 1)
    assert submit_all(bench) == ["/works/n1"]


@pytest.mark.parametrize(
    ("recent", "told"),
    [
        ({}, "The list of recent changes names no novel."),
        ({"n1": "2026-01-01T00:00:00"}, "The list of recent changes has a time without a zone"),
    ],
)
def test_without_a_list_every_novel_is_updated(
    bench: Workbench, site: ToySite, recent: dict[str, str], told: str
) -> None:
    watched(bench, 3)
    site.recent = recent
    submit_all(bench)
    job = read_list(bench)
    assert (job.status, job.error_code) == ("error", "page_changed")
    assert job.error_message.startswith(told)
    come_back(bench)
    assert sorted(submit_all(bench)) == ["/works/n1", "/works/n2", "/works/n3"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("https://elsewhere.example/recent", "at a host it does not declare"),
        ("no address", "returned 'no address', not a URL"),
        (7, "returned 7, not a URL"),
    ],
)
def test_a_wrong_address_of_the_list_is_the_plugins_fault(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, given: Any, told: str
) -> None:
    source = bench.runtime.registry.get("toysite")
    monkeypatch.setattr(type(source.source), "recent_list", lambda _self: given)
    with pytest.raises(PluginError, match=told):
        source.recent_list()
    watched(bench, 2)
    assert sorted(submit_all(bench)) == ["/works/n1", "/works/n2"]


def test_a_source_has_no_list_unless_it_says_so() -> None:
    assert Source.recent_list(SimpleNamespace()) is None  # type: ignore[arg-type]
