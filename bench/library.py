"""Reading a large library: 10,000 novels and 1,000,000 chapters, the routes of the read API with their p50 and p99, and the plans of their queries.

Claim: no query of a route reads a large table from end to end.
"""

from __future__ import annotations

import random
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from queued import PATIENCE, process, servers
from sqlalchemy import Engine, event, text

from novel_core.db.engine import open_database, session
from novel_core.library import catalogue, chapters, revisions
from novel_core.library.catalogue import NovelFilter, NovelSort

NOVELS, CHAPTERS = 10_000, 100
TIMES = 200
#: Small enough to be read whole, whatever their query is.
SMALL = {"tags", "authors"}

_SEED = """
INSERT INTO authors (source, source_author_id, name) SELECT 'royalroad', n, 'Author ' || n FROM generate_series(1, 2000) n;
INSERT INTO tags (kind, slug, name) SELECT 'genre', 'genre-' || n, 'Genre ' || n FROM generate_series(1, 60) n;
INSERT INTO novels (source, source_novel_id, slug, url, index_url, title, description_html, status, parser_version, updated_at)
SELECT CASE WHEN n % 4 = 0 THEN 'ao3' ELSE 'royalroad' END, n, 'novel-' || n, 'https://www.royalroad.com/fiction/' || n, '',
       initcap(w.words[1 + n % 97] || ' ' || w.words[1 + (n / 97) % 97]) || ' ' || n,
       '<p>' || array_to_string(w.words[1 + n % 40 : 40 + n % 40], ' ') || '</p>',
       (ARRAY['ongoing', 'completed', 'hiatus'])[1 + n % 3], '1', now() - n * interval '1 minute'
FROM generate_series(1, :novels) n,
     (SELECT array_agg(substr(md5(i::text), 1, 4 + i % 5)) AS words FROM generate_series(1, 97) i) w;
INSERT INTO novel_authors (novel_id, author_id, position) SELECT id, 1 + id % 2000, 0 FROM novels;
INSERT INTO novel_tags (novel_id, tag_id, position, raw_name, raw_slug)
SELECT id, 1 + (id * 7 + k * 13) % 60, k, 'Genre', 'genre' FROM novels, generate_series(0, 4) k ON CONFLICT DO NOTHING;
INSERT INTO volumes (novel_id, source_volume_id, title, position) SELECT id, '1', 'Volume One', 0 FROM novels;
INSERT INTO chapters (novel_id, source_chapter_id, number, title, url, access, published_at, volume_id)
SELECT id, n.id || '-' || c, c, 'Chapter ' || c, '', 'free', now(), (SELECT v.id FROM volumes v WHERE v.novel_id = n.id) FROM novels n, generate_series(1, :chapters) c;
INSERT INTO chapter_texts (chapter_id, version, content_html, note_before_html, note_after_html, word_count, fingerprint, parser_version)
SELECT id, 1, '<p>' || repeat(md5(id::text) || ' ', 30) || '</p>', '', '', 30, md5(id::text), '1' FROM chapters;
UPDATE chapters c SET text_id = t.id FROM chapter_texts t WHERE t.chapter_id = c.id;
UPDATE novels SET chapter_count = :chapters, held_count = :chapters, word_count = 30 * :chapters,
    search = setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('english', description_html), 'D');
"""


def seed(engine: Engine) -> None:
    values = {"novels": NOVELS, "chapters": CHAPTERS}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        for statement in _SEED.split(";"):
            if statement.strip():
                connection.execute(
                    text(statement), {k: v for k, v in values.items() if f":{k}" in statement}
                )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def api(environment: dict[str, str]) -> Iterator[httpx.Client]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        process("-m", "novel_api", "--port", str(port), environment=environment),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if client.get("/health").status_code == httpx.codes.OK:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield client


