"""WARC files of other programs: only addresses tell what a page is, and bodies come as they were sent."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from workbench import Workbench

from novel_core.archive.pages import load_page
from novel_core.db.engine import session
from novel_core.errors import IncompleteWarc, PageChanged, UnreadableWarc
from novel_core.warc import import_warc
from novel_royalroad_lookalike import LookalikeServer

URL = "https://www.royalroad.com/fiction/7"
HTML = "text/html; charset=utf-8"


@dataclass
class Sent:
    url: str
    body: bytes
    content_type: str = HTML
    status: str = "200 OK"
    headers: Mapping[str, str] = field(default_factory=dict)
    date: str = "2026-03-04T05:06:07Z"


def write(path: Path, sent: list[Sent], *, version: str = "1.0") -> None:
    """As a proxy or a browser would: with other traffic in between, requests after responses, no notes."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz", warc_version=version)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "other/1.0"}))
        for answer in sent:
            headers = [("Content-Type", answer.content_type), *answer.headers.items()]
            http = StatusAndHeaders(answer.status, headers, protocol="HTTP/1.1")
            response = writer.create_warc_record(
                answer.url,
                "response",
                payload=BytesIO(answer.body),
                length=len(answer.body),
                http_headers=http,
                warc_headers_dict={"WARC-Date": answer.date},
            )
            request = writer.create_warc_record(
                answer.url,
                "request",
                payload=BytesIO(),
                length=0,
                http_headers=StatusAndHeaders("/ HTTP/1.1", [], protocol="GET"),
            )
            writer.write_request_response_pair(request, response)


def pages_of(bench: Workbench) -> list[Sent]:
    """What a person's browser would have seen of the novel, from the pages of an ingested one."""
    bench.ingest(URL)
    ids = bench.rows("SELECT id FROM pages WHERE problem IS NULL ORDER BY id")
    with session(bench.database) as opened:
        pages = [load_page(opened, row[0]) for row in ids]
    return [Sent(page.url, page.body, page.headers["content-type"]) for page in pages]


OTHERS = [
    Sent("https://ads.example/tracker.js", b"void 0", "text/javascript"),
    Sent("https://www.royalroad.com/home", b"<html><body>Home</body></html>"),
    Sent("https://elsewhere.example/fiction/7", b"<html><body>Not it</body></html>"),
    Sent("https://www.royalroad.com/fiction/chapter/999", b"<html>Short</html>"),
    Sent("dns:www.royalroad.com", b"", "text/dns"),
]


def test_a_browser_s_file_becomes_a_novel(
    bench: Workbench, empty: Workbench, site: LookalikeServer, tmp_path: Path
) -> None:
    path = tmp_path / "browsing.warc.gz"
    sent = pages_of(bench)
    write(path, [*OTHERS, *reversed(sent)])
    site.clear()
    (result,) = import_warc(empty.runtime, path).novels
    assert site.requests == []
    job = empty.job(result.job_ids[0])
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 8, 0)
    for number in range(1, 9):
        assert (
            empty.read(URL, str(number)).content_html == bench.read(URL, str(number)).content_html
        )
    assert empty.novel(URL).tags == bench.novel(URL).tags
    assert empty.value("SELECT count(*) FROM pages WHERE kind = 'image'") == 2
    assert str(empty.value("SELECT max(fetched_at) FROM pages")) == "2026-03-04 05:06:07+00:00"
    assert import_warc(empty.runtime, path).novels[0].job_ids == []


