"""Sites of families from submission to job: names are stored once, and found by every process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import boards as boards_module
import pytest
import toysite
from aiohttp import web
from boards import Board, BoardOptions, Boards, plugin, served
from click.testing import CliRunner
from commands import Novel
from sqlalchemy import Engine, text
from workbench import NO_LIMIT, Workbench, quick_settings, registry_of

from novel_core import (
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    Page,
    Parser,
    Recognition,
    Site,
    SiteTable,
    Source,
)
from novel_core.cli.sources import sources
from novel_core.crawl.politeness import rate_groups
from novel_core.db.engine import open_database, session
from novel_core.errors import InvalidSetting, PluginError, StorageError, UnsupportedUrl
from novel_core.ingest.reparse import reparse_novel
from novel_core.lookalike import ThreadedServer
from novel_core.registry import Registry
from novel_core.runtime import Runtime, Servers
from novel_core.settings import SourceOverride
from novel_core.sites.naming import AddedBy, assign_name

ONE = Site("one", "boards", "https://one.example", title="One Board")
WILD = "https://ada.boards.example/t/1"


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadedServer(served()) as running:
        yield running.url


def bench_of(database: Engine, *points: Any, server: str = "", **settings: Any) -> Workbench:
    """As another machine with these plugins: a registry and a store of its own."""
    hosts = ("one.example", "ada.boards.example", "added.example", "old.example")
    settings = {"host_map": dict.fromkeys(hosts, server)} | settings if server else settings
    registry = Registry.load(entry_points=points)
    runtime = Runtime(quick_settings(**settings), registry, database, Servers("", None))
    return Workbench(runtime)


def boards(*sites: Site) -> Any:
    return plugin("boards", Boards(sites=sites, patterns=("*.boards.example",)))


def stored(database: Engine) -> list[tuple[str, str, str]]:
    with database.connect() as connection:
        rows = connection.execute(text("SELECT name, base_url, added_by FROM sites ORDER BY name"))
        return [tuple(row) for row in rows]


def add(database: Engine, site: Site, added_by: AddedBy = "operator") -> str:
    with session(database) as opened:
        return assign_name(opened, site, added_by)


@pytest.mark.parametrize(
    ("url", "row"),
    [
        ("https://one.example/t/1", ("one", "https://one.example", "package")),
        (WILD, ("ada-boards-example", "https://ada.boards.example", "wildcard")),
    ],
)
def test_a_site_is_stored_by_its_first_job(
    database: Engine, server: str, url: str, row: tuple[str, str, str]
) -> None:
    limits = {row[0]: NO_LIMIT}
    bench = bench_of(database, boards(ONE), server=server, sources=limits)
    assert stored(database) == []
    job = bench.ingest(url)
    assert (job.status, job.source) == ("done", row[0])
    assert stored(database) == [row]
    assert bench.ingest(url).status == "done"
    assert stored(database) == [row]


class Blog(Board):
    """A hosted blog, which writes its dates without a zone."""

    def parser(self) -> Parser:
        return DeclarativeParser(
            SiteTable(
                novel=NovelTable(title="h1", published="time"),
                chapter=ChapterTable(content="p@html"),
            ),
            match_url=self.match,
            version="1",
            time_zone=self.info.time_zone,
        )


class Blogs(Boards):
    """The software of hosted blogs: each tells its zone, title and interface on its pages."""

    def recognise(self, page: Page) -> Recognition | None:
        settings = page.document().scripts("#settings")
        if not settings:
            return None
        if "fault" in settings[0]:
            raise KeyError(settings[0]["fault"])
        return Recognition(0.9, **settings[0])

    def source(self, site: Site) -> Source:
        return Blog(site)


class BlogPages:
    """What the blogs serve: every path is one novel of one chapter."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] | None = {
            "base_url": "http://ada.boards.example/",
            "time_zone": "Asia/Tokyo",
            "title": "Ada writes",
            "language": "ja",
            "options": {"api": "/api/v2"},
        }

    def app(self) -> web.Application:
        async def page(request: web.Request) -> web.Response:
            if request.path == "/robots.txt":
                return web.Response(status=404)
            script = f"<script id=settings>{json.dumps(self.settings)}</script>"
            body = "<h1>A Tale</h1><time>2026-01-01 08:00</time><p>Text.</p>"
            return web.Response(
                text=body + (script if self.settings else ""), content_type="text/html"
            )

        app = web.Application()
        app.router.add_get("/{path:.*}", page)
        return app


