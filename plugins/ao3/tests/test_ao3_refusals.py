"""Works the site does not show, and its bad moments, through the whole engine."""

import pytest
from protego import Protego
from workbench import LIBRARY_TABLES, Workbench

from novel_ao3_lookalike import Fault, LookalikeSeries, LookalikeServer, LookalikeWork, State
from novel_ao3_lookalike.switches import ROBOTS
from novel_core.states import JobState

URL = "https://archiveofourown.org/works/7"
WORK_PAGE = "/works/7?view_adult=true"


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (State.LOCKED, "login_required", "registered users only"),
        (State.HIDDEN, "login_required", "hidden by its staff, or a draft"),
        (State.UNREVEALED, "not_yet", "not yet revealed"),
    ],
)
@pytest.mark.parametrize("chapters", [1, 4])
@pytest.mark.parametrize("is_held", [False, True], ids=["new", "held"])
def test_a_work_that_is_not_shown_says_why(
    bench: Workbench,
    site: LookalikeServer,
    state: State,
    code: str,
    words: str,
    chapters: int,
    is_held: bool,
) -> None:
    work = site.library.works[7] = LookalikeWork.generate(7, chapters=chapters)
    if is_held:
        bench.ingest(URL)
    before = bench.dump(*LIBRARY_TABLES)
    site.clear()
    work.state = state
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == (JobState.ERROR, code)
    assert words in str(job.error_message)
    assert site.paths(pages_only=True)[:3] == ["/works/7/navigate", "/", WORK_PAGE]
    assert bench.dump(*LIBRARY_TABLES) == before
    work.state = State.OPEN
    if state is State.UNREVEALED:
        # After a temporary error the next attempt uses the fetched pages, the refusal among them.
        assert bench.ingest(URL).error_code == "page_broken"
    assert bench.ingest(URL).status == JobState.DONE


def test_a_work_that_is_gone_stays_in_the_library(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    bench.ingest(URL)
    before = bench.dump(*LIBRARY_TABLES)
    del site.library.works[7]
    for site.switches.static_404 in (False, True):
        job = bench.ingest(URL)
        assert (job.status, job.error_code) == (JobState.ERROR, "not_found")
    assert bench.dump(*LIBRARY_TABLES) == before


def test_a_series_of_locked_works_is_locked(bench: Workbench, site: LookalikeServer) -> None:
    site.library.works[7].state = State.LOCKED
    site.library.series[5] = LookalikeSeries(5, "Behind Doors", [7])
    job = bench.ingest("https://archiveofourown.org/series/5")
    assert (job.error_code, len(site.paths(pages_only=True))) == ("login_required", 2)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.CHALLENGE, "blocked"),
        (Fault.CHALLENGE_200, "blocked"),
        (Fault.DOWN_200, "site_unavailable"),
        (Fault.OVERLOADED, "site_unavailable"),
        (Fault.ORIGIN_LOST, "site_unavailable"),
        (Fault.TRUNCATED, "page_broken"),
    ],
)
def test_what_the_site_serves_in_place_of_the_index(
    bench: Workbench, site: LookalikeServer, fault: Fault, code: str
) -> None:
    site.switches.faults["/works/7/navigate"] = fault
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == (JobState.ERROR, code)
    site.switches.faults.clear()
    assert bench.ingest(URL).chapters["new"] == 4


def test_a_limit_told_by_a_page_ends_the_job(bench: Workbench, site: LookalikeServer) -> None:
    site.switches.faults["/works/7/navigate"] = Fault.LIMITED_HTML
    assert bench.ingest(URL).error_code == "rate_limited"


def test_a_page_without_its_work_is_told_of(bench: Workbench, site: LookalikeServer) -> None:
    site.switches.faults["/works/7"] = Fault.NO_WORK
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == (JobState.ERROR, "page_changed")
    assert "#workskin" in str(job.error_message)


@pytest.mark.parametrize("pause", [1, None])
def test_a_pause_the_site_asks_for_is_kept(
    bench: Workbench, site: LookalikeServer, pause: int | None
) -> None:
    bench.ingest(URL)
    site.clear()
    site.switches.limited, site.switches.retry_after = 1, pause
    job = bench.ingest(URL)
    assert (job.status, len(site.paths(pages_only=True))) == (JobState.DONE, 3)


def test_a_lost_connection_behind_the_proxy_is_tried_again(
    bench: Workbench, site: LookalikeServer
) -> None:
    bench.ingest(URL)
    site.clear()
    site.switches.lost = 2
    job = bench.ingest(URL)
    assert (job.status, len(site.paths(pages_only=True))) == (JobState.DONE, 4)


def test_the_rules_for_programs_are_kept(bench: Workbench, site: LookalikeServer) -> None:
    site.switches.robots = "User-agent: *\nDisallow: /works/7 # not this one\n"
    job = bench.ingest(URL)
    assert (job.status, job.error_code, site.paths(pages_only=True)) == (
        JobState.ERROR,
        "blocked",
        [],
    )


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        ("/works/7", True),
        ("/works/7?view_adult=true", True),
        ("/works/7?view_full_work=true&view_adult=true", True),
        ("/works/7/navigate", True),
        ("/works/7/chapters/9?view_adult=true", True),
        ("/chapters/9?view_adult=true", True),
        ("/series/5?page=2", True),
        ("/works?page=2", False),
        ("/works/search?q=x", False),
        ("/downloads/7/work.epub?updated_at=1", False),
        ("/external_works/7", False),
    ],
)
def test_the_sites_own_rules_allow_what_is_asked_and_not_the_downloads(
    path: str, is_allowed: bool
) -> None:
    rules = Protego.parse(ROBOTS)
    assert rules.can_fetch(f"https://archiveofourown.org{path}", "NovelIngestion") is is_allowed
