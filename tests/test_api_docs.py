"""docs/api.md against a real API: every example is sent, every table held against the code, the receiver's snippet run."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

import httpx
import pytest
from polling import eventually
from programs import Program, free_port
from sqlalchemy import Engine
from workbench import Workbench
from working import running_worker, service_environment

from novel_api.ingestion import IngestRequest
from novel_api.job_responses import JobResponse
from novel_api.jobs import JobQuery
from novel_api.keys import Scope, create_key
from novel_api.problems import PROBLEMS, kind_of
from novel_core.db.engine import session
from novel_core.errors import NovelError, StorageError
from novel_core.settings.webhook_url import signing_key
from novel_core.states import JobState
from novel_core.webhooks.message import message_of, signed_headers
from novel_royalroad_lookalike import Fiction, Library, LookalikeServer

BASE = "http://127.0.0.1:8000"
FENCE = "```"
EXPECTED = re.compile(r"\s+# (\d{3})$")


@dataclass(frozen=True)
class Example:
    """A command of the document. `expected` is the status it is meant to get; None means any 2xx."""

    command: str
    expected: int | None

    @property
    def needs_key(self) -> bool:
        return "$KEY" in self.command

    def run(self, base: str, folder: Path, **values: str) -> str:
        """The body of the answer, after a look at its status."""
        words = [Template(word).safe_substitute(values) for word in shlex.split(self.command)]
        words = [word.replace(BASE, base) for word in words]
        asked = [*words, "--silent", "--show-error", "--max-time", "60"]
        told = ["--write-out", "%{stderr}%{http_code}"]
        ran = subprocess.run(
            [*asked, *told], cwd=folder, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{self.command}\n{ran.stderr}"
        status = int(ran.stderr[-3:])
        fits = status == self.expected if self.expected else 200 <= status < 300
        assert fits, f"{self.command}\n{status} {ran.stdout}"
        return ran.stdout


@pytest.fixture
def document(project_root: Path) -> str:
    return (project_root / "docs" / "api.md").read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    """The contents of its blocks of code in this language."""
    return re.findall(rf"^{FENCE}{language}\n(.*?)^{FENCE}$", document, re.DOTALL | re.MULTILINE)


def examples(document: str) -> list[Example]:
    lines = [line for block in blocks(document, "sh") for line in block.splitlines()]
    found = []
    for line in lines:
        if line.startswith("curl"):
            mark = EXPECTED.search(line)
            found.append(Example(EXPECTED.sub("", line), int(mark[1]) if mark else None))
    return found


def table(document: str, heading: str) -> list[list[str]]:
    """The cells of the table whose head begins with these words, a list for each row."""
    assert document.count(f"\n{heading}") == 1, heading
    after = document.split(f"\n{heading}", 1)[1].splitlines()[2:]
    rows = []
    for line in after:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def names(rows: list[list[str]]) -> list[str]:
    """What the first column names, in backticks."""
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]


@pytest.fixture
def environment(database_url: str, redis_url: str) -> Iterator[dict[str, str]]:
    fiction = Fiction.generate(33844, chapters=4)
    fiction.title, fiction.slug = "The Runesmith", "the-runesmith"
    with LookalikeServer(Library([fiction])) as site:
        yield service_environment(
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            NOVEL_HOST_MAP=site.host_map,
            NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND="0",
            NOVEL_WEBHOOK_SECRET="a long random text",
        )


@pytest.fixture
def base(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Where a `novel api` answers."""
    port = free_port()
    command = [sys.executable, "-m", "novel_api", "--port", str(port)]
    with Program(command, environment, tmp_path) as program:
        eventually(lambda: "serving at" in program.said or program.process.poll() is not None)
        assert program.process.poll() is None, program.said
        yield f"http://127.0.0.1:{port}"


@pytest.mark.system  # curl
def test_every_example_works(
    document: str, base: str, environment: dict[str, str], database: Engine, tmp_path: Path
) -> None:
    """In their order. The worker runs from the first stream on to its end, so that what is open afterwards stays open."""
    [shown] = [block for block in blocks(document, "json") if '"code"' in block]
    found = examples(document)
    assert len(found) == len(re.findall("^curl", document, re.MULTILINE))
    problems = []
    has_run = False
    for example in found:
        with ExitStack() as stack:
            if "/events" in example.command and not has_run:
                has_run = True
                stack.enter_context(running_worker(environment, tmp_path))
            if not example.needs_key:
                body = example.run(base, tmp_path)
                problems += [json.loads(body)] if example.expected == 404 else []
    assert problems == [json.loads(shown)]

    with session(database) as opened:
        made = create_key(opened, "me", ["ingest"])
    assert made is not None
    eventually(lambda: httpx.get(f"{base}/jobs").status_code == 401)
    keyed = [example for example in found if example.needs_key]
    assert len(keyed) == 2
    for example in keyed:
        example.run(base, tmp_path, KEY=made[1])


