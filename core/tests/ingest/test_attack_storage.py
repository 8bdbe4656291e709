"""A database that refuses, goes away or is shared: errors in words, and no deadlock of our own making."""

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import toysite
from polling import eventually
from sqlalchemy import Engine, text
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.errors import NotFound, PluginError, StorageError
from novel_core.ingest.novel_writer import CleanNovel, write_novel
from novel_core.items import Author, Novel
from novel_core.jobs import identity
from novel_core.library.catalogue import NovelFilter, find_novels, list_authors
from novel_core.page import Follow, Page
from novel_core.source import PageKind
from novel_core.states import JobState

URL = "https://toy.example/works/1"
SHORT = "https://toy.example/c/3"


def save(opened: object, source_id: str, title: str, authors: Sequence[str]) -> str:
    item = Novel(
        source_id=source_id,
        url=f"https://toy.example/works/{source_id}",
        title=title,
        authors=tuple(Author(name=name) for name in authors),
    )
    return write_novel(
        opened, "toysite", CleanNovel(item), index_url=item.url, parser_version="1"
    ).slug  # type: ignore[arg-type]


def test_two_novels_of_the_same_authors_in_another_order_are_saved_at_once(
    database: Engine,
) -> None:
    names = [f"Author {number}" for number in range(200)]
    ready = threading.Barrier(2)

    def one(source_id: str, authors: list[str]) -> None:
        for attempt in range(3):
            with session(database) as opened:
                ready.wait(30)
                fresh = [f"{name} {attempt}" for name in authors]
                save(opened, f"{source_id}{attempt}", f"Title {source_id}{attempt}", fresh)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(one, "a", names), pool.submit(one, "b", names[::-1])]
        for saved in both:
            saved.result(60)


def test_authors_stay_in_the_order_the_novel_gives_them(bench: Workbench, work: ToyWork) -> None:
    work.authors[:] = ["Zoe", "Ada", "Mia", "Ada"]
    bench.ingest(URL)
    assert bench.novel(URL).summary.authors == ("Zoe", "Ada", "Mia")


@pytest.mark.parametrize("title", ["!!! ???", "🦊🦊", "שלום", "x" * 500, "1984", "[b]"])
def test_any_title_gives_a_slug(bench: Workbench, work: ToyWork, title: str) -> None:
    work.title = title
    work.authors.clear()
    assert bench.ingest(URL).status == JobState.DONE
    summary = bench.novel(URL).summary
    assert (summary.title, summary.authors) == (title, ())
    assert 0 < len(summary.slug) <= 80
    assert bench.novel_id(summary.slug) == summary.id


def test_ids_that_read_alike_in_a_slug_are_told_apart(database: Engine) -> None:
    with session(database) as opened:
        slugs = [
            save(opened, source_id, "Same", ()) for source_id in ("z", "aB", "ab", "AB", "a_b")
        ]
    assert len(set(slugs)) == 5


def execute(database: Engine, *statements: str, lose: bool = False) -> None:
    with session(database) as opened:
        for statement in statements:
            if lose:
                opened.connection().connection.dbapi_connection.close()  # type: ignore[union-attr]
            opened.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "SET TRANSACTION READ ONLY; UPDATE jobs SET status = 'done'",
        "SET LOCAL ROLE novel_guest; SELECT * FROM jobs",
        "SELECT pg_terminate_backend(pg_backend_pid())",
    ],
)
def test_a_database_that_refuses_is_told_in_words(database: Engine, statement: str) -> None:
    with session(database) as opened:
        opened.execute(
            text("DO $$ BEGIN CREATE ROLE novel_guest; EXCEPTION WHEN duplicate_object THEN END $$")
        )
    with pytest.raises(StorageError) as told:
        execute(database, *statement.split(";"))
    assert "\n" not in told.value.message


def test_a_connection_lost_inside_a_transaction_is_told_in_words(database: Engine) -> None:
    with pytest.raises(StorageError):
        execute(database, "SELECT 1", "SELECT 2", lose=True)


