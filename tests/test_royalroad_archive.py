"""The archive: repairs without requests, retention, removal, images, and one visible moment."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from workbench import LIBRARY_TABLES, Workbench

from novel_core.db.engine import session
from novel_core.errors import UsageError
from novel_core.ingest.reparse import reparse_novel
from novel_core.ingest.runner import run_job
from novel_core.intake import remove
from novel_core.jobs import lifecycle
from novel_royalroad.parser import RoyalRoadParser
from novel_royalroad_lookalike import Fiction, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"


def test_reparse_asks_nothing_and_changes_nothing(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    bench.ingest(URL)
    fiction.edit(fiction.chapters[0].id, "A new first line.")
    bench.ingest(URL, recheck="all")
    before = bench.dump(*LIBRARY_TABLES)
    site.clear()
    counts = reparse_novel(bench.runtime, bench.novel_id(URL))
    assert (counts.texts, counts.repaired, counts.failed) == (9, 0, [])
    assert site.requests == []
    assert bench.dump(*LIBRARY_TABLES) == before


def test_a_better_parser_repairs_in_place(
    bench: Workbench, site: LookalikeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    bench.rows(
        "UPDATE chapter_texts SET content_html = '<p>Spoilt.</p>', fingerprint = 'x' RETURNING 1"
    )
    monkeypatch.setattr(RoyalRoadParser, "version", "next")
    site.clear()
    counts = reparse_novel(bench.runtime, bench.novel_id(URL))
    assert (counts.texts, counts.repaired) == (8, 8)
    assert site.requests == []
    assert "Spoilt" not in bench.read(URL, "1").content_html
    assert bench.value("SELECT count(*) FROM chapter_texts") == 8
    assert bench.value("SELECT DISTINCT parser_version FROM chapter_texts").startswith("next+")


def test_a_new_parser_version_alone_makes_no_revision(
    bench: Workbench, fiction: Fiction, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    bench.rows(
        "UPDATE chapter_texts SET content_html = '<p>Old reading.</p>', fingerprint = 'x' RETURNING 1"
    )
    monkeypatch.setattr(RoyalRoadParser, "version", "next")
    fiction.edit(fiction.chapters[0].id, "Truly new.")
    job = bench.ingest(URL, recheck="all")
    assert (job.chapters["changed"], job.chapters["unchanged"]) == (1, 7)
    assert bench.value("SELECT count(*) FROM chapter_texts") == 9
    assert "Old reading" not in bench.read(URL, "5").content_html


def test_what_is_kept_of_the_pages(bench: Workbench, fiction: Fiction) -> None:
    for _ in range(5):
        fiction.add_chapter()
        bench.ingest(URL, recheck="all")
    kept = dict(bench.rows("SELECT kind, count(*) FROM pages WHERE kind <> 'image' GROUP BY kind"))
    assert kept == {"chapter": 13, "index": 3}
    assert bench.value("SELECT count(*) FROM staged_items") == 0


def test_a_novel_is_removed_with_its_archive(bench: Workbench) -> None:
    bench.ingest(URL)
    job_id = bench.submit(URL)
    novel_id = bench.novel_id(URL)
    with session(bench.database) as opened:
        claim = lifecycle.claim(opened, job_id, lease=60)
    assert claim is not None
    with pytest.raises(UsageError, match=str(job_id)), session(bench.database) as opened:
        remove(opened, novel_id)
    run_job(bench.runtime, claim)
    with session(bench.database) as opened:
        remove(opened, novel_id)
    for table in (*LIBRARY_TABLES, "pages", "authors", "chapter_checks"):
        assert bench.value(f"SELECT count(*) FROM {table}") == 0
    assert bench.value("SELECT count(*) FROM jobs WHERE novel_id IS NULL") == 2
    assert bench.ingest(URL).chapters["new"] == 8


def test_a_reader_never_sees_half_an_update(
    bench: Workbench, fiction: Fiction, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    for _ in range(4):
        fiction.add_chapter()
    seen: list[int] = []
    source = type(bench.runtime.registry.get("royalroad"))
    before_save = source.before_save

    def spying(loaded: object, item: object, context: object) -> object:
        with bench.database.connect() as other:
            seen.append(other.execute(text("SELECT count(*) FROM chapters")).scalar_one())
        return before_save(loaded, item, context)  # type: ignore[arg-type,type-var]

    monkeypatch.setattr(source, "before_save", spying)
    bench.ingest(URL)
    assert set(seen) == {8}
    assert bench.value("SELECT count(*) FROM chapters") == 12


def test_images_are_archived_once_and_never_fail_a_chapter(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    first, second, *_ = fiction.chapters
    first.paragraphs = [
        *first.paragraphs,
        '<p><img src="https://i.imgur.com/picture.png" alt="a"></p>',
    ]
    second.paragraphs = [
        *second.paragraphs,
        '<p><img src="https://gone.invalid/dead.png" alt="b"></p>',
    ]
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 8, 0)
    images = dict(bench.rows("SELECT requested_url, size FROM pages WHERE kind = 'image'"))
    assert images["https://i.imgur.com/picture.png"] > 0
    assert images["https://gone.invalid/dead.png"] == 0
    assert [failure.kind for failure in bench.failures(job.id)] == ["image"]
    assert 'src="https://i.imgur.com/picture.png"' in bench.read(URL, "1").content_html
    site.clear()
    assert bench.ingest(URL).requests == 1
    bench.ingest(URL, force=True)
    assert images["https://i.imgur.com/picture.png"] == bench.value(
        "SELECT sum(size) FROM pages WHERE requested_url = 'https://i.imgur.com/picture.png'"
    )


@pytest.mark.parametrize("table", ["pages", "staged_items", "chapter_texts"])
def test_a_full_disk_ends_in_a_clear_error_and_a_consistent_library(
    bench: Workbench, fiction: Fiction, table: str
) -> None:
    bench.ingest(URL)
    before = bench.dump(*LIBRARY_TABLES)
    for _ in range(3):
        fiction.add_chapter()
    with session(bench.database) as opened:
        opened.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file: No space left on device' "
                "USING ERRCODE = '53100'; END $$"
            )
        )
        opened.execute(
            text(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")
        )
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", "storage_full")
    assert bench.dump(*LIBRARY_TABLES) == before
    with session(bench.database) as opened:
        opened.execute(text(f"DROP TRIGGER full_disk ON {table}"))
    assert bench.ingest(URL).chapters["new"] == 3


def test_two_novels_of_one_title_are_saved_side_by_side(
    bench: Workbench, site: LookalikeServer
) -> None:
    twin = Fiction.generate(8, chapters=2)
    twin.title = site.library.fictions[7].title
    site.library.fictions[8] = twin
    jobs = [bench.submit(URL), bench.submit("https://www.royalroad.com/fiction/8")]
    threads = [threading.Thread(target=bench.run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [bench.job(job).status for job in jobs] == ["done", "done"]
    slugs = {row[0] for row in bench.rows("SELECT slug FROM novels")}
    assert len(slugs) == 2
