"""Out of one library and into another: nothing is lost, nothing is asked for, nothing comes twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import toysite
from elsewhere import rows_of
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench, quick_settings

from novel_core.db.engine import session
from novel_core.errors import UsageError
from novel_core.ingest.reparse import reparse_novel
from novel_core.jobs import unclaimed
from novel_core.lookalike import ThreadedServer
from novel_core.warc import import_warc, write_warc_file
from novel_core.warc.importing import open_job
from novel_royalroad_lookalike import Fiction, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"
#: What differs between two libraries although the novel is the same: ids, and when it was saved.
CHAPTERS = """
    SELECT c.number, c.source_chapter_id, c.title, c.url, c.published_at, c.edited_at, c.access, c.marker, c.statistics,
        c.removed_at IS NULL,
        t.version, t.content_html, t.note_before_html, t.note_after_html, t.word_count, t.fingerprint, t.parser_version,
        t.id = c.text_id, v.title, array(
            SELECT p.requested_url FROM text_pages tp JOIN pages p ON p.id = tp.page_id WHERE tp.text_id = t.id ORDER BY tp.part
        )
    FROM chapters c LEFT JOIN chapter_texts t ON t.chapter_id = c.id LEFT JOIN volumes v ON v.id = c.volume_id
    ORDER BY c.number, t.version
"""
NOVEL = """
    SELECT source, source_novel_id, slug, url, index_url, title, description_html, cover_url, type, status, language,
        published_at, source_updated_at, next_chapter_at, parser_version, stated_chapters, stated_words,
        array(SELECT a.name || coalesce(a.source_author_id, '') FROM novel_authors l JOIN authors a ON a.id = l.author_id),
        array(SELECT t.kind || t.slug || l.raw_name FROM novel_tags l JOIN tags t ON t.id = l.tag_id ORDER BY l.position),
        array(SELECT name FROM novel_warnings ORDER BY position),
        array(SELECT concat_ws('|', name, number, source_series_id, url) FROM novel_series ORDER BY position)
    FROM novels
"""
CHECKS = """
    SELECT c.number, k.checked_at, k.etag, k.last_modified
    FROM chapter_checks k JOIN chapters c ON c.id = k.chapter_id ORDER BY 1
"""
PAGES = """
    SELECT kind, url, requested_url, chapter_ids, part, position, status, headers, codec, size, problem, fetched_at,
        md5(body) FROM pages ORDER BY requested_url, fetched_at