@pytest.fixture
def blogs() -> Iterator[tuple[BlogPages, str]]:
    pages = BlogPages()
    with ThreadedServer(pages.app()) as running:
        yield pages, running.url


def blog_bench(database: Engine, server: str, *sites: Site) -> Workbench:
    point = plugin("blogs", Blogs(sites=sites, patterns=("*.boards.example",)))
    limits = dict.fromkeys(("ada-boards-example", "one"), NO_LIMIT)
    return bench_of(database, point, server=server, sources=limits)


SITES = "SELECT title, language, time_zone, options FROM sites"
PUBLISHED = "SELECT published_at AT TIME ZONE 'UTC' FROM novels"


def test_what_a_page_tells_of_a_hosted_site_is_known_to_its_first_job_and_to_all_others(
    database: Engine, blogs: tuple[BlogPages, str]
) -> None:
    pages, server = blogs
    bench = blog_bench(database, server)
    assert bench.ingest(WILD).status == "done"
    told = ("Ada writes", "ja", "Asia/Tokyo", {"api": "/api/v2"})
    assert bench.rows(SITES) == [told]
    assert str(bench.value(PUBLISHED)) == "2025-12-31 23:00:00"
    # Another machine, a page that does not tell, and a reparse: all know what was told.
    other = blog_bench(database, server)
    site = other.runtime.registry.resolve(WILD).source.site
    assert site is not None
    assert (site.title, site.language, site.time_zone, site.options) == told
    pages.settings = None
    assert other.ingest(WILD).chapters["unchanged"] == 1
    reparse_novel(other.runtime, other.novel_id(WILD))
    assert other.rows(SITES) == [told]
    assert str(other.value(PUBLISHED)) == "2025-12-31 23:00:00"
    # What it tells later is news; what it leaves out stays.
    pages.settings = {"base_url": "https://ada.boards.example", "options": {"feed": "/rss"}}
    assert other.ingest(WILD).status == "done"
    assert other.rows(SITES) == [(*told[:3], {"api": "/api/v2", "feed": "/rss"})]


@pytest.mark.parametrize(
    ("told", "warnings"),
    [
        ({"base_url": "https://bob.boards.example", "title": "Another"}, 0),
        ({"base_url": "https://ada.boards.example", "time_zone": "Mars/Olympus"}, 1),
        ({"base_url": "https://ada.boards.example", "title": 7}, 1),
        ({"fault": "title"}, 1),
    ],
)
def test_a_wrong_answer_is_left_out(
    database: Engine, blogs: tuple[BlogPages, str], told: dict[str, Any], warnings: int
) -> None:
    pages, server = blogs
    pages.settings = told
    bench = blog_bench(database, server)
    job = bench.ingest(WILD)
    assert (job.status, job.warnings) == ("done", warnings)
    assert bench.rows(SITES) == [("", None, "UTC", {})]


@pytest.mark.parametrize("added_by", ["package", "operator"])
def test_what_a_package_or_an_operator_says_stays(
    database: Engine, blogs: tuple[BlogPages, str], added_by: AddedBy
) -> None:
    pages, server = blogs
    pages.settings = {"base_url": "https://one.example", "title": "Told", "time_zone": "Asia/Tokyo"}
    if added_by == "operator":
        add(database, ONE)
    bench = blog_bench(database, server, *([ONE] if added_by == "package" else []))
    assert bench.ingest("https://one.example/t/1").status == "done"
    assert bench.rows(SITES) == [("One Board", None, "UTC", {})]


def test_a_job_is_run_on_a_machine_that_only_has_the_row(database: Engine, server: str) -> None:
    """Submitted where a package ships the site, run where the family is installed without it."""
    limits = {"one": NO_LIMIT}
    job_id = bench_of(database, boards(ONE), sources=limits).submit("https://one.example/t/1")
    other = bench_of(database, boards(), server=server, sources=limits)
    assert other.run(job_id).error is None
    assert other.novel_id("https://one.example/t/1") == other.novel_id("one:1")


def test_a_site_that_was_added_is_seen_by_all(database: Engine, server: str) -> None:
    bench = bench_of(database, boards(), server=server, sources={"added": NO_LIMIT})
    with pytest.raises(UnsupportedUrl):
        bench.runtime.registry.resolve("https://added.example/forum/t/1")
    site = Site("added", "boards", "https://added.example/forum")
    assert add(database, site) == "added"
    other = bench_of(database, boards(), server=server, sources={"added": NO_LIMIT})
    assert other.ingest("https://added.example/forum/t/1").source == "added"
    with pytest.raises(UnsupportedUrl, match="this address is not below it"):
        other.runtime.registry.resolve("https://added.example/t/1")


