"""A novel whose address leads to another id: taken over where it is the same, told where it is not."""

from __future__ import annotations

from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.errors import NovelMoved, PageChanged
from novel_core.states import JobState

URL = "https://toy.example/works/1"


def moved(site: ToySite, new: ToyWork) -> None:
    del site.works["1"]
    site.works[new.id] = new
    site.moved["1"] = new.id


def renamed(work: ToyWork, *chapters: ToyChapter) -> ToyWork:
    return ToyWork("20", work.title, work.authors, [*work.chapters, *chapters])


def test_a_new_address_leads_to_the_novel_where_it_is_now(bench: Workbench, site: ToySite) -> None:
    moved(site, renamed(site.works["1"]))
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    assert bench.value("SELECT source_novel_id FROM novels") == "20"
    assert bench.value("SELECT url FROM jobs") == "https://toy.example/works/20"


def test_a_saved_novel_that_has_moved_keeps_its_chapters_and_revisions(
    bench: Workbench, site: ToySite
) -> None:
    bench.ingest(URL)
    held = bench.value("SELECT count(*) FROM chapters")
    moved(site, renamed(site.works["1"], ToyChapter("new", "New", ["It came later."])))
    site.requests.clear()
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    assert bench.value("SELECT count(*) FROM novels") == 1
    assert bench.value("SELECT source_novel_id FROM novels") == "20"
    assert bench.value("SELECT count(*) FROM chapters") == held + 1
    assert [path for path in site.requests if path.endswith("/new")] == ["/works/20/new"]
    assert len([path for path in site.requests if path.count("/") > 2]) == 1
    # The old address and the new one are one novel from now on.
    assert bench.ingest("https://toy.example/works/20").chapters["new"] == 0


def test_another_novel_at_the_old_address_is_told_before_its_chapters_are_requested(
    bench: Workbench, site: ToySite
) -> None:
    bench.ingest(URL)
    moved(site, ToyWork("20", "Another", ["B"], [ToyChapter("x", "X", ["Other text."])]))
    site.requests.clear()
    job = bench.ingest(URL)
    assert job.status == JobState.ERROR
    assert job.error_code == NovelMoved.code
    assert "https://toy.example/works/20" in (job.error_message or "")
    assert "novel ingest https://toy.example/works/20" in (job.error_hint or "")
    assert not [path for path in site.requests if path.count("/") > 2]
    assert bench.value("SELECT source_novel_id FROM novels") == "1"


def test_a_page_of_another_novel_without_a_redirect_is_a_changed_page(
    bench: Workbench, site: ToySite
) -> None:
    other = site.works.pop("1")
    site.works["1"] = ToyWork("1", other.title, other.authors, other.chapters)
    site.works["1"].id = "7"
    job = bench.ingest(URL)
    assert job.error_code == PageChanged.code
    assert not [path for path in site.requests if path.count("/") > 2]
