"""`novel sites`: its words, JSON and exit codes, with real servers."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from boards import plugin
from chronicles import BASE, NOVEL, Chronicles, ChronicleSite, chapters
from commands import Novel
from sqlalchemy import Engine

from novel_core.registry import Registry

NAME = "chronicle-example"


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def novel(
    database: Engine,
    site: ChronicleSite,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Novel:
    command = Novel(monkeypatch, capsys)
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command.set("DATABASE_URL", url)
    command.set("REDIS_URL", redis_url)
    command.set("NOVEL_HOST_MAP", site.host_map)
    for name in ("ADOPTION", "CHRONICLE_EXAMPLE"):
        command.set(f"NOVEL_SOURCES__{name}__REQUESTS_PER_SECOND", "0")

    def load(**_: Any) -> Registry:
        return Registry.load(entry_points=[plugin("chronicle", Chronicles())])

    for place in ("runtime", "cli.sites_add", "cli.ingest_run"):
        monkeypatch.setattr(f"novel_core.{place}.load_registry", load)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return command


def test_the_life_of_a_site(novel: Novel, site: ChronicleSite) -> None:
    assert "No site was added" in novel("sites", "list").out
    proved = novel("sites", "add", NOVEL)
    assert proved.code == 3
    for words in (
        f"{BASE} runs Chronicle 3.2: proved",
        "The Harbour by Ann Author: 12 chapters found, 12 stated",
        "Chapter 6: 121 words",
        "There is no robots.txt",
        "4 requests sent",
    ):
        assert words in proved.out
    assert "Run it again with --yes to add it" in proved.err

    # The proof holds for a day: nothing is requested again.
    site.clear()
    assert novel("sites", "add", NOVEL).out == proved.out
    assert site.requests == []
    jobs = novel("jobs", "--json").json
    assert [(one["source"], one["status"]) for one in jobs] == [("adoption", "done")]
    assert "12 chapters found, 12 stated" in novel("job", str(jobs[0]["id"])).out

    added = novel("sites", "add", NOVEL, "--yes", "--title", "Ann's Tales", "--json")
    assert (added.code, added.json["site"], added.json["verdict"]) == (0, NAME, "proved")
    again = novel("sites", "add", NOVEL)
    assert (again.code, "Ann's Tales is read already" in again.out) == (0, True)
    assert novel("ingest", NOVEL).code == 0
    listed = novel("sites", "list", "--json").json
    assert [(one["name"], one["added_by"], one["novels"]) for one in listed] == [
        (NAME, "operator", 1)
    ]
    shown = novel("sites", "show", NAME)
    assert f"Ann's Tales  ({NAME})" in shown.out
    assert "12 chapters found, 12 stated" in shown.out

    assert novel("sites", "check", NAME).out == f"{NAME} (recordings): all as recorded\n"
    site.change(title="The Lighthouse")
    drifted = novel("sites", "check", NAME, "--live")
    assert drifted.code == 1
    assert "novel.title" in drifted.out
    assert '+ "The Lighthouse"' in drifted.out

    removed = novel("sites", "remove", NAME, "--yes")
    assert (removed.code, removed.out) == (0, f"{NAME} is removed. Novels that stay: 1.\n")
    refused = novel("ingest", NOVEL)
    assert (refused.code, "was removed" in refused.err) == (2, True)
    assert "novel sites add" in refused.err
    assert novel("show", f"{NAME}:7").code == 0


def test_a_person_is_asked(
    novel: Novel, site: ChronicleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "<meta name=generator content='Chronicle 3'><link rel=api href=https://api.example/v1>"
    site.change(head=head)
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    declined = novel("sites", "add", NOVEL)
    assert (declined.code, "api.example" in declined.err) == (2, True)
    monkeypatch.setattr(sys, "stdin", Terminal("y\ny\n"))
    added = novel("sites", "add", NOVEL)
    assert added.code == 0
    assert "Does api.example belong to the site?" in added.out
    assert f"Added as {NAME}. Now: novel ingest {NOVEL}" in added.out


def test_a_refusal_says_why(novel: Novel, site: ChronicleSite) -> None:
    site.change(chapters=chapters(0))
    refused = novel("sites", "add", NOVEL, "--yes", "--json")
    assert refused.code == 6
    assert refused.json["error_code"] == "proof_failed"
    assert refused.json["verdict"] == "refused"
    wrong = novel("sites", "add", f"{BASE}:8080/novel/7", "--json")
    assert (wrong.json["error_code"], wrong.json["site"]) == ("address_refused", None)
    unknown = novel("sites", "show", "nowhere")
    assert (unknown.code, "There is no site 'nowhere'" in unknown.err) == (5, True)
    queued = novel("sites", "add", f"{BASE}/novel/9", "--queue")
    assert (queued.code, "is queued. Follow it: novel job" in queued.out) == (0, True)
