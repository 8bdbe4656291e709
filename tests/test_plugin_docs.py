"""The documents for plugin authors, executed: the tutorial, every hook, the listener."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import threading
import tomllib
import types
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import tablesite
from packaging.requirements import Requirement
from sqlalchemy import Engine
from tablesite import TableChapter, TableSite, a_book
from workbench import NO_LIMIT, Workbench, quick_settings

import novel_core.testing
from novel_core import (
    ChapterListTable,
    Family,
    Page,
    PageKind,
    SaveContext,
    SkipItem,
    Source,
    hookspecs,
    read_sites,
    services,
    watches,
)
from novel_core.db.engine import session
from novel_core.errors import LoginRequired, UnsupportedUrl
from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP, LISTENER_HOOKS, PROJECT
from novel_core.items import Chapter
from novel_core.lookalike import ThreadedServer
from novel_core.recording.files import KEPT_HEADERS
from novel_core.registry import Registry
from novel_core.runtime import Runtime, Servers
from novel_core.settings import load_settings
from novel_core.testing import FamilyContract, SourceContract
from novel_core.testing.page_tests import PageTests

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
        """Add the packages of this environment, after those of the author's own: the pip is Python's."""
        [packages] = (self.folder / "env" / "lib").glob("python*/site-packages")
        ours = sysconfig.get_paths()["purelib"]
        (packages / "shared.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        for name, module in {
            "novel": "novel_core",
            "pytest": "pytest",
            "mypy": "mypy",
        }.items():
            script = self.folder / "env" / "bin" / name
            script.write_text(f"#!/bin/sh\nexec '{script.parent}/python' -m {module} \"$@\"\n")
            script.chmod(0o755)


@pytest.mark.kit
@pytest.mark.timeout(600)
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


def test_every_block_of_toml_registers_a_plugin_or_states_a_range(docs: Path) -> None:
    """The other blocks are run by the tests of their pages."""
    found = [
        tomllib.loads(block["text"])
        for page in docs.glob("*.md")
        for block in blocks(page)
        if block["kind"] == "toml"
    ]
    assert len(found) >= len(("source", "hooks", "versioning"))
    for table in found:
        groups = set(table.get("project", {}).get("entry-points", {}))
        assert groups <= {ENTRY_POINT_GROUP, LISTENER_GROUP}
        [*ranges] = table.get("dependencies", [])
        assert groups or all(Requirement(one).name == "novel-core" for one in ranges)
        assert groups or ranges


def test_the_suites_of_testing_are_those_of_the_package(docs: Path) -> None:
    suites: dict[str, Any] = {"__file__": str(docs / "test_contract.py")}
    code = [block["text"] for block in blocks(docs / "testing.md") if block["kind"] == "python"]
    for text in code:
        exec(compile(text, "testing.md", "exec"), suites)
    assert issubclass(suites["TestContract"], FamilyContract)
    assert suites["TestRecordings"].recordings == docs / "recordings"


def test_the_site_of_tables_is_read_from_a_file(docs: Path) -> None:
    """The options of a site in tables.md, as lines of its sites.toml."""
    text = (docs / "tables.md").read_text(encoding="utf-8")
    [line] = re.findall(r"`(options\.table\.chapters = \{[^`]+\})`", text)
    [site] = read_sites(f'family = "board"\n[[sites]]\nbase_url = "https://a.example"\n{line}\n')
    assert set(site.options["table"]["chapters"]) <= set(ChapterListTable.model_fields)


def test_testing_lists_every_test_of_the_contract(docs: Path) -> None:
    text = (docs / "testing.md").read_text(encoding="utf-8")
    source, family = text.split("## The contract of a family")
    assert sorted(_listed(source)) == sorted(_tests_of(SourceContract))
    assert set(_listed(family)) == set(_tests_of(FamilyContract)) - set(_tests_of(PageTests))
    [kept] = re.findall(r"Of the headers only (.*?) are kept:", text, re.DOTALL)
    assert set(re.findall(r"`([\w-]+)`", kept)) == KEPT_HEADERS


def _listed(text: str) -> list[str]:
    return re.findall(r"^\| `(test_\w+)` \|", text, re.MULTILINE)


def _tests_of(suite: type) -> list[str]:
    return [name for part in suite.__mro__ for name in vars(part) if name.startswith("test_")]


def test_the_pages_are_listed_and_each_leads_to_the_next(docs: Path) -> None:
    index = (docs / "README.md").read_text(encoding="utf-8")
    order = re.findall(r"^\| [0-9]+ \| \[[^]]+\]\((\w+\.md)\) \|", index, re.MULTILINE)
    assert set(order) == {page.name for page in docs.glob("*.md")} - {"README.md"}
    for name, following in zip(order, [*order[1:], "README.md"], strict=True):
        *_, last = (docs / name).read_text(encoding="utf-8").splitlines()
        assert re.fullmatch(rf"[\w ]+: \[[^]]+\]\({following}\)\.", last), (name, last)


@pytest.mark.parametrize("page", ["README.md", "tutorial.md"])
def test_the_settings_of_a_look_alike_are_right(
    docs: Path, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [shell] = [block["text"] for block in blocks(docs / page) if block["kind"] == "sh"]
    for line in shell.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
    settings = load_settings()
    hosts = dict.fromkeys(("table.example", "www.table.example"), "http://127.0.0.1:8080")
    assert settings.host_map == hosts
    assert settings.source("tablesite").requests_per_second == 0


def hook_functions() -> dict[str, str]:
    """Each hook with its signature."""
    found = inspect.getmembers(hookspecs, lambda value: hasattr(value, f"{PROJECT}_spec"))
    return {name: f"{name}{inspect.signature(hook)}".replace("'", "") for name, hook in found}


def test_every_hook_is_documented_with_its_signature(docs: Path) -> None:
    text = (docs / "hooks.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## `(.*)`$", text, re.MULTILINE)
    assert sorted(headings) == sorted(hook_functions().values())


@pytest.fixture
def example(docs: Path) -> Iterator[Any]:
    """The plugin that source.md and hooks.md write down."""
    names = ("source.md", "hooks.md")
    code = [
        block["text"]
        for name in names
        for block in blocks(docs / name)
        if block["kind"] == "python"
    ]
    module = types.ModuleType("plugin_of_the_documents")
    sys.modules[module.__name__] = module
    future = "from __future__ import annotations\n"
    text = future + "\n".join(code).replace(future, "")
    exec(compile(text, "source.md", "exec"), module.__dict__)
    yield module
    del sys.modules[module.__name__]


def test_the_examples_are_a_source_a_family_and_a_listener(example: Any) -> None:
    point = EntryPoint("examples", example.__name__, ENTRY_POINT_GROUP)
    registry = Registry.load(entry_points=[point], strict=True)
    source = registry.get("diary")
    assert set(source.plugin.hooks) == set(hook_functions())
    [sample] = source.samples()
    match = source.match(sample.url)
    assert match is not None
    assert (match.url, match.novel_id) == (sample.canonical_url, sample.novel_id)
    assert source.match("https://elsewhere.example/7") is None
    body = b"<h2>Monday</h2><p>Rain.</p><h2>Day off</h2><p>Sun.</p>"
    parsed = source.parser().parse(Page(match.url, PageKind.INDEX, body))
    monday, sunday = (item for item in parsed.items if isinstance(item, Chapter))
    asking = monday.model_copy(update={"content_html": "<p>Rain.</p><p>Support me!</p>"})
    assert source.before_save(asking, SaveContext("diary", 1)).content_html == "<p>Rain.</p>"
    with pytest.raises(SkipItem):
        source.before_save(sunday, SaveContext("diary", 1))
    source.source.options = example.DiarySource.Options(days_off=True)
    assert source.before_save(sunday, SaveContext("diary", 1)) == sunday
    with pytest.raises(LoginRequired):
        source.spider()(name="diary").check(Page(match.url, PageKind.INDEX, b'<form id="login">'))


def test_the_family_of_the_examples(example: Any) -> None:
    point = EntryPoint("examples", example.__name__, ENTRY_POINT_GROUP)
    registry = Registry.load(entry_points=[point], strict=True)
    for url, name in {
        "https://harbour.example/story/7": "quiet-harbour",
        "https://example.net/tales/story/7": "example-net-tales",
        "https://mine.inkstand.example/story/7": "mine-inkstand-example",
    }.items():
        assert registry.resolve(url).source.name == name
    [sample] = registry.get("quiet-harbour").samples()
    assert registry.resolve(sample.url).match.url == sample.canonical_url
    with pytest.raises(UnsupportedUrl):
        registry.resolve("https://example.net/story/7")
    mark = (
        b'<meta name="generator" content="Inkstand 2.1"><a rel="home" href="https://h.example/a/">'
    )
    page = Page("https://h.example/a/story/7", PageKind.INDEX, mark)
    found = registry.families["inkstand"].recognise(page)
    assert found is not None
    assert (found.base_url, found.version) == ("https://h.example/a", "2.1")


def test_the_listener_hooks_are_named(docs: Path) -> None:
    text = (docs / "hooks.md").read_text(encoding="utf-8").split("## Listeners")[1]
    assert all(f"`{hook}`" in text for hook in LISTENER_HOOKS)


def test_the_reference_has_every_name(docs: Path) -> None:
    """Its contents are compared by the check of the documents."""
    text = (docs / "reference.md").read_text(encoding="utf-8")
    listed = re.findall(r"^### `(\w+)`$", text, re.MULTILINE)
    names = [name for name in novel_core.__all__ if not name.startswith("_")]
    assert sorted(listed) == sorted([*names, *hook_functions(), *novel_core.testing.__all__])


def test_source_names_every_member(docs: Path) -> None:
    text = (docs / "source.md").read_text(encoding="utf-8")
    for contract in (Source, Family):
        members = {*vars(contract), *contract.__annotations__}
        for member in (name for name in members if not name.startswith("_")):
            assert f"`{member}" in text, member


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