@pytest.mark.system  # curl
def test_the_first_answer_is_the_one_shown(document: str, base: str, tmp_path: Path) -> None:
    first = next(example for example in examples(document) if example.command.endswith("/ingest"))
    [shown] = [block for block in blocks(document, "json") if '"message"' in block]
    assert json.loads(first.run(base, tmp_path)) == json.loads(shown)


def test_every_route_is_listed_with_its_scope(document: str, base: str, database: Engine) -> None:
    described = httpx.get(f"{base}/openapi.json", timeout=60).json()["paths"]
    routes = {f"{method.upper()} {path}" for path, found in described.items() for method in found}
    rows = table(document, "| request | what it does")
    assert set(names(rows)) == routes
    with session(database) as opened:
        made = create_key(opened, "reader", [Scope.READ])
    assert made is not None
    reader = {"Authorization": f"Bearer {made[1]}"}
    eventually(lambda: httpx.get(f"{base}/jobs").status_code == 401)
    for row in rows:
        for route in names([row]):
            method, path = route.split()
            # Job 0 and a slug of one hyphen cannot be: refused after the scope was looked at, or not at all.
            path = path.format(job_id=0, slug="-", number=0, image_id=0, author_id=0, name="-")
            body = (
                {"json": {"url": "x"}} if method == "POST" and path in {"/ingest", "/sites"} else {}
            )
            without = httpx.request(method, base + path, **body)
            assert (without.status_code == 401) == (row[2] != "none"), route
            code = httpx.request(method, base + path, headers=reader, **body)
            assert (code.status_code == 403) == (row[2] in {"`ingest`", "`admin`"}), (
                route,
                code.text,
            )


def subclasses(base: type[NovelError]) -> set[type[NovelError]]:
    return {base}.union(*map(subclasses, base.__subclasses__()))


def test_the_table_of_codes_is_complete(document: str, base: str) -> None:
    told = {*PROBLEMS} | subclasses(StorageError)
    documented = [(row[0].strip("`"), int(row[1])) for row in table(document, "| code | status")]
    assert len(documented) == len(set(documented))
    assert set(documented) == {(error.code, kind_of(error).status) for error in told}
    assert [status for _, status in documented] == sorted(status for _, status in documented)
    shared = httpx.get(f"{base}/openapi.json", timeout=60).json()["components"]["examples"]
    described = {(code, told["value"]["status"]) for code, told in shared.items()}
    assert described <= set(documented)


def test_the_other_tables_name_what_there_is(document: str) -> None:
    assert names(table(document, "| field | value")) == list(IngestRequest.model_fields)
    assert set(names(table(document, "| field | meaning"))) == set(JobResponse.model_fields)
    assert names(table(document, "| status | meaning")) == [str(state) for state in JobState]
    assert set(names(table(document, "| parameter | meaning"))) == set(JobQuery.model_fields)
    assert names(table(document, "| scope | allows")) == [str(scope) for scope in Scope]


@pytest.mark.parametrize("secret", ["a long random text", "whsec_bm90IHZlcnkgc2VjcmV0"])
def test_the_receivers_snippet_tells_our_messages_from_others(
    document: str, secret: str, bench: Workbench
) -> None:
    job = bench.job(bench.submit("https://www.royalroad.com/fiction/7"))
    number = uuid.uuid4()
    body = message_of(job, number, datetime.now(UTC))
    now = int(time.time())
    headers = signed_headers(signing_key(secret), str(number), now, body)

    [shown] = [block for block in blocks(document, "json") if '"event"' in block]
    assert list(json.loads(shown)) == list(json.loads(body))
    assert names(table(document, "| header | value")) == list(headers)

    [snippet] = blocks(document, "python")
    scope: dict[str, Any] = {}
    exec(snippet, scope)
    is_genuine: Callable[[str, dict[str, str], bytes], bool] = scope["is_genuine"]
    sent = body.encode()
    assert is_genuine(secret, headers, sent)
    two = headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert is_genuine(secret, two, sent)
    assert not is_genuine("another", headers, sent)
    assert not is_genuine(secret, headers, sent + b" ")
    assert not is_genuine(secret, headers | {"webhook-id": "1"}, sent)
    assert not is_genuine(secret, headers | {"webhook-timestamp": str(now + 1)}, sent)
    assert not is_genuine(secret, headers | {"webhook-signature": "v1,é"}, sent)
    old = signed_headers(signing_key(secret), str(number), now - 3600, body)
    assert not is_genuine(secret, old, sent)
