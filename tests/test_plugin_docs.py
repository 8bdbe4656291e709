"""The documents for plugin authors, executed: the tutorial, every hook, the listener."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import tablesite
from sqlalchemy import Engine
from tablesite import TableChapter, TableSite, a_book
from workbench import NO_LIMIT, Workbench, quick_settings

from novel_core import Page, PageKind, SaveContext, SkipItem, services, watches
from novel_core.db.engine import session
from novel_core.errors import LoginRequired
from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP, LISTENER_HOOKS
from novel_core.items import Chapter
from novel_core.lookalike import ThreadedServer
from novel_core.recording.files import KEPT_HEADERS
from novel_core.registry import Registry
from novel_core.registry.hooks import SPECIFICATIONS, signature
from novel_core.runtime import Runtime, Servers
from novel_core.testing import SourceContract

BLOCK = re.compile(
    r"(?:^`(?P<path>[\w./-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL
)
#: The shell's own; what it does here is done by the environment.
ACTIVATE = ". env/bin/activate"


@pytest.fixture
def docs(project_root: Path) -> Path:
    return project_root / "docs" / "plugins"


def blocks(document: Path) -> list[dict[str, str]]:
    return [found.groupdict() for found in BLOCK.finditer(document.read_text(encoding="utf-8"))]


class Author:
    """Somebody who follows the tutorial in a folder of their own, without a network."""

    def __init__(self, folder: Path, site: str) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "PYTHON"))
        } | {
            "PATH": os.pathsep.join(
                [str(folder / "env" / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
            "NOVEL_DATA_DIR": str(folder / "data"),
            "NOVEL_HOST_MAP": f"table.example={site},www.table.example={site}",
            "NOVEL_SOURCES__TABLESITE__REQUESTS_PER_SECOND": "0",
            # What would be downloaded is there already.
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the option of that name: off
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def run(self, command: str) -> None:
        if command == ACTIVATE:
            self._share_packages()
            return
        if command.startswith("cd "):
            self.folder /= command.removeprefix("cd ")
            return
        ran = subprocess.run(
            shlex.split(command),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"$ {command}\n{ran.stdout}{ran.stderr}"

    def write(self, path: str, text: str) -> None:
        place = self.folder / path
        assert place.exists(), f"{path} is no file of the baked project"
        place.write_text(text, encoding="utf-8")

    def _share_packages(self) -> None:
        """Add the packages of this environment, after those of the author's; also a current pip."""
        [packages] = (self.folder / "env" / "lib").glob("python*/site-packages")
        for old in packages.glob("pip*"):
            shutil.rmtree(old)
        ours = sysconfig.get_paths()["purelib"]
        (packages / "shared.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        for name, module in {
            "novel": "novel_core",
            "pytest": "pytest",
            "mypy": "mypy",
            "pip": "pip",
        }.items():
            script = self.folder / "env" / "bin" / name
            script.write_text(f"#!/bin/sh\nexec '{script.parent}/python' -m {module} \"$@\"\n")
            script.chmod(0o755)


def test_the_tutorial(docs: Path, tmp_path: Path) -> None:
    site = TableSite(a_book())
    with ThreadedServer(site.app) as served:
        author = Author(tmp_path, served.url)
        try:
            for block in blocks(docs / "tutorial.md"):
                if block["path"]:
                    author.write(block["path"], block["text"])
                elif block["kind"] == "console":
                    for line in block["text"].splitlines():
                        author.run(line.removeprefix("$ "))
        finally:
            services.stop(tmp_path / "data", force=True)
        assert list((author.folder / "dist").glob("novel_tablesite-*.whl"))
        _check_testing_page(docs, author)


def _check_testing_page(docs: Path, author: Author) -> None:
    """The example in testing.md of a page written in a test."""
    [example] = [block for block in blocks(docs / "testing.md") if "PageChanged" in block["text"]]
    (author.folder / "tests" / "test_example.py").write_text(example["text"])
    author.run("pytest tests/test_example.py")


def test_testing_lists_every_test_of_the_contract(docs: Path) -> None:
    text = (docs / "testing.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(test_\w+)` \|", text, re.MULTILINE)
    assert listed == [
        name for part in SourceContract.__mro__ for name in vars(part) if name.startswith("test_")
    ]
    [kept] = re.findall(r"Of the headers only (.*?) are kept:", text, re.DOTALL)
    assert set(re.findall(r"`([\w-]+)`", kept)) == KEPT_HEADERS


