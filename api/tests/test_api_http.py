"""What every address does: HEAD, slashes at the end, compression; and what nobody has to wait for."""

from __future__ import annotations

import logging
import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from lxml import html
from polling import eventually
from served import Serve, Served

from novel_api.web import security_headers

PAGES = ("/", "/status", "/supported", "/activity", "/add")
FEEDS = ("/opds", "/opds/titles", "/opds/search.xml", "/feed.atom")
PROGRAMS = ("/novels", "/jobs", "/jobs/1", "/genres", "/authors", "/sources", "/version")
PROBES = ("/health", "/health/ready", "/metrics", "/openapi.json", "/docs")


@pytest.mark.parametrize("path", [*PAGES, *FEEDS, *PROGRAMS, *PROBES])
def test_head_is_get_without_the_body(api: Served, path: str) -> None:
    api.ingest()
    got, head = api.client.get(path), api.client.head(path)
    assert got.status_code == head.status_code == 200
    assert (head.content, head.headers["content-type"]) == (b"", got.headers["content-type"])
    assert head.headers.get("etag") == got.headers.get("etag")
    if path not in {*PAGES, "/metrics"}:  # a page has a token of its own
        assert head.headers.get("content-length") == got.headers.get("content-length")


def test_head_of_what_is_refused(api: Served) -> None:
    assert api.client.head("/jobs/42").status_code == 404
    assert api.client.head("/ingest").status_code == 405
    api.key("read")
    eventually(lambda: api.client.head("/novels").status_code == 401)


def test_head_of_a_stream_ends(api: Served) -> None:
    api.ingest()
    head = api.client.head("/jobs/1/events")
    assert head.headers["content-type"].startswith("text/event-stream")
    eventually(lambda: api.app.state.api.streams.open == 0)


@pytest.mark.parametrize("path", ["/opds", "/novels", "/jobs", "/book/x", "/health", "/jobs/1"])
def test_a_slash_at_the_end_leads_to_the_address(api: Served, path: str) -> None:
    for slashes in ("/", "//"):
        answer = api.client.get(f"{path}{slashes}", params={"page": 2})
        assert (answer.status_code, answer.headers["location"]) == (308, f"{path}?page=2")
    assert api.client.head(f"{path}/").status_code == 308
    assert api.client.get(f"{path}/").headers["location"] == path


def test_no_slash_leads_elsewhere(api: Served) -> None:
    base = str(api.client.base_url).rstrip("/")
    for path in ("//evil.example/", "///evil.example/jobs/", "/nothing/", "//"):
        answer = httpx.get(base + path, verify=False)
        assert answer.status_code == 404, path


def test_text_is_compressed(api: Served) -> None:
    for path in ("/openapi.json", "/"):
        for accepted in ("gzip", "br, gzip;q=0.5"):
            answer = api.client.get(path, headers={"Accept-Encoding": accepted})
            assert answer.headers["content-encoding"] == "gzip", path
            assert "accept-encoding" in answer.headers["vary"].lower()
        plain = api.client.get(path, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.text == answer.text or path == "/"  # the page has a token of its own
    small = api.client.get("/health", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers
    api.ingest()
    with api.client.stream("GET", "/jobs/1/events") as stream:
        assert "content-encoding" not in stream.headers


def test_a_compressed_answer_has_a_tag_of_its_own(api: Served) -> None:
    for number in range(12):
        api.bench.write(
            "INSERT INTO authors (source, source_author_id, name) VALUES ('toysite', :id, :name)",
            id=str(number),
            name=f"Somebody with a rather long name {number}",
        )
    path = "/opds"
    both = {
        coding: api.client.get(path, headers={"Accept-Encoding": coding})
        for coding in ("gzip", "identity")
    }
    tags = {coding: answer.headers["etag"] for coding, answer in both.items()}
    assert both["gzip"].headers["content-encoding"] == "gzip"
    assert tags["gzip"] != tags["identity"]
    for tag in tags.values():
        again = api.client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["etag"]) == (304, tag)


def test_searches_wait_for_each_other_and_nobody_for_them(serve: Serve) -> None:
    """Each search here hangs until the lock is gone: a table of the library is taken."""
    api = serve()
    base = str(api.client.base_url)

    def search(number: int) -> int:
        with httpx.Client(base_url=base, timeout=60, verify=False) as client:
            return client.get("/novels", params={"search": f"lamp {number}"}).status_code

    with ThreadPoolExecutor(20) as pool:
        with api.bench.database.connect() as held:
            held.exec_driver_sql("LOCK TABLE novels IN ACCESS EXCLUSIVE MODE")
            searches = [pool.submit(search, number) for number in range(20)]
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            eventually(lambda: api.bench.value(waiting) == 3)
            for _ in range(5):
                assert api.client.get("/health/ready").json()["status"] == "ready"
                assert api.client.get("/authors").status_code == 200
            eventually(lambda: sum(one.done() for one in searches) == 17)
            held.rollback()
        statuses = sorted(one.result() for one in searches)
    assert statuses == [200] * 3 + [503] * 17


def test_readiness_waits_for_no_connection_of_the_pool(api: Served) -> None:
    engine = api.bench.database
    held = []
    try:
        while engine.pool.checkedout() < engine.pool.size() + engine.pool._max_overflow:  # type: ignore[attr-defined]
            held.append(engine.connect())
        assert api.client.get("/health/ready").json()["status"] == "ready"
    finally:
        for connection in held:
            connection.close()


def test_a_body_that_breaks_off_is_no_bug(api: Served, caplog: pytest.LogCaptureFixture) -> None:
    address = (api.client.base_url.host, api.client.base_url.port or 0)
    for path, kind in (
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/add", "application/x-www-form-urlencoded"),
        ("/ingest", "application/json"),
    ):
        with socket.create_connection(address, timeout=20) as client:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            head += "Sec-Fetch-Site: same-origin\r\n"
            client.sendall(f"{head}Content-Length: 100\r\n\r\nurl=".encode())
            eventually(lambda: len(api.server.server_state.tasks) > 0)
        eventually(lambda: len(api.server.server_state.tasks) == 0)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_json_needs_no_header(api: Served) -> None:
    body = b'{"url": "https://toy.example/works/1"}'
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.client.post("/ingest", content=body, headers=form).status_code == 202
    assert api.client.post("/ingest", content=body).status_code == 200
    # What a page of another site could send as a form is refused by where it comes from.
    foreign = form | {"Origin": "http://localhost:1"}
    assert api.client.post("/ingest", content=body, headers=foreign).status_code == 403


def test_the_documentation_loads_nothing_from_elsewhere(api: Served) -> None:
    page = api.client.get("/docs")
    assert (
        page.headers["content-security-policy"]
        == security_headers.HEADERS["Content-Security-Policy"]
    )
    tree = html.fromstring(page.text)
    loaded = [*tree.xpath("//script/@src"), *tree.xpath("//link/@href")]
    assert len(loaded) == 4
    assert not tree.xpath("//script[not(@src)] | //style | //@style | //@onload")
    for address in loaded:
        assert address.startswith("/assets/"), address
        file = api.client.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    assert "SwaggerUIBundle" in api.client.get(loaded[0]).text