def routes() -> dict[str, object]:
    """Each route, with another novel each time."""
    one = lambda: random.randrange(1, NOVELS + 1)  # noqa: E731 - said once for all
    return {
        "/novels": lambda: "/novels",
        "/novels?page=150": lambda: "/novels?page=150",
        "/novels?sort=title": lambda: "/novels?sort=title",
        "/novels?search=two words": lambda: f"/novels?search=chapter+{one()}",
        "/novels?search=typing error": lambda: f"/novels?search=novl+{one()}",
        "/novels?genre=": lambda: f"/novels?genre=genre-{1 + one() % 60}",
        "/novels?source=&status=": lambda: "/novels?source=ao3&status=ongoing",
        "/novels?author=": lambda: f"/novels?author={1 + one() % 2000}",
        "/novels/{slug}": lambda: f"/novels/novel-{one()}",
        "/novels/{slug}/chapters": lambda: f"/novels/novel-{one()}/chapters",
        "/novels/{slug}/chapters/{n}": lambda: (
            f"/novels/novel-{one()}/chapters/{1 + one() % CHAPTERS}"
        ),
        ".../revisions": lambda: f"/novels/novel-{one()}/chapters/7/revisions",
        "/genres": lambda: "/genres",
        "/authors": lambda: "/authors",
        "/opds/new": lambda: "/opds/new",
        "/feed.atom": lambda: "/feed.atom",
    }


def measure(client: httpx.Client) -> None:
    for name, path in routes().items():
        taken = []
        for _ in range(TIMES):
            url = path()  # type: ignore[operator]
            started = time.perf_counter()
            answer = client.get(url)
            taken.append((time.perf_counter() - started) * 1000)
            if answer.status_code != httpx.codes.OK:
                raise SystemExit(f"{url}: {answer.status_code} {answer.text[:200]}")
        taken.sort()
        p50, p99 = statistics.median(taken), taken[int(TIMES * 0.99) - 1]
        print(f"  {name:<30} p50 {p50:6.1f} ms, p99 {p99:6.1f} ms", flush=True)


def plans(engine: Engine) -> None:
    """Every statement of the library's functions, explained: a scan from end to end of a large table is named."""
    statements: list[tuple[str, object]] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _k, statement, parameters, _x, _m: statements.append((statement, parameters)),
    )
    with session(engine) as opened:
        for wanted in (
            NovelFilter(sort=NovelSort.UPDATED),
            NovelFilter(sort=NovelSort.TITLE),
            NovelFilter(search="novl 17"),
            NovelFilter(genre="genre-7"),
            NovelFilter(author=5),
        ):
            catalogue.find_novels(opened, wanted)
        revisions.page_of_chapters(opened, 17, offset=50, limit=50)
        text_read = chapters.read_chapter(opened, 17, "7")
        revisions.neighbours(opened, 17, 7)
        revisions.versions(opened, 17, text_read)
    scanned: dict[str, int] = {}
    asked = [entry for entry in statements if entry[0].lstrip().upper().startswith("SELECT")]
    with engine.connect() as connection:
        for statement, parameters in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)  # type: ignore[arg-type]
            for (line,) in rows:
                if "Seq Scan on" in line:
                    table = line.split("Seq Scan on ")[1].split()[0]
                    scanned[table] = scanned.get(table, 0) + 1
    large = {name: count for name, count in scanned.items() if name not in SMALL}
    told = ", ".join(f"{name} ({count})" for name, count in large.items()) or "none"
    print(f"  {len(asked)} queries explained; large tables read from end to end: {told}")


def main() -> None:
    print(f"library: {NOVELS:,} novels, {NOVELS * CHAPTERS:,} chapters")
    with servers() as environment:
        engine = open_database(environment["DATABASE_URL"])
        started = time.perf_counter()
        seed(engine)
        print(f"  seeded in {time.perf_counter() - started:.0f} s", flush=True)
        unlimited = environment | {"NOVEL_API_RATE_LIMIT": "1000000"}
        with api(unlimited) as client:
            measure(client)
        plans(engine)
        engine.dispose()


if __name__ == "__main__":
    main()
