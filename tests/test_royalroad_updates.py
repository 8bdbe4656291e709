"""What an update costs and what it keeps: the properties of the pipeline, over the look-alike."""

from __future__ import annotations

import pytest
from workbench import LIBRARY_TABLES, Workbench

from novel_core.states import JobState
from novel_royalroad_lookalike import ChapterFault, Fiction, Hidden, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"
CHAPTER_TABLES = ("chapters", "chapter_texts", "text_pages")


def ids(bench: Workbench) -> list[str]:
    return [chapter.source_id for chapter in bench.chapters(URL)]


def states(bench: Workbench) -> dict[str, str]:
    return {chapter.source_id: chapter.state for chapter in bench.chapters(URL)}


def test_an_unchanged_novel_costs_one_request_and_writes_no_chapter(
    bench: Workbench, site: LookalikeServer
) -> None:
    first = bench.ingest(URL)
    assert first.chapters["new"] == 8
    before = bench.dump(*CHAPTER_TABLES)
    site.clear()
    again = bench.ingest(URL)
    assert again.requests == 1
    assert len(site.requests) == 1
    assert again.chapters == {**dict.fromkeys(again.chapters, 0), "total": 8, "unchanged": 8}
    assert bench.dump(*CHAPTER_TABLES) == before


def test_three_new_chapters_cost_one_and_three(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    bench.ingest(URL)
    for _ in range(3):
        fiction.add_chapter()
    site.clear()
    job = bench.ingest(URL)
    assert (job.requests, len(site.requests), job.chapters["new"]) == (4, 4, 3)
    assert ids(bench) == [str(chapter.id) for chapter in fiction.chapters]


def test_robots_txt_is_asked_for_once_a_day(bench: Workbench, site: LookalikeServer) -> None:
    def asked() -> int:
        return sum(
            (seen.path, seen.host) == ("/robots.txt", "www.royalroad.com") for seen in site.requests
        )

    bench.ingest(URL)
    bench.ingest(URL)
    assert asked() == 1
    bench.rows(
        "UPDATE origins SET robots_fetched_at = robots_fetched_at - interval '25 hours' RETURNING 1"
    )
    bench.ingest(URL)
    assert asked() == 2


def test_every_form_of_link_ends_in_one_novel(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    chapter = fiction.chapters[2]
    host = "https://www.royalroad.com"
    links = [
        f"{host}/fiction/chapter/{chapter.id}",
        f"{host}/fiction/0/_/chapter/{chapter.id}/_",
        f"{host}/fiction/99/lie/chapter/{chapter.id}/{chapter.slug}?utm=1#x",
        f"http://royalroad.com/fiction/{fiction.id}/{fiction.slug}",
        f"https://www.royalroadl.com/fiction/{fiction.id}",
        f"royalroad.com/fiction/{fiction.id}",
    ]
    first = bench.ingest(links[0])
    assert first.status == JobState.DONE
    assert site.count(f"/fiction/{fiction.id}/{fiction.slug}/chapter/{chapter.id}") == 1
    for link in links[1:]:
        site.clear()
        assert bench.ingest(link).requests == 1
    assert bench.value("SELECT count(*) FROM novels") == 1
    assert bench.value("SELECT count(DISTINCT novel_id) FROM jobs") == 1


def test_two_submissions_meet_in_one_job(bench: Workbench, fiction: Fiction) -> None:
    first = bench.submit(URL)
    assert bench.submit(f"{URL}/{fiction.slug}") == first
    bench.run(first)
    assert bench.submit(URL) != first


def test_a_chapter_link_joins_the_job_of_its_novel(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    leader = bench.submit(URL)
    joiner = bench.submit(f"https://www.royalroad.com/fiction/chapter/{fiction.chapters[0].id}")
    assert joiner != leader
    bench.run(joiner)
    joined = bench.job(joiner)
    assert joined.joined_job_id == leader
    assert joined.status == JobState.QUEUED  # the state of the job it has joined
    bench.run(leader)
    assert bench.job(joiner).status == JobState.DONE
    assert bench.job(joiner).chapters["new"] == 8


def test_vanished_chapters_are_kept_and_marked(bench: Workbench, fiction: Fiction) -> None:
    bench.ingest(URL)
    before = ids(bench)
    gone = [fiction.chapters[1].id, fiction.chapters[2].id]
    for chapter in gone:
        fiction.remove(chapter)
    job = bench.ingest(URL)
    assert (job.chapters["total"], job.chapters["removed"]) == (6, 2)
    assert ids(bench) == before  # numbers do not shift
    assert [states(bench)[str(chapter)] for chapter in gone] == ["removed", "removed"]
    assert bench.read(URL, "2").content_html
    assert bench.ingest(URL).chapters["removed"] == 0
    fiction.restore(gone[0])
    job = bench.ingest(URL)
    assert (job.requests, job.chapters["total"], job.chapters["new"]) == (1, 7, 0)
    assert states(bench)[str(gone[0])] == "held"


def test_a_stubbed_fiction_keeps_everything(bench: Workbench, fiction: Fiction) -> None:
    bench.ingest(URL)
    fiction.stub()
    job = bench.ingest(URL)
    assert (job.status, job.chapters["total"], job.chapters["removed"]) == ("done", 0, 8)
    assert bench.novel(URL).summary.status == "stub"
    assert bench.novel(URL).summary.held == 8


def test_moved_and_renamed_chapters_stay_themselves(bench: Workbench, fiction: Fiction) -> None:
    bench.ingest(URL)
    first = fiction.chapters[0]
    fiction.move(first.id, 3)
    fiction.rename(first.id, "Another Name")
    job = bench.ingest(URL)
    assert (job.requests, job.chapters["new"], job.chapters["changed"]) == (1, 0, 0)
    assert ids(bench) == [str(chapter.id) for chapter in fiction.chapters]
    assert bench.read(URL, f"@{first.id}").title == "Another Name"
    assert bench.value("SELECT count(*) FROM chapter_texts") == 8


def test_an_edit_is_noticed_by_a_recheck_and_keeps_the_old_text(
    bench: Workbench, fiction: Fiction
) -> None:
    bench.ingest(URL)
    newest = max(fiction.chapters, key=lambda chapter: chapter.published)
    old = bench.read(URL, f"@{newest.id}")
    fiction.edit(newest.id, "The clock ran backwards for an hour.")
    assert bench.ingest(URL).chapters["changed"] == 0
    job = bench.ingest(URL, recheck=2)
    assert (job.requests, job.chapters["changed"], job.chapters["unchanged"]) == (3, 1, 7)
    new = bench.read(URL, f"@{newest.id}")
    assert "The clock ran backwards" in new.content_html
    assert (new.version, new.versions) == (2, 2)
    assert bench.read(URL, f"@{newest.id}", version=1).content_html == old.content_html


@pytest.mark.parametrize("hidden", list(Hidden))
def test_the_hidden_sentence_never_counts_as_a_change(
    bench: Workbench, fiction: Fiction, hidden: Hidden
) -> None:
    for chapter in fiction.chapters:
        chapter.hidden = hidden
    bench.ingest(URL)
    before = bench.dump("chapter_texts", "text_pages")
    job = bench.ingest(URL, recheck="all")
    assert (job.requests, job.chapters["unchanged"]) == (9, 8)
    assert bench.dump("chapter_texts", "text_pages") == before


def test_conditional_requests_where_the_site_supports_them(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    site.switches.validators = True
    bench.ingest(URL)
    fiction.edit(fiction.chapters[4].id, "A better ending.")
    site.clear()
    job = bench.ingest(URL, recheck="all")
    asked = [seen for seen in site.requests if "/chapter/" in seen.path]
    assert len(asked) == 8
    assert all({"If-None-Match", "If-Modified-Since"} & set(seen.headers) for seen in asked)
    assert (job.chapters["changed"], job.chapters["unchanged"]) == (1, 7)
    pages = bench.value("SELECT count(*) FROM pages WHERE kind = 'chapter'")
    assert pages == 9  # one for each text, revisions included; none for a 304
    site.clear()
    bench.ingest(URL, force=True)
    assert not any("If-None-Match" in seen.headers for seen in site.requests)


def test_locked_chapters_are_recorded_and_asked_for_once_unlocked(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    locked = fiction.chapters[-1]
    fiction.lock(locked.id)
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["locked"], job.chapters["failed"]) == (7, 1, 0)
    assert states(bench)[str(locked.id)] == "locked"
    assert site.count(f"/fiction/7/{fiction.slug}/chapter/{locked.id}") == 0
    fiction.unlock(locked.id)
    job = bench.ingest(URL)
    assert (job.requests, job.chapters["new"], job.chapters["locked"]) == (2, 1, 0)
    fiction.lock(locked.id)
    job = bench.ingest(URL)
    assert (job.chapters["unchanged"], job.chapters["locked"]) == (8, 0)  # the text held is kept


@pytest.mark.parametrize(
    "fault",
    [
        ChapterFault.NOT_FOUND,
        ChapterFault.NOT_FOUND_200,
        ChapterFault.LOGIN,
        ChapterFault.UNKNOWN_LAYOUT,
        ChapterFault.TRUNCATED,
        ChapterFault.CUT,
        ChapterFault.EMPTY,
        ChapterFault.BINARY,
        ChapterFault.NESTED,
        ChapterFault.REDIRECT_LOOP,
        ChapterFault.REDIRECT_AWAY,
        ChapterFault.ERROR_500,
        ChapterFault.RESET,
    ],
)
def test_one_dead_chapter_leaves_a_gap_that_a_later_run_fills(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, fault: ChapterFault
) -> None:
    dead = fiction.chapters[3]
    site.switches.faults[f"chapter:{dead.id}"] = fault
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 7, 1)
    assert states(bench)[str(dead.id)] == "missing"
    [failure] = [failure for failure in bench.failures(job.id) if failure.kind == "chapter"]
    assert failure.chapter_id == str(dead.id)
    assert failure.message
    site.switches.faults.clear()
    job = bench.ingest(URL)
    assert (job.requests, job.chapters["new"], job.chapters["failed"]) == (2, 1, 0)


def test_a_site_whose_every_chapter_has_changed_says_so(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    for chapter in fiction.chapters:
        site.switches.faults[f"chapter:{chapter.id}"] = ChapterFault.UNKNOWN_LAYOUT
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", "page_changed")
    assert bench.value("SELECT count(*) FROM novels") == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ChapterFault.NOT_FOUND, "not_found"),
        (ChapterFault.NOT_FOUND_200, "not_found"),
        (ChapterFault.CHALLENGE, "blocked"),
        (ChapterFault.UNKNOWN_LAYOUT, "page_changed"),
        (ChapterFault.EMPTY, "page_broken"),
        (ChapterFault.REDIRECT_AWAY, "redirect_refused"),
        (ChapterFault.ERROR_500, "site_unavailable"),
    ],
)
def test_a_broken_fiction_page_is_an_error_and_changes_nothing(
    bench: Workbench, site: LookalikeServer, fault: ChapterFault, code: str
) -> None:
    bench.ingest(URL)
    before = bench.dump(*LIBRARY_TABLES)
    site.switches.faults["fiction:7"] = fault
    job = bench.ingest(URL, recheck="all")
    assert (job.status, job.error_code) == ("error", code)
    assert job.error_message
    assert bench.dump(*LIBRARY_TABLES) == before
    site.switches.faults.clear()
    assert bench.ingest(URL).status == JobState.DONE


def test_a_challenge_stops_the_crawl_at_once(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    site.switches.faults[f"chapter:{fiction.chapters[2].id}"] = ChapterFault.CHALLENGE
    settings = bench.runtime.settings
    settings.sources["royalroad"] = settings.sources["royalroad"].model_copy(
        update={"concurrency": 1}
    )
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", "blocked")
    assert len([path for path in site.paths() if "/chapter/" in path]) == 3


def test_a_job_that_failed_goes_on_from_what_it_has(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    site.switches.faults[f"chapter:{fiction.chapters[5].id}"] = ChapterFault.CHALLENGE
    failed = bench.ingest(URL)
    asked = [path for path in site.paths() if "/chapter/" in path]
    site.switches.faults.clear()
    site.clear()
    job = bench.ingest(URL)
    assert job.id == failed.id
    assert (job.status, job.chapters["new"]) == ("done", 8)
    assert job.attempt == 2
    again = set(asked) & set(site.paths())
    assert len(again) <= 8  # those in flight when the wall came
    assert len([path for path in site.paths() if "/chapter/" in path]) < 8
