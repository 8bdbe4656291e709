"""Where a simple pipeline would be wrong: parts and validators, options of open jobs, hooks told once, pauses kept."""

import re
import threading

import pytest
import toysite
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.archive import origins
from novel_core.db.engine import session
from novel_core.errors import JobStopped
from novel_core.ingest.announcing import announce_pending
from novel_core.ingest.reparse import reparse_novel
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.states import JobState

URL = "https://toy.example/works/1"


@pytest.mark.parametrize("edited", [0, 1])
def test_an_edit_of_one_part_keeps_the_other_parts(
    bench: Workbench, work: ToyWork, site: ToySite, edited: int
) -> None:
    site.validators = True
    work.chapters[0].parts = ["<p>alpha</p>", "<p>beta</p>"]
    bench.ingest(URL)
    work.chapters[0].parts[edited] = "<p>changed</p>"
    job = bench.ingest(URL, recheck="all")
    assert (job.chapters["changed"], job.chapters["unchanged"]) == (1, 4)
    assert bench.read(URL, "1").content_html == "".join(work.chapters[0].parts)


def test_notes_of_each_page_stay_with_their_marks(bench: Workbench, work: ToyWork) -> None:
    """Pages that number their notes from 1, with the same ids."""
    page = "<p><a href='#n1'>mark</a></p><p id='n1'>note of page {}</p>"
    work.chapters[0].parts = [page.format(1), page.format(2)]
    bench.ingest(URL)
    saved = bench.read(URL, "1").content_html
    linked = re.findall(r'<a href="#([^"]*)"', saved)
    assert linked == re.findall(r'<p id="([^"]*)">note of page [12]', saved)
    assert len(set(linked)) == 2


def test_force_after_a_failure_fetches_anew(
    bench: Workbench, work: ToyWork, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(toysite.ToyParser, "_work", lambda *_: {}["x"])
        failed = bench.ingest(URL)
        assert failed.status == JobState.ERROR
    bench.write("UPDATE jobs SET status = 'error'")
    work.chapters[0].parts = ["<p>The newest text.</p>"]
    job = bench.ingest(URL, force=True)
    assert job.id != failed.id
    assert bench.read(URL, "1").content_html == "<p>The newest text.</p>"


def test_a_recheck_does_not_take_an_old_copy_for_the_present(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    failed = bench.ingest(URL).id
    bench.write("UPDATE jobs SET status = 'error'")
    bench.write("UPDATE pages SET fetched_at = now() - interval '2 days'")
    work.chapters[0].parts = ["<p>Edited since.</p>"]
    job = bench.ingest(URL, recheck="all")
    assert (job.id, job.chapters["changed"]) == (failed, 1)
    assert bench.read(URL, "1").content_html == "<p>Edited since.</p>"


def test_a_job_that_waits_does_what_a_second_submission_asks_too(
    bench: Workbench, work: ToyWork
) -> None:
    bench.ingest(URL)
    switch = StopSwitch()
    switch.stop(JobStopped("Stopped."))
    waiting = bench.submit(URL)
    bench.run(waiting, switch)
    work.chapters[0].parts = ["<p>Edited.</p>"]
    assert bench.submit(URL, recheck="all") == waiting
    bench.run(waiting)
    assert bench.job(waiting).chapters["changed"] == 1


def test_plugins_are_told_once_however_many_processes_look(bench: Workbench) -> None:
    bench.ingest(URL)
    toysite.TOLD.clear()
    toysite.FINISHED.clear()
    bench.write("UPDATE jobs SET announced_at = NULL")
    threads = [threading.Thread(target=announce_pending, args=(bench.runtime,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(toysite.TOLD), len(toysite.FINISHED)) == (6, 1)


def test_a_parser_that_fails_on_an_old_page_does_not_stop_an_update(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.chapters[0].parts = ["<p>OLD</p>"]
    bench.ingest(URL)
    work.chapters[0].parts = ["<p>new</p>"]
    text = toysite.ToyParser._text

    def strict(self: toysite.ToyParser, *arguments: str) -> object:
        if "OLD" in arguments[2]:
            raise KeyError("the old format")
        return text(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(toysite.ToyParser, "_text", strict)
    monkeypatch.setattr(toysite.ToyParser, "version", "2")
    job = bench.ingest(URL, recheck="all")
    assert (job.status, job.chapters["changed"]) == ("done", 1)


def test_reparse_rebuilds_the_chapter_list_too(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    parse = toysite.ToyParser._work

    def better(self: toysite.ToyParser, data: dict[str, object]) -> object:
        for chapter in data["chapters"]:  # type: ignore[attr-defined]
            chapter["title"] = f"{chapter['title']}, in full"
        return parse(self, data)

    monkeypatch.setattr(toysite.ToyParser, "_work", better)
    before = bench.dump("chapter_texts", "novel_statistics")
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert bench.chapters(URL)[0].title == "Chapter 1, in full"
    assert {chapter.state for chapter in bench.chapters(URL)} == {"held"}
    assert bench.dump("chapter_texts", "novel_statistics") == before


def test_a_pause_the_site_asked_for_is_kept_by_the_next_job(
    bench: Workbench, site: ToySite, work: ToyWork
) -> None:
    site.retry_after = 5000
    assert bench.ingest(URL).error_code == "rate_limited"
    site.retry_after = None
    site.requests.clear()
    job = bench.ingest(URL)
    assert job.error_code == "rate_limited"
    assert "demands a pause" in str(job.error_message)
    assert site.requests == []
    with session(bench.database) as opened:
        assert list(origins.pauses(opened)) == ["https://toy.example"]
        assert list(origins.pauses_left(opened, ["toy.example", "other.example"])) == [
            "toy.example"
        ]
        origins.lift_pause(opened, "toysite", ["toy.example"])
        assert origins.pauses(opened) == {}
    assert bench.ingest(URL).status == JobState.DONE


def test_counts_are_of_the_chapters_on_the_list(bench: Workbench, work: ToyWork) -> None:
    work.together = True
    bench.ingest(URL)
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>New.</p>"]))
    del work.chapters[0]
    job = bench.ingest(URL)
    assert job.chapters == {
        "total": 5,
        "new": 1,
        "changed": 0,
        "unchanged": 4,
        "locked": 0,
        "removed": 1,
        "failed": 0,
        "unlisted": 0,
    }
