"""A site after it was added: checked, removed, added again, known under all of its addresses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from adopting import Adopting, machine
from chronicles import BASE, HOST, NOVEL, Chronicles, ChronicleSite, chapters
from polling import eventually
from sqlalchemy import Engine

from novel_core import Evidence, Page, Recognition, Site, intake
from novel_core.adoption.checking import fetch_again, replay
from novel_core.archive.retention import sweep
from novel_core.db.engine import session
from novel_core.errors import SiteKnown, SiteRemoved, UnknownSource, UnsupportedUrl, UsageError
from novel_core.jobs.options import JobOptions

NAME = "chronicle-example"


@pytest.fixture
def added(bench: Adopting) -> Adopting:
    """A machine with the site added."""
    assert bench.adopt(NOVEL, yes=True).site == NAME
    return bench


def test_recordings_are_read_again_without_a_request(
    database: Engine, site: ChronicleSite, added: Adopting
) -> None:
    site.clear()
    check = replay(added.runtime, NAME)
    assert check.is_right
    assert [page.recording for page in check.pages] == [
        "novel-7", "chapter-1", "chapter-6", "chapter-12",
    ]  # fmt: skip
    # A parser that reads otherwise, on another machine.
    newer = machine(database, site, Chronicles(version="2"))
    changed = replay(newer.runtime, NAME)
    assert not changed.is_right
    assert "chapter.1.title" in changed.pages[1].differences[0]
    assert site.requests == []


def moved(page: Page) -> Recognition | None:
    return Recognition(0.9, BASE) if "Annals" in page.text else None


@pytest.mark.parametrize(
    ("changes", "problem", "drift"),
    [
        ({}, None, None),
        ({"chapters": chapters(14), "stated": 14}, None, None),
        ({"title": "The Lighthouse"}, None, "novel.title"),
        ({"head": "<meta name=generator content=Annals>"}, "it runs Annals now", None),
        (
            {"answers": {"/novel/7": (301, {"Location": "https://moved.example/novel/7"}, "")}},
            "The site has moved",
            None,
        ),
        ({"answers": {"/novel/7": (404, {}, "")}}, "does not exist", None),
    ],
)
def test_a_live_check_tells_drift_field_by_field(
    database: Engine,
    site: ChronicleSite,
    added: Adopting,
    changes: dict[str, Any],
    problem: str | None,
    drift: str | None,
) -> None:
    site.change(**changes)
    site.clear()
    other = machine(database, site, Chronicles(), Chronicles("annals", recognise=moved))
    check = fetch_again(other.runtime, NAME)
    assert (check.problem is None) if problem is None else (problem in (check.problem or ""))
    told = [line for page in check.pages for line in page.differences]
    assert [line.partition("\n")[0] for line in told] == ([drift] if drift else [])
    assert check.requests <= 7
    assert len(site.paths(pages_only=True)) <= 6


def test_a_site_without_a_proof_has_no_recordings(bench: Adopting) -> None:
    with pytest.raises(UsageError):
        replay(bench.runtime, "chronicle-example")
    with pytest.raises(UnknownSource):
        bench.remove_site("chronicle-example")


def test_a_removed_site_is_not_requested_and_its_novels_stay(
    database: Engine, site: ChronicleSite, added: Adopting
) -> None:
    stale = machine(database, site)
    assert stale.ingest(NOVEL).status == "done"
    waiting = stale.submit(NOVEL)
    known = intake.resolve(stale.runtime.registry, NOVEL)
    site.clear()
    removed = added.remove_site(NAME)
    assert (removed.novels, removed.jobs) == (1, 1)
    job = added.job(waiting)
    assert (job.status, job.error_code) == ("error", "site_removed")
    # A machine that has not seen it yet does not bring the site back.
    with session(database) as opened, pytest.raises(SiteRemoved):
        intake.submit(opened, stale.runtime.settings, known, JobOptions())
    other = machine(database, site)
    for ask in (lambda: other.submit(NOVEL), lambda: other.runtime.registry.get(NAME)):
        with pytest.raises(SiteRemoved, match="was removed"):
            ask()
    assert site.requests == []
    assert other.novel(f"{NAME}:7").summary.held == 12
    assert added.remove_site(NAME).jobs == 0

    again = other.adopt(NOVEL, yes=True)
    assert again.site == NAME
    last = machine(database, site)
    assert last.ingest(NOVEL).chapters["unchanged"] == 12


def test_a_running_job_of_a_removed_site_ends_with_its_words(
    database: Engine, site: ChronicleSite, added: Adopting
) -> None:
    worker = machine(database, site)
    job_id = worker.submit(NOVEL)
    site.change(robots="User-agent: *\nCrawl-delay: 1")
    slow = machine(database, site, sources={})
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(slow.run, job_id)
        eventually(lambda: added.job(job_id).status == "crawling")
        added.remove_site(NAME)
        outcome = running.result()
    assert outcome.error is not None
    job = added.job(job_id)
    assert (job.status, job.error_code) == ("error", "site_removed")
    assert "was removed" in (job.error_message or "")


def test_a_package_keeps_what_it_ships(
    database: Engine, site: ChronicleSite, added: Adopting
) -> None:
    """What it ships later has the name that is stored, and is not removed."""
    shipped = Site("shipped", "chronicle", BASE, evidence=Evidence.SEEN)
    newer = machine(database, site, Chronicles(sites=(shipped,)))
    assert newer.runtime.registry.resolve(NOVEL).source.name == NAME
    with pytest.raises(UsageError, match="an installed package knows it"):
        newer.remove_site(NAME)
    with pytest.raises(SiteKnown):
        newer.ask(NOVEL)


@pytest.mark.parametrize(
    "second",
    [f"http://{HOST}/novel/7", f"https://www.{HOST}/novel/7", f"http://www.{HOST}/novel/8"],
)
def test_http_https_and_www_are_one_site(
    database: Engine, site: ChronicleSite, bench: Adopting, second: str
) -> None:
    """Also where both were proved before either was added."""
    jobs = [bench.adopt(url).job.id for url in (NOVEL, second)]
    assert {bench.confirm(job_id) for job_id in jobs} == {NAME}
    assert [one.base_url for one in bench.sites()] == [BASE]
    other = machine(database, site)
    assert other.runtime.registry.resolve(second).source.name == NAME
    with pytest.raises(SiteKnown):
        other.ask(second)


def test_a_site_in_a_folder_of_another_one(
    database: Engine, site: ChronicleSite, added: Adopting
) -> None:
    """Not where the outer site's source reads the address; otherwise it is a site of its own."""
    inner = f"{BASE}/inner/novel/7"
    site.change(head=f"<meta name=generator content='Annals'><link rel=home href={BASE}/inner>")
    with pytest.raises(SiteKnown, match="read already"):
        machine(database, site).ask(inner)
    added.write("UPDATE sites SET base_url = :base", base=f"{BASE}/outer")
    annals = Chronicles("annals", recognise=lambda page: Recognition(0.9, f"{BASE}/inner"))
    other = machine(database, site, Chronicles(), annals)
    assert other.adopt(inner, yes=True).site == "chronicle-example-inner"
    names = [
        other.runtime.registry.resolve(f"{BASE}/{folder}/novel/7") for folder in ("inner", "outer")
    ]
    assert [one.source.name for one in names] == ["chronicle-example-inner", NAME]