"""


def novel_of(bench: Workbench) -> list[object]:
    return [bench.rows(query) for query in (NOVEL, CHAPTERS, CHECKS)]


def test_a_novel_comes_back_without_a_request(
    bench: Workbench, empty: Workbench, site: LookalikeServer, file: Path
) -> None:
    report = import_warc(empty.runtime, file)
    assert site.requests == []
    (result,) = report.novels
    assert (result.source, result.novel_id, result.error) == ("royalroad", "7", None)
    job = empty.job(result.job_ids[0])
    assert (job.status, job.requests, job.chapters["new"], job.chapters["failed"]) == (
        "done",
        0,
        8,
        0,
    )
    assert novel_of(empty) == novel_of(bench)
    assert len(bench.rows(CHAPTERS)) == 8
    assert empty.rows(PAGES) == bench.rows(PAGES)
    images = dict(empty.rows("SELECT requested_url, size FROM pages WHERE kind = 'image'"))
    assert images["https://i.imgur.com/lantern.png"] > 0
    assert images["https://gone.invalid/dead.png"] == 0


def test_pictures_of_a_file_are_limited(empty: Workbench, file: Path) -> None:
    settings = empty.runtime.settings.model_copy(update={"max_images": 1})
    (result,) = import_warc(replace(empty.runtime, settings=settings), file).novels
    assert result.error is None
    assert empty.value("SELECT count(*) FROM pages WHERE kind = 'image'") == 1
    warnings = [event.message for event in empty.events(result.job_ids[0])]
    assert sum("NOVEL_MAX_IMAGES" in warning for warning in warnings) == 1


def test_what_was_imported_goes_on_as_if_crawled(
    empty: Workbench, site: LookalikeServer, fiction: Fiction, file: Path
) -> None:
    import_warc(empty.runtime, file)
    counts = reparse_novel(empty.runtime, empty.novel_id(URL))
    assert (counts.texts, counts.repaired, counts.failed) == (8, 0, [])
    fiction.add_chapter()
    job = empty.ingest(URL)
    assert (job.chapters["new"], job.chapters["unchanged"]) == (1, 8)
    assert len(site.paths(pages_only=True)) == 2


def test_revisions_and_removed_chapters_come_back(
    bench: Workbench, empty: Workbench, site: LookalikeServer, fiction: Fiction, tmp_path: Path
) -> None:
    bench.ingest(URL)
    fiction.edit(fiction.chapters[0].id, "A first line nobody had read.")
    bench.ingest(URL, recheck="all")
    fiction.edit(fiction.chapters[0].id, "A third one.")
    fiction.remove(fiction.chapters[4].id)
    fiction.add_chapter()
    bench.ingest(URL, recheck="all")
    path = tmp_path / "novel.warc"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    site.clear()
    (result,) = import_warc(empty.runtime, path).novels
    assert site.requests == []
    assert len(result.job_ids) == 3
    # When an unchanged chapter was last asked for is no page's affair.
    assert novel_of(empty)[:2] == novel_of(bench)[:2]
    assert empty.value("SELECT count(*) FROM chapter_texts") == 11
    assert empty.value("SELECT count(*) FROM chapters WHERE removed_at IS NOT NULL") == 1


def test_a_second_import_changes_nothing(empty: Workbench, file: Path) -> None:
    import_warc(empty.runtime, file)
    before = rows_of(empty.database)
    (result,) = import_warc(empty.runtime, file).novels
    assert (result.job_ids, result.error) == ([], None)
    assert rows_of(empty.database) == before


def test_an_old_file_sets_nothing_back(
    bench: Workbench, file: Path, fiction: Fiction, site: LookalikeServer
) -> None:
    """The library has gone on since; one of its chapters has lost its text, which the file still has."""
    fiction.edit(fiction.chapters[1].id, "Newer than the file.")
    fiction.title = "Another title"
    fiction.add_chapter()
    bench.ingest(URL, recheck="all")
    bench.write(
        "DELETE FROM chapter_texts t USING chapters c WHERE c.id = t.chapter_id AND c.number = 4"
    )
    before = novel_of(bench)[0]
    texts = dict(bench.rows("SELECT number, text_id FROM chapters WHERE number <> 4"))
    site.clear()
    (result,) = import_warc(bench.runtime, file).novels
    assert site.requests == []
    job = bench.job(result.job_ids[-1])
    assert (job.status, job.chapters["total"], job.chapters["new"], job.chapters["changed"]) == (
        "done",
        9,
        1,
        0,
    )
    assert novel_of(bench)[0] == before
    assert dict(bench.rows("SELECT number, text_id FROM chapters WHERE number <> 4")) == texts
    assert bench.value("SELECT text_id IS NOT NULL FROM chapters WHERE number = 4")
    assert import_warc(bench.runtime, file).novels[0].job_ids == []


def test_a_novel_that_is_being_ingested_is_left_alone(empty: Workbench, file: Path) -> None:
    job_id = empty.submit(URL)
    (result,) = import_warc(empty.runtime, file).novels
    assert isinstance(result.error, UsageError)
    assert empty.value("SELECT count(*) FROM pages") == 0
    assert empty.job(job_id).status == "queued"


@pytest.mark.parametrize("name", ["novel.warc", "novel.warc.gz"])
def test_the_tool_of_the_field_reads_it(bench: Workbench, tmp_path: Path, name: str) -> None:
    bench.ingest(URL)
    path = tmp_path / name
    counts = write_warc_file(bench.database, bench.novel_id(URL), path)
    assert (counts.pages, counts.images, counts.silent) == (11, 2, 1)
    tool = Path(sys.executable).parent / "warcio"
    checked = subprocess.run(
        [tool, "check", "-v", path], capture_output=True, text=True, check=True
    )
    kinds = Counter(
        line.split()[-1] for line in checked.stdout.splitlines() if "WARC-Record-ID" in line
    )
    # robots.txt of three hosts beside the pages; of notes there are the novel's, and one for the picture without an answer.
    assert kinds == {"warcinfo": 1, "metadata": 13, "response": 14, "request": 14}
    assert checked.stdout.count("digest pass") == kinds.total()
    fields = "warc-type,warc-date,warc-target-uri,http:status,warc-payload-digest"
    index = subprocess.run(
        [tool, "index", "-f", fields, path], capture_output=True, text=True, check=True
    )
    fetched = {
        row[0].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for row in bench.rows("SELECT fetched_at FROM pages")
    }
    assert all(date in index.stdout for date in fetched)
    assert '"http:status": "200"' in index.stdout
    assert "sha256:" in index.stdout
    assert "robots.txt" in index.stdout
    # Compressed record by record: any one can be taken out by its offset.
    if name.endswith(".gz"):
        assert path.read_bytes().count(b"\x1f\x8b\x08\x00\x00\x00\x00\x00") >= kinds.total()


def _chapters(count: int, parts: int = 1) -> list[ToyChapter]:
    return [
        ToyChapter(
            str(at), f"Chapter {at}", [f"<p>{at}, part {part}.</p>" for part in range(parts)]
        )
        for at in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("work", "url"),
    [
        (ToyWork("1", "Parts and list pages", ["A"], _chapters(5, 3), per_page=2), "works/1"),
        (ToyWork("1", "All together", ["A"], _chapters(3), together=True), "works/1"),
        (ToyWork("1", "On one page", ["A"], _chapters(3), on_one_page=True), "works/1"),
        (ToyWork("1", "From a chapter", ["A", "B"], _chapters(4)), "c/3"),
    ],
    ids=lambda value: value.title if isinstance(value, ToyWork) else value,
)
def test_works_of_every_shape_come_back(
    bench: Workbench, empty: Workbench, tmp_path: Path, work: ToyWork, url: str
) -> None:
    site = ToySite(work)
    with ThreadedServer(site.app) as served:
        bench.runtime.settings.host_map[toysite.HOST] = served.url
        bench.ingest(f"{toysite.ROOT}/{url}")
    path = tmp_path / "work.warc.gz"
    write_warc_file(bench.database, bench.novel_id(f"{toysite.ROOT}/works/1"), path)
    (result,) = import_warc(empty.runtime, path).novels
    job = empty.job(result.job_ids[0])
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (
        "done",
        len(work.chapters),
        0,
    )
    assert novel_of(empty) == novel_of(bench)
    assert import_warc(empty.runtime, path).novels[0].job_ids == []


def test_a_chapter_with_a_missing_part_stays_a_gap(
    bench: Workbench, empty: Workbench, tmp_path: Path
) -> None:
    """Its page was an error when it was archived; what came of it is the same after the import."""
    chapters = _chapters(3, 2)
    chapters[1].dead_part = 1
    with ThreadedServer(ToySite(ToyWork("1", "A gap", ["A"], chapters)).app) as served:
        bench.runtime.settings.host_map[toysite.HOST] = served.url
        bench.ingest(f"{toysite.ROOT}/works/1")
    path = tmp_path / "gap.warc"
    write_warc_file(bench.database, 1, path)
    (result,) = import_warc(empty.runtime, path).novels
    job = empty.job(result.job_ids[0])
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 2, 1)
    assert [failure.url for failure in empty.failures(job.id)] == [
        f"{toysite.ROOT}/works/1/2?part=1"
    ]
    assert novel_of(empty)[:2] == novel_of(bench)[:2]


def test_an_export_leaves_out_what_is_under_way(
    bench: Workbench, file: Path, fiction: Fiction, tmp_path: Path
) -> None:
    """Pages of a job that has not ended are no part of the novel yet."""
    before = bench.rows(PAGES)
    bench.write(
        "INSERT INTO jobs (source, source_url, url, kind, source_novel_id, novel_id)"
        " VALUES ('royalroad', 'u', 'u', 'novel', '7', 1)"
    )
    bench.write(
        "INSERT INTO pages (job_id, novel_id, kind, url, requested_url, chapter_ids, part, position, status, headers,"
        " codec, body, size, fetched_at) SELECT max(id), 1, 'index', 'u', 'u', '{}', 0, 0, 200, '{}', 'identity', '', 0, now()"
        " FROM jobs"
    )
    counts = write_warc_file(bench.database, 1, tmp_path / "later.warc")
    assert counts.pages + counts.silent == len(before)


def test_a_process_that_dies_leaves_no_job_that_would_ask_the_site(
    empty: Workbench, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed process leaves is a claimed job; whoever finds it ends it."""
    runtime = empty.runtime
    source, match = runtime.registry.resolve(URL)
    claim = open_job(runtime, source, match)
    empty.write("UPDATE jobs SET lease_until = now() - interval '1 hour'")
    with session(empty.database) as opened:
        released = unclaimed.release_abandoned(
            opened, max_failures=runtime.settings.max_failures, backoff=0
        )
    assert released == [claim.job_id]
    assert empty.job(claim.job_id).error_code == "worker_died"
    (result,) = import_warc(runtime, file).novels
    assert empty.job(result.job_ids[0]).status == "done"


