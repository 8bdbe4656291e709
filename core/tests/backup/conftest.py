"""A library that has something in every table, and an empty machine beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import toysite
from elsewhere import other_database
from sqlalchemy import Engine
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench, quick_settings, registry_of

from novel_core.db.engine import open_database
from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers


def _work(number: str, chapters: int) -> ToyWork:
    return ToyWork(
        id=number,
        title=f"Lamp \\ keeper's log, number {number}: 漢字",
        authors=["Ada Fern", "Bo Reed"],
        chapters=[
            ToyChapter(f"{number}0{at}", f"Chapter {at}", [f"<p>Tide table {at}\tof {number}.</p>"])
            for at in range(1, chapters + 1)
        ],
        facts={"series": [{"name": "Lamp \\ cycle", "number": 0.1}]},
        stated=[{"chapters": chapters + 1, "words": 900}],
    )


@pytest.fixture
def works() -> list[ToyWork]:
    return [_work("1", 5), _work("2", 3)]


@pytest.fixture
def bench(works: list[ToyWork], database: Engine) -> Iterator[Workbench]:
    toysite.TOLD.clear()
    toysite.FINISHED.clear()
    toysite.FAULTS.clear()
    with ThreadedServer(ToySite(*works).app) as served:
        settings = quick_settings(host_map={toysite.HOST: served.url})
        yield Workbench(Runtime(settings, registry_of("toysite"), database, Servers("", None)))


@pytest.fixture
def library(bench: Workbench, works: list[ToyWork]) -> Workbench:
    """Novels, a revision, a removed chapter, an image, jobs in several states, and what the service keeps."""
    for work in works:
        work.chapters[0].numbers = {"views": 2**53 + 1, "scores": {"style": 4.1}}
        bench.ingest(f"{toysite.ROOT}/works/{work.id}")
    works[0].chapters[1].parts[0] = "<p>The lamp was out.</p>"
    del works[0].chapters[4]
    bench.ingest(f"{toysite.ROOT}/works/1", recheck="all")
    novel = bench.novel_id(f"{toysite.ROOT}/works/1")
    bench.write(
        "INSERT INTO pages (job_id, novel_id, kind, url, requested_url, chapter_ids, part, position, status, headers,"
        " codec, body, size, fetched_at) VALUES (1, :novel, 'image', 'https://img.example/a', 'https://img.example/a',"
        " '{}', 0, 0, 200, '{}', 'identity', :body, 256, now())",
        novel=novel,
        body=bytes(range(256)),
    )
    bench.write(
        "INSERT INTO watches (novel_id, interval, due_at) VALUES (:n, 3600, now())", n=novel
    )
    bench.write(
        "INSERT INTO recent_lists (source, reaches_back_to, changes) VALUES ('toysite', now(), '{}')"
    )
    bench.write("INSERT INTO webhooks (job_id, url) VALUES (1, 'https://hook.example/x')")
    bench.write(
        "INSERT INTO api_keys (name, prefix, digest, scopes) VALUES ('reader', 'nk_1', 'd1', '{read,ingest}')"
    )
    bench.write(
        "INSERT INTO sites (name, family, base_url, hosts, title, time_zone, rate_group, options, added_by) VALUES"
        " ('forum', 'forums', 'https://f.example', '{f.example}', 'Forum', 'UTC', '', '{\"reader\": true}', 'operator')"
    )
    bench.write(
        "INSERT INTO adoptions (job_id, report, site) VALUES (1, '{\"url\": \"u\"}', 'forum')"
    )
    bench.write(
        "INSERT INTO adoption_pages (job_id, number, name, page, codec, size, body, expected)"
        " VALUES (1, 0, 'novel-7', '{}', 'identity', 256, :body, '{}')",
        body=bytes(range(256)),
    )
    bench.write("INSERT INTO idempotency_keys (owner, key, digest) VALUES (1, 'k', 'd')")
    bench.write("INSERT INTO rate_groups (name, admitted_at) VALUES ('toy.example', now())")
    bench.write(
        "INSERT INTO job_failures (job_id, url, kind, code, message) VALUES (1, 'u', 'image', 'not_found', E'a\\tb\\\\n')"
    )
    bench.write(
        "INSERT INTO volumes (novel_id, source_volume_id, title, position) VALUES (:n, 'v', 'One', 0)",
        n=novel,
    )
    bench.write(
        "INSERT INTO novel_statistics (novel_id, observed_at, views) VALUES (:n, now(), 12)",
        n=novel,
    )
    bench.write("INSERT INTO novel_warnings VALUES (:n, 'Storms', 0)", n=novel)
    bench.write("INSERT INTO tags (kind, slug, name) VALUES ('tag', 'sea', 'Sea')")
    bench.write("INSERT INTO novel_tags SELECT :n, id, 0, 'Sea', 'sea' FROM tags LIMIT 1", n=novel)
    return bench


@pytest.fixture
def elsewhere(postgres: str) -> Iterator[Engine]:
    """An empty machine: a database without any schema."""
    with other_database(postgres) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()
