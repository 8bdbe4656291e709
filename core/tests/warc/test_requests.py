"""Lists by POST in WARC files: identity is the request, in ours and in those of other programs."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import toysite
from askingsite import AskingSite, by_posts, follow_by
from elsewhere import other_database
from sqlalchemy import Engine
from toysite import ToyChapter, ToyWork
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from workbench import Workbench, quick_settings, registry_of

from novel_core.archive.pages import load_page
from novel_core.db.engine import open_database, session
from novel_core.lookalike import ThreadedServer
from novel_core.page import Page
from novel_core.runtime import Runtime, Servers
from novel_core.warc import import_warc, write_warc_file

URL = "https://toy.example/works/1"
PAGES = """
    SELECT requested_url, method, request_body, context, is_optional, position, headers, md5(body)
    FROM pages ORDER BY kind, position, requested_url
"""


def _bench(url: str, database: Engine) -> Workbench:
    settings = quick_settings(host_map={toysite.HOST: url})
    return Workbench(Runtime(settings, registry_of("toysite"), database, Servers("", None)))


@pytest.fixture
def site() -> AskingSite:
    chapters = [ToyChapter(str(one), f"Chapter {one}", [f"<p>Text {one}.</p>"]) for one in range(5)]
    return AskingSite(ToyWork("1", "The Clockmaker's Garden", ["Ada Fern"], chapters, per_page=2))


@pytest.fixture
def served(site: AskingSite) -> Iterator[str]:
    with ThreadedServer(site.app) as running:
        yield running.url


@pytest.fixture
def bench(served: str, database: Engine, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    follow_by(monkeypatch, by_posts)
    found = _bench(served, database)
    assert found.ingest(URL).chapters["new"] == 5
    return found


@pytest.fixture
def empty(served: str, postgres: str, template: str) -> Iterator[Workbench]:
    with other_database(postgres, template) as url:
        engine = open_database(url)
        yield _bench(served, engine)
        engine.dispose()


def _rows(bench: Workbench) -> list[tuple[object, ...]]:
    return [
        tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
        for row in bench.rows(PAGES)
    ]


def test_requests_and_contexts_come_back(
    bench: Workbench, empty: Workbench, site: AskingSite, tmp_path: Path
) -> None:
    path = tmp_path / "novel.warc.gz"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    site.requests.clear()
    (result,) = import_warc(empty.runtime, path).novels
    assert (result.error, site.requests) == (None, [])
    job = empty.job(result.job_ids[0])
    assert (job.chapters["new"], job.chapters["failed"]) == (5, 0)
    assert _rows(empty) == _rows(bench)
    assert sum(row[1] == "POST" for row in _rows(empty)) == 2


def test_other_programs_read_the_requests(bench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "novel.warc.gz"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    with path.open("rb") as file:
        requests = [
            (record.http_headers.protocol, record.content_stream().read())
            for record in ArchiveIterator(file)
            if record.rec_type == "request"
        ]
    assert [body for method, body in requests if method == "POST"] == [
        b"work=1&page=1",
        b"work=1&page=2",
    ]
    assert all(body == b"" for method, body in requests if method == "GET")


def _write(path: Path, pages: list[Page]) -> None:
    """As a proxy does: the request after its response, and no notes."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for page in pages:
            headers = [(name, value) for name, value in page.headers.items()]
            response = writer.create_warc_record(
                page.url,
                "response",
                payload=BytesIO(page.body),
                length=len(page.body),
                http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            )
            request = writer.create_warc_record(
                page.url,
                "request",
                payload=BytesIO(page.request_body),
                length=len(page.request_body),
                http_headers=StatusAndHeaders("/ HTTP/1.1", [], protocol=page.method),
            )
            writer.write_request_response_pair(request, response)


def test_a_file_of_another_program_tells_requests_of_one_address_apart(
    bench: Workbench, empty: Workbench, site: AskingSite, tmp_path: Path
) -> None:
    ids = bench.rows("SELECT id FROM pages ORDER BY id")
    with session(bench.database) as opened:
        pages = [load_page(opened, row[0]) for row in ids]
    path = tmp_path / "browsing.warc.gz"
    _write(path, pages)
    site.requests.clear()
    (result,) = import_warc(empty.runtime, path).novels
    assert (result.error, site.requests) == (None, [])
    assert empty.job(result.job_ids[0]).chapters["new"] == 5
    assert [row[:4] for row in _rows(empty)] == [row[:4] for row in _rows(bench)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'"method": "POST"', b'"method": "SEND"', "method"),
        (b'"context": {"seen": 2}', b'"context": ["seen", 2]', "context"),
    ],
)
def test_a_forged_note_is_refused(
    bench: Workbench, empty: Workbench, tmp_path: Path, old: bytes, new: bytes, words: str
) -> None:
    path = tmp_path / "novel.warc"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    data = path.read_bytes()
    assert old in data
    forged = tmp_path / "forged.warc"
    # The same length; without the digests, which say it.
    data = data.replace(old, new.ljust(len(old)))
    for name in (b"WARC-Block-Digest", b"WARC-Payload-Digest"):
        data = data.replace(name, b"X" + name[1:])
    forged.write_bytes(data)
    with pytest.raises(Exception, match=words):
        import_warc(empty.runtime, forged)