_PROCESS = """
import json, sys
from adopting import machine
from chronicles import Chronicles
from novel_core.db.engine import open_database
class Site:
    hosts = tuple(json.loads(sys.argv[3]))
    url = sys.argv[2]
bench = machine(open_database(sys.argv[1]), Site())
sys.stdin.readline()
job_id = bench.ask(sys.argv[4])
print(job_id, flush=True)
bench.run(job_id)
print(bench.confirm(job_id), flush=True)
print(bench.runtime.registry.resolve(sys.argv[4]).source.name)
"""


def test_two_processes_add_one_site_at_once_and_a_third_sees_it(
    database: Engine, site: ChronicleSite, bench: Adopting
) -> None:
    """The third has just asked for it, and remembers the answer for some seconds."""

    def name() -> str | None:
        with suppress(UnsupportedUrl):
            return bench.runtime.registry.resolve(NOVEL).source.name
        return None

    assert name() is None
    url = database.url.render_as_string(hide_password=False).replace("+psycopg2", "")
    support = str(Path(__file__).parents[3] / "tests" / "support")
    given = [f"{BASE}/novel/7", f"https://www.{HOST}/novel/8"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, url, site.url, json.dumps(site.hosts), address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": support},
        )
        for address in given
    ]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda one: one.communicate("\n")[0].split(), processes))
    assert [process.returncode for process in processes] == [0, 0]
    assert len({line[0] for line in told}) == 2
    assert {word for line in told for word in line[1:]} == {NAME}
    assert eventually(name, timeout=10) == NAME