def _chunked(body: bytes) -> bytes:
    pieces = [body[at : at + 700] for at in range(0, len(body), 700)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


WAYS: list[tuple[Callable[[bytes], bytes], dict[str, str]]] = [
    (gzip.compress, {"Content-Encoding": "gzip"}),
    (brotli.compress, {"content-encoding": "br"}),
    (_deflated, {"Content-Encoding": "deflate"}),
    (
        lambda body: _chunked(gzip.compress(body)),
        {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
    ),
    (_chunked, {"Transfer-Encoding": "chunked"}),
    # Headers as sent over bodies that the program has decoded.
    (bytes, {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
]


def test_bodies_are_read_however_they_were_sent(
    bench: Workbench, empty: Workbench, tmp_path: Path
) -> None:
    """Each page in another way."""
    path = tmp_path / "sent.warc"
    sent = pages_of(bench)
    for number, answer in enumerate(answer for answer in sent if answer.content_type == HTML):
        encode, answer.headers = WAYS[number % len(WAYS)]
        answer.body = encode(answer.body)
    write(path, sent, version="1.1")
    (result,) = import_warc(empty.runtime, path).novels
    assert empty.job(result.job_ids[0]).chapters["new"] == 8
    for number in range(1, 9):
        assert (
            empty.read(URL, str(number)).content_html == bench.read(URL, str(number)).content_html
        )


def test_what_a_file_lacks_is_a_gap_that_a_crawl_fills(
    bench: Workbench, empty: Workbench, site: LookalikeServer, tmp_path: Path
) -> None:
    path = tmp_path / "some.warc"
    sent = pages_of(bench)
    lost = [answer for answer in sent if "/chapter/" in answer.url][2]
    write(path, [answer for answer in sent if answer is not lost])
    site.clear()
    (result,) = import_warc(empty.runtime, path).novels
    job = empty.job(result.job_ids[0])
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 7, 1)
    (failure,) = empty.failures(job.id)
    assert (failure.code, failure.url) == ("incomplete_warc", lost.url)
    assert site.requests == []
    assert empty.ingest(URL).chapters["new"] == 1


def test_redirects_and_other_forms_of_an_address_lead_to_the_page(
    bench: Workbench, empty: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "moved.warc"
    sent = pages_of(bench)
    index = next(answer for answer in sent if "/chapter/" not in answer.url)
    chapters = [answer for answer in sent if "/chapter/" in answer.url]
    for answer in chapters:
        answer.url = answer.url.replace("https://", "http://").replace("the-", "another-slug-")
    moved = Sent(URL, b"", status="301 Moved", headers={"Location": "/fiction/7/some-slug?x=1"})
    index.url = "https://www.royalroad.com/fiction/7/some-slug?x=1"
    write(path, [*chapters, moved, index])
    (result,) = import_warc(empty.runtime, path).novels
    assert empty.job(result.job_ids[0]).chapters["new"] == 8


def test_single_chapters_fill_the_gaps_of_a_novel_in_the_library(
    bench: Workbench, empty: Workbench, site: LookalikeServer, tmp_path: Path
) -> None:
    sent = pages_of(bench)
    chapters = [answer for answer in sent if "/chapter/" in answer.url]
    path = tmp_path / "two.warc"
    write(path, chapters[:2])
    with pytest.raises(IncompleteWarc, match="own page"):
        raise import_warc(empty.runtime, path).novels[0].error or AssertionError
    assert empty.value("SELECT count(*) FROM jobs") == 0
    rest = tmp_path / "rest.warc"
    write(rest, [answer for answer in sent if answer not in chapters[:2]])
    (result,) = import_warc(empty.runtime, rest).novels
    assert empty.job(result.job_ids[0]).chapters["failed"] == 2
    (result,) = import_warc(empty.runtime, path).novels
    assert empty.job(result.job_ids[0]).chapters["failed"] == 0
    assert empty.read(URL, "2").content_html == bench.read(URL, "2").content_html


def test_half_a_page_is_no_page(bench: Workbench, empty: Workbench, tmp_path: Path) -> None:
    """A crawler that gave up in the middle of a body says so with WARC-Truncated."""
    path = tmp_path / "half.warc"
    sent = pages_of(bench)
    chapter = next(answer for answer in sent if "/chapter/" in answer.url)
    chapter.body = chapter.body[: len(chapter.body) // 2]
    write(path, sent)
    marked = b"WARC-Target-URI: " + chapter.url.encode() + b"\r\n"
    path.write_bytes(path.read_bytes().replace(marked, marked + b"WARC-Truncated: time\r\n"))
    (result,) = import_warc(empty.runtime, path).novels
    assert empty.job(result.job_ids[0]).chapters["failed"] == 1
    assert [failure.code for failure in empty.failures(result.job_ids[0])] == ["incomplete_warc"]


def test_payload_digests_that_mean_something_else_do_no_harm(
    bench: Workbench, empty: Workbench, tmp_path: Path
) -> None:
    """The block's digest vouches for every byte of it."""
    path = tmp_path / "odd.warc"
    write(path, pages_of(bench))
    odd = re.sub(rb"(WARC-Payload-Digest: sha1:)\w{8}", rb"\1AAAAAAAA", path.read_bytes())
    path.write_bytes(odd)
    (result,) = import_warc(empty.runtime, path).novels
    assert empty.job(result.job_ids[0]).chapters["new"] == 8


def test_a_wall_is_no_page(bench: Workbench, empty: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "wall.warc"
    sent = pages_of(bench)
    chapter = next(answer for answer in sent if "/chapter/" in answer.url)
    chapter.body, chapter.headers = b"<html>Just a moment</html>", {"cf-mitigated": "challenge"}
    write(path, sent)
    (result,) = import_warc(empty.runtime, path).novels
    assert empty.job(result.job_ids[0]).chapters["failed"] == 1
    assert [failure.code for failure in empty.failures(result.job_ids[0])] == ["incomplete_warc"]
    assert empty.value("SELECT count(*) FROM pages WHERE kind = 'chapter'") == 7


def test_a_download_that_broke_off_is_told_without_any_digest(
    bench: Workbench, empty: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "cut.warc"
    write(path, pages_of(bench))
    data = re.sub(rb"WARC-(Block|Payload)-Digest: [^\r]+\r\n", b"", path.read_bytes())
    path.write_bytes(data[: data.rindex(b"</html>")])
    with pytest.raises(UnreadableWarc, match="ends inside record"):
        import_warc(empty.runtime, path)
    assert empty.value("SELECT count(*) FROM jobs") == 0


def test_one_broken_novel_is_no_harm_to_the_others(
    bench: Workbench, empty: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "two.warc"
    broken = Sent("https://www.royalroad.com/fiction/8", b"<html><body>Not so</body></html>")
    stray = Sent("https://www.royalroad.com/fiction/9/x/chapter/12/y", b"<html></html>")
    write(path, [broken, stray, *pages_of(bench)])
    results = {result.novel_id: result for result in import_warc(empty.runtime, path).novels}
    assert set(results) == {"7", "8"}
    assert isinstance(results["8"].error, PageChanged)
    assert results["8"].job_ids == []
    assert empty.job(results["7"].job_ids[0]).chapters["new"] == 8