def test_the_stored_name_wins_over_the_one_a_package_ships_later(
    database: Engine, server: str
) -> None:
    add(database, replace(ONE, name="mine"))
    bench = bench_of(database, boards(ONE), server=server, sources={"mine": NO_LIMIT})
    registry = bench.runtime.registry
    resolved = registry.resolve("https://one.example/t/1")
    assert resolved.source.name == "mine"
    # The data is the package's.
    assert resolved.source.info.title == "One Board"
    assert registry.get("mine").info.title == "One Board"
    with pytest.raises(UnsupportedUrl):
        registry.get("one")
    assert bench.ingest("https://one.example/t/1").source == "mine"
    assert stored(database) == [("mine", "https://one.example", "operator")]


def test_a_shipped_name_that_another_site_has_is_varied(database: Engine, server: str) -> None:
    add(database, replace(ONE, base_url="https://other.example"))
    bench = bench_of(database, boards(ONE))
    name = bench.runtime.registry.resolve("https://one.example/t/1").source.name
    assert name.startswith("one-")
    job_id = bench.submit("https://one.example/t/1")
    assert bench.rows("SELECT source FROM jobs WHERE id = :id", id=job_id) == [(name,)]
    assert bench.runtime.registry.get("one").info.homepage == "https://other.example"


def test_a_wildcard_takes_no_name_that_is_used(database: Engine) -> None:
    add(database, Site("ada-boards-example", "boards", "https://else.example"))
    bench = bench_of(database, boards())
    name = bench.runtime.registry.resolve(WILD).source.name
    assert name.startswith("ada-boards-example-")
    bench.submit(WILD)
    assert [row[0] for row in stored(database)] == ["ada-boards-example", name]


def test_two_machines_agree_on_a_name(database: Engine) -> None:
    first = bench_of(database, boards(ONE))
    second = bench_of(database, boards(replace(ONE, name="newer")))
    jobs = [bench.submit("https://one.example/t/1") for bench in (first, second)]
    assert jobs[0] == jobs[1]
    assert second.runtime.registry.get("one").info.homepage == "https://one.example"


def test_what_is_disabled_is_not_used_from_the_table(database: Engine) -> None:
    add(database, Site("added", "boards", "https://added.example"))
    for disabled in ("added", "ada-boards-example"):
        registry = Registry.load(entry_points=[boards()], disabled={disabled})
        Runtime(quick_settings(), registry, database, Servers("", None))
        url = "https://added.example/t/1" if disabled == "added" else WILD
        with pytest.raises(UnsupportedUrl, match="is disabled") as caught:
            registry.resolve(url)
        assert "NOVEL_DISABLED_SOURCES" in caught.value.hint


def test_a_site_without_its_family_is_told(database: Engine) -> None:
    add(database, Site("added", "boards", "https://added.example"))
    bench = Workbench(
        Runtime(quick_settings(), registry_of("toysite"), database, Servers("", None))
    )
    with pytest.raises(UnsupportedUrl, match="needs the family 'boards', which is not installed"):
        bench.runtime.registry.get("added")
    with pytest.raises(UnsupportedUrl, match="needs the family 'boards', which is not installed"):
        bench.runtime.registry.resolve("https://added.example/t/1")


def test_nested_folders_belong_to_the_deepest_site(database: Engine) -> None:
    sites = (ONE, replace(ONE, name="inner", base_url="https://one.example/inner"))
    registry = bench_of(database, boards(*sites)).runtime.registry
    assert registry.resolve("https://one.example/inner/t/1").source.name == "inner"
    assert registry.resolve("https://one.example/t/1").source.name == "one"
    for site in (replace(site, base_url=site.base_url.replace("one", "old")) for site in sites):
        add(database, replace(site, name=f"old-{site.name}"))
    assert registry.resolve("https://old.example/inner/t/1").source.name == "old-inner"
    assert registry.resolve("https://old.example/t/1").source.name == "old-one"


TOY = "https://toy.example/works/1"