@pytest.mark.parametrize("is_right", [True, False])
def test_an_unverified_site_is_proved_by_its_first_job(
    database: Engine, site: ChronicleSite, *, is_right: bool
) -> None:
    shipped = Site("unsure", "chronicle", BASE, evidence=Evidence.UNVERIFIED)
    bench = machine(database, site, Chronicles(sites=(shipped,)))
    if not is_right:
        site.change(head="")
    job = bench.ingest(NOVEL)
    notes = [event.message for event in bench.events(job.id)]
    assert f"{HOST} is unverified, so it is proved first" in notes
    if not is_right:
        assert (job.status, job.error_code) == ("error", "not_recognised")
        assert "does not run Chronicle" in (job.error_message or "")
        assert bench.rows("SELECT count(*) FROM novels") == [(0,)]
        return
    assert job.status == "done"
    assert "unsure: proved" in notes
    # All requests count: robots.txt once, four of the proof, and those of the crawl.
    assert job.requests == len(site.requests) == 1 + 4 + 13
    assert replay(bench.runtime, "unsure").is_right
    # Once, for all machines.
    other = machine(database, site, Chronicles(sites=(shipped,)))
    again = other.ingest(NOVEL)
    assert all("unverified" not in event.message for event in other.events(again.id))


def test_the_error_for_an_unknown_host_names_the_way_on(bench: Adopting) -> None:
    with pytest.raises(UnsupportedUrl) as caught:
        bench.runtime.registry.resolve(NOVEL)
    assert "No source handles chronicle.example" in caught.value.message
    assert "This address looks like one of Chronicle." in caught.value.hint
    assert f"novel sites add {NOVEL}" in caught.value.hint
    with pytest.raises(UnsupportedUrl) as caught:
        bench.runtime.registry.resolve(f"{BASE}/?p=1&q=2")
    assert "looks like" not in caught.value.hint
    assert f"novel sites add '{BASE}/?p=1&q=2'" in caught.value.hint


def test_recordings_are_kept_as_long_as_their_site_is_proved_by_them(
    bench: Adopting, added: Adopting
) -> None:
    older = added.rows("SELECT job_id FROM adoptions")[0][0]
    added.remove_site(NAME)
    newer = added.adopt(NOVEL, yes=True).job.id
    spare = added.adopt("https://moved.example/novel/7").job.id
    added.write("UPDATE jobs SET finished_at = now() - interval '1 year', announced_at = now()")
    sweep(added.database, added.runtime.settings)
    kept = "SELECT DISTINCT job_id FROM adoption_pages"
    assert added.rows(kept) == [(newer,)]
    assert {older, spare}.isdisjoint(row[0] for row in added.rows("SELECT id FROM jobs"))
    assert replay(added.runtime, NAME).is_right