@pytest.mark.parametrize("walked", [False, True], ids=["list", "walk"])
def test_what_several_pages_told_comes_back(
    bench: Workbench, empty: Workbench, tmp_path: Path, walked: bool
) -> None:
    work = ToyWork(
        id="1",
        title="A Tale",
        authors=["Ada Fern"],
        chapters=[
            ToyChapter(
                str(number),
                f"Chapter {number}",
                [f"<p>{number}</p>"],
                volume={1: "Book One", 4: "Book Two"}.get(number),
                edited="2026-01-02T03:04:05Z",
                numbers={"views": number},
            )
            for number in range(1, 6)
        ],
        per_page=2,
        facts={"series": [{"name": "Tales", "number": 2}]},
        page_facts={1: {"title": "Page 2", "type": "Original"}},
        stated=[{"chapters": 7, "words": 9}],
        walked=walked,
    )
    with ThreadedServer(ToySite(work).app) as served:
        settings = quick_settings(host_map={toysite.HOST: served.url})
        crawled = Workbench(replace(bench.runtime, settings=settings))
        job = crawled.ingest(f"{toysite.ROOT}/works/1")
    assert job.chapters["unlisted"] == 2
    path = tmp_path / "tale.warc.gz"
    write_warc_file(bench.database, bench.novel_id("toysite:1"), path)
    (result,) = import_warc(empty.runtime, path).novels
    assert empty.job(result.job_ids[0]).chapters["unlisted"] == 2
    assert novel_of(empty) == novel_of(bench)
    assert empty.novel("toysite:1").volumes == ("Book One", "Book Two")