@pytest.mark.parametrize("in_use", [None, "boards", "rivals", "both"])
def test_of_two_sites_with_one_address_the_stored_one_is_loaded(
    database: Engine, in_use: str | None
) -> None:
    rival = replace(ONE, name="rival", family="rivals")
    for site in (ONE, rival):
        if in_use in {site.family, "both"}:
            add(database, site)
    points = (boards(ONE), plugin("rivals", Boards("rivals", [rival])))
    registry = bench_of(database, *points).runtime.registry
    if in_use in {None, "both"}:
        duplicates = [entry.name for entry in registry.sources if entry.state == "duplicate"]
        assert duplicates == ["one", "rival"]
        if in_use is None:
            with pytest.raises(UnsupportedUrl, match="used more than once"):
                registry.get("one")
        return
    source = registry.get("one" if in_use == "boards" else "rival")
    assert source.site is not None
    assert source.site.family == in_use
    assert registry.resolve("https://one.example/t/1").source.name == source.name


def test_of_two_sources_with_one_name_the_one_in_use_is_loaded(database: Engine) -> None:
    class Impostor(toysite.ToySource):
        info = replace(toysite.ToySource.info, homepage="https://e.example", domains=("e.example",))

    points = (plugin("first", toysite.ToySource()), plugin("second", Impostor()))
    registry = bench_of(database, *points).runtime.registry
    with pytest.raises(UnsupportedUrl, match="used more than once"):
        registry.get("toysite")
    with database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO novels (source, source_novel_id, url, index_url, slug, title, parser_version)"
                f" VALUES ('toysite', '1', '{TOY}', '{TOY}', 'a', 'A', '1')"
            )
        )
    registry = bench_of(database, *points).runtime.registry
    assert registry.get("toysite").info.homepage == toysite.ROOT
    assert registry.resolve(TOY).source.name == "toysite"


def test_without_a_database_shipped_and_wildcard_sites_are_resolved() -> None:
    registry = Registry.load(entry_points=[boards(ONE)])
    assert registry.resolve("https://one.example/t/1").source.name == "one"
    wild = registry.resolve(WILD).source
    assert (wild.name, wild.info.politeness.rate_group) == (
        "ada-boards-example",
        "*.boards.example",
    )
    assert registry.get(wild.name) is wild
    with pytest.raises(UnsupportedUrl):
        registry.resolve("https://boards.example/t/1")


def test_all_sites_of_a_pattern_share_one_rate(database: Engine) -> None:
    """Shipped and stored ones too, unless they name a group of their own."""
    shipped = Site("shipped", "boards", "https://shipped.boards.example")
    own = Site("own", "boards", "https://own.boards.example", rate_group="mine")
    add(database, Site("added", "boards", "https://added.boards.example"))
    registry = bench_of(database, boards(ONE, shipped, own)).runtime.registry
    groups = {
        host: set(rate_groups(registry.resolve(f"https://{host}/t/1").source.info).values())
        for host in ("shipped.boards.example", "added.boards.example", "ada.boards.example")
    }
    assert set(map(frozenset, groups.values())) == {frozenset({"*.boards.example"})}
    assert set(rate_groups(registry.get("own").info).values()) == {"mine"}
    assert set(rate_groups(registry.get("one").info).values()) == {"one.example"}


def test_sources_need_no_database() -> None:
    """While it is away, a plugin's own host is resolved; a site says what is wrong."""
    bench = bench_of(
        open_database("postgresql://novel@127.0.0.1:1/none"),
        boards(ONE),
        plugin("toys", toysite.ToySource()),
    )
    registry = bench.runtime.registry
    assert registry.resolve(TOY).source.name == "toysite"
    assert registry.get("toysite").name == "toysite"
    for url in ("https://one.example/t/1", WILD):
        with pytest.raises(StorageError):
            registry.resolve(url)


def label_of(bench: Workbench, name: str) -> Any:
    return bench.runtime.registry.get(name).source.options.label


def test_options_of_the_settings_win_over_those_of_the_site(database: Engine, server: str) -> None:
    site = replace(ONE, options={"label": "Story", "pages": 2})
    assert label_of(bench_of(database, boards(ONE)), "one") == "Thread"
    assert label_of(bench_of(database, boards(site)), "one") == "Story"
    own = SourceOverride(requests_per_second=0, options={"label": "Tale"})
    bench = bench_of(database, boards(site), server=server, sources={"one": own})
    assert bench.runtime.registry.get("one").source.options == BoardOptions("Tale", pages=2)
    bench.ingest("https://one.example/t/7")
    assert bench.rows("SELECT title FROM novels") == [("Tale 7",)]


def test_options_of_a_stored_site_are_read_from_its_row(database: Engine) -> None:
    add(database, Site("added", "boards", "https://added.example", options={"label": "Story"}))
    bench = bench_of(database, boards())
    assert label_of(bench, "added") == "Story"
    own = {"added": SourceOverride(options={"label": "Tale"})}
    assert label_of(bench_of(database, boards(), sources=own), "added") == "Tale"


