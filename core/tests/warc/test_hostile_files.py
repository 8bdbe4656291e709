"""Files that are broken, cut, forged or meant to hurt: a typed error each, and a library as it was."""

from __future__ import annotations

import gzip
import json
import re
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from elsewhere import rows_of
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from workbench import Workbench

from novel_core.errors import (
    FileUnusable,
    IncompleteWarc,
    NovelError,
    PageChanged,
    PageTooLarge,
    UnreadableWarc,
    UnsupportedUrl,
)
from novel_core.warc import import_warc, write_warc_file

URL = "https://www.royalroad.com/fiction/7"


@pytest.fixture
def plain(bench: Workbench, tmp_path: Path) -> bytes:
    """A file of ours, uncompressed."""
    bench.ingest(URL)
    path = tmp_path / "plain.warc"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    return path.read_bytes()


def refused(empty: Workbench, data: bytes, path: Path) -> NovelError:
    """The error an import of `data` ends with; the library is as it was."""
    path.write_bytes(data)
    before = rows_of(empty.database)
    try:
        report = import_warc(empty.runtime, path)
    except NovelError as error:
        found = error
    else:
        errors = [novel.error for novel in report.novels if novel.error]
        assert errors, "it was imported"
        found = errors[0]
    assert rows_of(empty.database) == before
    assert found.hint
    return found