def test_backends_ended_in_the_middle_of_a_crawl(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.chapters += [ToyChapter(str(n), f"Chapter {n}", ["<p>x</p>"]) for n in range(6, 60)]

    def cut(chapter: str) -> None:
        if chapter == "20":
            bench.write(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    site.on_chapter.append(cut)
    job_id = bench.submit(URL)
    outcome = bench.run(job_id)
    assert outcome.error is None or isinstance(outcome.error, StorageError)
    if outcome.error is not None:
        site.on_chapter.clear()
        bench.run(bench.submit(URL))
    assert bench.job(job_id).status == JobState.DONE
    assert bench.value("SELECT count(*) FROM chapter_texts") == 59


def test_an_error_that_quotes_a_page_can_be_stored_and_logged(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def strange(self: toysite.ToyParser, page: Page) -> object:
        raise NotFound("There is no \x00 and no \ud83d.")

    monkeypatch.setattr(toysite.ToyParser, "parse", strange)
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == (JobState.ERROR, "not_found")
    assert "There is no  and no ?." in caplog.text
    assert caplog.text.encode()


def test_a_parser_that_exits_ends_the_job_and_not_the_process(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(self: toysite.ToyParser, page: Page) -> object:
        raise SystemExit(0)

    monkeypatch.setattr(toysite.ToyParser, "follow", lambda self, page: [])
    monkeypatch.setattr(toysite.ToyParser, "parse", leave)
    job_id = bench.submit(URL)
    outcome = bench.run(job_id)
    assert isinstance(outcome.error, PluginError)
    assert bench.job(job_id).status == JobState.ERROR


def test_an_address_longer_than_an_index_can_hold_costs_nothing_else(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(200))
    healthy = toysite.ToyParser.follow

    def follow(self: toysite.ToyParser, page: Page) -> list[Follow]:
        return [
            Follow(f"{URL}/i?{strange}", PageKind.IMAGE),
            Follow(f"{URL}/3?{strange}", PageKind.CHAPTER, chapters=("x",)),
            *healthy(self, page),
        ]

    monkeypatch.setattr(toysite.ToyParser, "follow", follow)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 5), job.error_message
    assert [failure.chapter_id for failure in bench.failures(job.id)] == ["x"]


def test_a_novel_removed_while_its_update_is_submitted(bench: Workbench) -> None:
    bench.ingest(URL)
    with bench.database.connect() as removing, ThreadPoolExecutor(1) as pool:
        removing.execute(text("DELETE FROM chapters"))
        removing.execute(text("DELETE FROM novels"))
        submitted = pool.submit(bench.submit, URL)
        eventually(lambda: bench.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        removing.commit()
        job_id = submitted.result(30)
    assert bench.value("SELECT novel_id IS NULL FROM jobs WHERE id = :id", id=job_id)


def test_lists_and_searches_take_signs_literally(bench: Workbench, work: ToyWork) -> None:
    work.title = r"100%_\ sure"
    work.authors[:] = [r"A%_\e"]
    bench.ingest(URL)
    with session(bench.database) as opened:
        signs = ("%", "_", "\\", r"%_\e", "a%e", "a__e")
        found = {sign: list_authors(opened, search=sign)[1] for sign in signs}
        _, titled = find_novels(opened, NovelFilter(search=r"100%_\ sure"))
    assert found == {"%": 1, "_": 1, "\\": 1, r"%_\e": 1, "a%e": 0, "a__e": 0}
    assert titled == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 1},
        {"retry_times": 0},
        {"reuse_index": 0.0},
        {"fetch_images": False},
        {"max_redirects": 0},
        {"keep_index_pages": 1},
    ],
)
def test_settings_at_their_limits(
    bench: Workbench, work: ToyWork, settings: dict[str, object]
) -> None:
    runtime = bench.runtime
    tight = Workbench(replace(runtime, settings=runtime.settings.model_copy(update=settings)))
    work.per_page = 2
    work.chapters[1].parts = ["<p>One.</p>", "<p>Two.</p>"]
    assert tight.ingest(SHORT).chapters["new"] == 5
    assert tight.ingest(URL, recheck="all").chapters["unchanged"] == 5
    with session(bench.database) as opened:
        assert identity.find_open(opened, "toysite", "1") is None