def test_wrong_options_of_a_site_are_the_site_s_fault(database: Engine) -> None:
    bench = bench_of(database, boards(replace(ONE, options={"pages": "many"})))
    with pytest.raises(PluginError, match="The options of the site one are wrong: pages: "):
        bench.runtime.registry.resolve("https://one.example/t/1")


def test_a_wrong_option_ends_the_start(database: Engine) -> None:
    wrong = {"one": SourceOverride(options={"lable": "Tale"})}
    with pytest.raises(InvalidSetting, match="NOVEL_SOURCES__ONE__OPTIONS__LABLE") as caught:
        bench_of(database, boards(ONE), sources=wrong)
    assert caught.value.hint == "Did you mean NOVEL_SOURCES__ONE__OPTIONS__LABEL?"


def test_the_command_knows_sites_that_were_added(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, Site("added", "boards", "https://added.example", title="Added"))
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(
        "novel_core.cli.sources.load_registry",
        lambda *, strict: Registry.load(entry_points=[boards(ONE)], strict=strict),
    )
    run = CliRunner().invoke
    shown = run(sources, ["added"])
    assert shown.exit_code == 0, shown.exception
    assert "added.example" in shown.output
    assert "NOVEL_SOURCES__ADDED__OPTIONS__LABEL" in shown.output
    lifted = run(sources, ["--lift", "added"])
    assert lifted.output == "Requests to Added are allowed again.\n"
    assert isinstance(run(sources, ["other"]).exception, UnsupportedUrl)


#: Submits a novel of each of 20 sites that nobody has added, then prints the sources of the jobs.
_MACHINE = """
import sys
from boards import Boards, plugin
from novel_core.crawl.politeness import rate_groups
from novel_core.db.engine import open_database, session
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import get_job
from novel_core.registry import Registry
from novel_core.runtime import Runtime, Servers
from novel_core.settings import Settings
registry = Registry.load(entry_points=[plugin("boards", Boards(patterns=["*.boards.example"]))])
database = open_database(sys.argv[1])
runtime = Runtime(Settings(), registry, database, Servers("", None))
sys.stdin.readline()
for number in range(20):
    target = resolve(registry, f"https://b{number}.boards.example/t/1")
    with session(database) as opened:
        job_id = submit(opened, runtime.settings, target, JobOptions()).job_id
        print(job_id, get_job(opened, job_id).source)
"""


def test_two_processes_at_once_submit_novels_of_new_sites(database: Engine) -> None:
    add(database, Site("b0-boards-example", "boards", "https://else.example"))
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    machines = [
        subprocess.Popen(
            [sys.executable, "-c", _MACHINE, url],
            env=os.environ | {"PYTHONPATH": str(Path(boards_module.__file__).parent)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda one: one.communicate("\n")[0].splitlines(), machines))
    assert [one.returncode for one in machines] == [0, 0]
    # The same jobs, with the same names.
    assert told[0] == told[1]
    names = [line.split()[1] for line in told[0]]
    assert names[0].startswith("b0-boards-example-")
    assert names[1:] == [f"b{number}-boards-example" for number in range(1, 20)]
    # Any machine finds the site of the job again.
    registry = bench_of(database, boards()).runtime.registry
    homepages = [registry.get(name).info.homepage for name in names]
    assert homepages == [f"https://b{number}.boards.example" for number in range(20)]


def test_ingest_asks_the_database_where_no_package_has_the_host(
    database: Engine,
    server: str,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add(database, Site("added", "boards", "https://added.example"))
    novel = Novel(monkeypatch, capsys)
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    novel.set("DATABASE_URL", url)
    novel.set("REDIS_URL", redis_url)
    novel.set("NOVEL_HOST_MAP", f"added.example={server}")
    novel.set("NOVEL_SOURCES__ADDED__REQUESTS_PER_SECOND", "0")
    monkeypatch.setattr(
        "novel_core.cli.ingest_run.load_registry", lambda: Registry.load(entry_points=[boards()])
    )
    done = novel("ingest", "https://added.example/t/1", "--json")
    assert (done.code, done.json["source"], done.json["status"]) == (0, "added", "done")
    queued = novel("ingest", "https://added.example/t/2", "--queue", "--json")
    assert (queued.code, queued.json["source"], queued.json["status"]) == (0, "added", "queued")
    refused = novel("ingest", "https://nowhere.example/t/1")
    assert refused.code == 2
    assert "No source handles nowhere.example" in refused.err
