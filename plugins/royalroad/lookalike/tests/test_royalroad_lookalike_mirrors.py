"""The family of mirrors: each host is a site with a rate of its own, read from the look-alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine
from workbench import Workbench, quick_settings, registry_of

from novel_core.registry import load_registry
from novel_core.runtime import Runtime, Servers
from novel_royalroad_lookalike import Fiction, Library, LookalikeServer, mirrors

CHAPTERS = 5


def test_each_host_is_a_site_with_its_own_copy_of_a_fiction(database: Engine) -> None:
    fiction = Fiction.generate(7, chapters=CHAPTERS)
    with LookalikeServer(Library([fiction])) as site:
        hosts = [mirrors.host(number) for number in (1, 2)]
        settings = quick_settings(
            host_map=dict.fromkeys(hosts, site.url), sources={"mirrors": {"requests_per_second": 0}}
        )
        registry = registry_of(f"mirrors={mirrors.__name__}")
        bench = Workbench(Runtime(settings, registry, database, Servers("", None)))
        for host in hosts:
            url = f"https://{host}/fiction/7"
            assert bench.run(bench.submit(url)).error is None
            assert [chapter.title for chapter in bench.chapters(url)] == [
                chapter.title for chapter in fiction.chapters
            ]
        seen = [request.host for request in site.requests]
        assert seen.count(hosts[0]) == seen.count(hosts[1]) > CHAPTERS
        infos = [registry.resolve(f"https://{host}/fiction/7").source.info for host in hosts]
        assert [info.politeness.rate_group for info in infos] == hosts


def test_what_is_no_page_of_a_novel_is_not_matched() -> None:
    registry = registry_of(f"mirrors={mirrors.__name__}")
    source = registry.resolve(f"https://{mirrors.host(1)}/fiction/7").source
    assert source.match(f"https://{mirrors.host(1)}/home") is None


def test_installed_it_is_a_plugin_of_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "mirrors" not in load_registry().families
    mirrors.install(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert "mirrors" in load_registry().families