def test_every_hook_is_documented_with_its_signature(docs: Path) -> None:
    headings = re.findall(
        r"^## `(.*)`$", (docs / "hooks.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert headings == [signature(hook) for hook in SPECIFICATIONS]


@pytest.fixture
def diary(docs: Path) -> Iterator[Any]:
    """The source that hooks.md writes down."""
    code = [block["text"] for block in blocks(docs / "hooks.md") if block["kind"] == "python"]
    module = types.ModuleType("diary_of_the_documents")
    sys.modules[module.__name__] = module
    exec(compile("\n".join(code), "hooks.md", "exec"), module.__dict__)
    yield module
    del sys.modules[module.__name__]


def test_the_examples_of_the_hooks_are_a_source(
    diary: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    point = EntryPoint("diary", diary.__name__, ENTRY_POINT_GROUP)
    registry = Registry.load(entry_points=[point], strict=True)
    source = registry.get("diary")
    assert set(source.hooks) == set(SPECIFICATIONS)
    [sample] = source.samples()
    match = source.match(sample.url)
    assert match is not None
    assert (match.url, match.novel_id) == (sample.canonical_url, sample.novel_id)
    body = b"<h2>Monday</h2><p>Rain.</p><h2>Day off</h2><p>Sun.</p>"
    parsed = source.parser().parse(Page(match.url, PageKind.INDEX, body))
    monday, sunday = (item for item in parsed.items if isinstance(item, Chapter))
    asking = monday.model_copy(update={"content_html": "<p>Rain.</p><p>Support me!</p>"})
    assert source.before_save(asking, SaveContext("diary", 1)).content_html == "<p>Rain.</p>"
    with pytest.raises(SkipItem):
        source.before_save(sunday, SaveContext("diary", 1))
    with pytest.raises(LoginRequired):
        source.spider()(name="diary").check(Page(match.url, PageKind.INDEX, b'<form id="login">'))


def test_the_listener_hooks_are_named(docs: Path) -> None:
    text = (docs / "hooks.md").read_text(encoding="utf-8").split("## Listeners")[1]
    assert all(f"`{hook}`" in text for hook in LISTENER_HOOKS)


@contextmanager
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", told
        server.shutdown()
        thread.join()


def test_the_example_tells_a_url_of_new_chapters(
    docs: Path, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only of a watched novel, and only of what is new."""
    monkeypatch.syspath_prepend(docs / "novel-notify")
    registry = Registry.load(
        entry_points=[
            EntryPoint("tablesite", "tablesite", ENTRY_POINT_GROUP),
            EntryPoint("notify", "novel_notify", LISTENER_GROUP),
        ],
        strict=True,
    )
    site = TableSite(a_book())
    url = f"{tablesite.ROOT}/book/1"
    with ThreadedServer(site.app) as served, receiver() as (hook, told):
        monkeypatch.setenv("NOTIFY_URL", hook)
        settings = quick_settings(
            host_map={tablesite.HOST: served.url}, sources={"tablesite": NO_LIMIT}
        )
        bench = Workbench(Runtime(settings, registry, database, Servers("", None)))
        bench.ingest(url)
        assert told == []  # not watched yet
        with session(database) as opened:
            watches.watch(opened, bench.value("SELECT id FROM novels"))
        bench.ingest(url)
        assert told == []  # nothing new
        site.books["1"].chapters.append(TableChapter("eight", "Eight", ["<p>Eighth.</p>"]))
        bench.ingest(url)
        assert told == [{"novel": "a-tale-of-lamps", "url": url, "new_chapters": ["Eight"]}]
        monkeypatch.setenv("NOTIFY_URL", "http://127.0.0.1:1/nobody")
        site.books["1"].chapters.append(TableChapter("nine", "Nine", ["<p>Ninth.</p>"]))
        job = bench.ingest(url)
        assert job.status == "done"  # a listener's failure harms nobody
        assert "notify" in str(bench.rows("SELECT message FROM job_events WHERE kind = 'warning'"))