def test_damage_is_told_before_anything_is_saved(
    empty: Workbench, plain: bytes, tmp_path: Path
) -> None:
    parts = [part for part in re.split(rb"(?=WARC/1\.1\r\n)", plain) if part]
    packed = b"".join(map(gzip.compress, parts))
    at = plain.index(b"chapter-content")
    cases = [
        b"",
        b"\x00" * 100,
        b"<html>no archive</html>",
        b"WARC/1.1\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: x\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: -5\r\n\r\n",
        plain[: len(plain) // 2],
        plain[
            : plain.rindex(b"WARC/1.1")
        ],  # cut between two records: the request is no loss, see below
        plain[:at] + b"#" + plain[at + 1 :],
        plain[:at] + plain[at + 1 :],
        re.sub(
            rb"WARC-Block-Digest: [^\r]+\r\n", b"", plain[:at] + b"#" + plain[at + 1 :]
        ),  # the payload's digest is left
        packed[: len(packed) // 2],
        packed[:5000] + b"####" + packed[5004:],
        packed[:-8] + bytes(4) + packed[-4:],
        gzip.compress(plain),
        packed + gzip.compress(parts[-2] + parts[-1]),
        packed + zstandard.compress(parts[-2] + parts[-1]),
        plain.replace(b"Content-Length: ", b"Content-Length: 1\r\nContent-Length: ", 1),
        b"http://a.example/ 1.2.3.4 20260101000000 text/html 5\n12345\n",
    ]
    for number, data in enumerate(cases):
        assert isinstance(refused(empty, data, tmp_path / "x.warc"), UnreadableWarc), number


def test_a_file_cut_between_two_records_is_told(
    empty: Workbench, plain: bytes, tmp_path: Path
) -> None:
    parts = [part for part in re.split(rb"(?=WARC/1\.1\r\n)", plain) if part]
    told = {
        refused(empty, b"".join(parts[:count]), tmp_path / "x.warc").message
        for count in range(2, len(parts), 2)
    }
    assert any("was cut" in message for message in told)


def forged(plain: bytes, kind: bytes, change: Callable[[dict[str, object]], None]) -> bytes:
    """The file with its first note of that kind changed, lengths and digests in order."""
    parts = re.split(rb"(?=WARC/1\.1\r\n)", plain)
    for at, part in enumerate(parts):
        if kind in part.partition(b"\r\n\r\n")[0]:
            head, _, block = part.partition(b"\r\n\r\n")
            note = json.loads(block)
            change(note)
            text = json.dumps(note).encode()
            head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(text), head)
            head = re.sub(rb"\r\nWARC-(Block|Payload)-Digest: [^\r]+", b"", head)
            parts[at] = head + b"\r\n\r\n" + text + b"\r\n\r\n"
            return b"".join(parts)
    raise AssertionError(kind)


NOVEL, PAGE = b"novel+json", b"page+json"


FORGERIES: list[tuple[bytes, dict[str, object], type[NovelError]]] = [
    (NOVEL, {"source": "nowhere"}, UnsupportedUrl),
    (NOVEL, {"novel_id": "8"}, UnreadableWarc),
    (NOVEL, {"url": "https://elsewhere.example/7"}, UnreadableWarc),
    (NOVEL, {"version": 2}, UnreadableWarc),
    (NOVEL, {"pages": 3}, UnreadableWarc),
    (PAGE, {"url": "https://elsewhere.example/x"}, UnreadableWarc),
    (PAGE, {"requested_url": "file:///etc/passwd"}, UnreadableWarc),
    (PAGE, {"requested_url": "https://www.royalroad.com/" + "a" * 3000}, UnreadableWarc),
    (PAGE, {"kind": "sequence"}, UnreadableWarc),
    (PAGE, {"status": 404}, UnreadableWarc),
    (PAGE, {"part": 10**30}, UnreadableWarc),
    (PAGE, {"chapters": ["a\x00b"]}, UnreadableWarc),
    (PAGE, {"headers": {"etag": "\x00"}}, UnreadableWarc),
    (PAGE, {"fetched_at": "yesterday"}, UnreadableWarc),
    (PAGE, {"kind": "chapter", "chapters": ["1"]}, IncompleteWarc),
]


def test_a_forged_note_is_refused(empty: Workbench, plain: bytes, tmp_path: Path) -> None:
    for kind, changes, error in FORGERIES:
        data = forged(plain, kind, lambda note, changes=changes: note.update(changes))  # type: ignore[misc]
        found = refused(empty, data, tmp_path / "x.warc")
        assert isinstance(found, error), (changes, found)


def test_a_page_of_another_novel_ends_the_job_not_the_library(
    bench: Workbench, empty: Workbench, plain: bytes, tmp_path: Path
) -> None:
    data = forged(plain, NOVEL, lambda note: note.update(url=URL[:-1] + "8"))
    data = data.replace(b'"novel_id": "7"', b'"novel_id": "8"')
    path = tmp_path / "x.warc"
    path.write_bytes(data)
    with pytest.raises(UnreadableWarc, match="digest"):
        import_warc(empty.runtime, path)
    path.write_bytes(re.sub(rb"WARC-(Block|Payload)-Digest: [^\r]+\r\n", b"", data))
    (result,) = import_warc(empty.runtime, path).novels
    assert isinstance(result.error, PageChanged)
    assert empty.job(result.job_ids[0]).status == "error"
    assert empty.value("SELECT count(*) FROM novels") == 0


def response(body: bytes, headers: dict[str, str], url: str = URL) -> bytes:
    file = BytesIO()
    writer = WARCWriter(file, gzip=True)
    http = StatusAndHeaders(
        "200 OK", [("Content-Type", "text/html"), *headers.items()], protocol="HTTP/1.1"
    )
    writer.write_record(
        writer.create_warc_record(
            url, "response", payload=BytesIO(body), length=len(body), http_headers=http
        )
    )
    return file.getvalue()


def test_what_unpacks_to_gigabytes_is_not_unpacked(empty: Workbench, tmp_path: Path) -> None:
    """A body that is a bomb; a record that is one; headers without an end; a length that is a lie."""
    bomb = gzip.compress(bytes(90 * 2**20), 6)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    long_record = gzip.compress(
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: "
        + URL.encode()
        + b"\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: 90000000\r\n\r\n"
        + head
        + bytes(90_000_000 - len(head))
    )
    endless_line = gzip.compress(b"WARC/1.0\r\nX: " + b"a" * 20_000_000)
    endless_headers = gzip.compress(b"WARC/1.0\r\n" + b"X: a\r\n" * 1_000_000)
    cases: list[tuple[bytes, type[NovelError]]] = [
        (response(bomb, {"Content-Encoding": "gzip"}), PageTooLarge),
        (long_record, PageTooLarge),
        (endless_line, UnreadableWarc),
        (endless_headers, UnreadableWarc),
        (b"WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\nabc", UnreadableWarc),
    ]
    for number, (data, error) in enumerate(cases):
        tracemalloc.start()
        found = refused(empty, data, tmp_path / "bomb.warc.gz")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert isinstance(found, error), number
        assert peak < 64 * 2**20, (number, peak)


def test_files_without_a_novel_and_no_files(empty: Workbench, tmp_path: Path) -> None:
    other = response(b"<html></html>", {}, "https://elsewhere.example/")
    assert isinstance(refused(empty, other, tmp_path / "x.warc"), IncompleteWarc)
    for path in (tmp_path / "none.warc", tmp_path):
        with pytest.raises(FileUnusable):
            import_warc(empty.runtime, path)


def test_a_date_to_come_does_not_make_what_follows_old(
    bench: Workbench, empty: Workbench, plain: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "x.warc"
    data = re.sub(rb'"fetched_at": "20\d\d', b'"fetched_at": "2999', plain)
    path.write_bytes(re.sub(rb"WARC-(Block|Payload)-Digest: [^\r]+\r\n", b"", data))
    assert import_warc(empty.runtime, path).novels[0].error is None
    assert empty.value("SELECT max(fetched_at) <= now() FROM pages")
