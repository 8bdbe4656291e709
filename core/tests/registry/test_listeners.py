"""Hooks that listen: every plugin that implements one is called, whatever the others do."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from calling import call_listeners

from novel_core.hookspecs import Change, FinishedJob, SavedRef
from novel_core.items import Novel

GROUP = "novel.listeners"
HEAD = "from novel_core import hookimpl\nTOLD = []\n"
SAVED = """
@hookimpl
def novel_item_saved(item, ref, change):
    TOLD.append((item.title, ref.is_watched, change))
"""
FINISHED = """
@hookimpl
def novel_job_finished(job, saved):
    TOLD.append((job.status, [ref.slug for ref in saved]))
"""
LISTENER = HEAD + SAVED + FINISHED
NOVEL = Novel(source_id="7", url="https://good.example/n/7", title="A Tale")
REF = SavedRef(1, "a-tale", is_watched=True)
JOB = FinishedJob(1, "good", "https://good.example/n/7", "done", None, None, {})
HEARD = ("A Tale", True, Change.NEW)


def tell_item(registry: Any) -> list[str]:
    problems = call_listeners(registry, "novel_item_saved", item=NOVEL, ref=REF, change=Change.NEW)
    return [problem.message for problem in problems]


def tell_job(registry: Any) -> list[str]:
    problems = call_listeners(registry, "novel_job_finished", job=JOB, saved=(REF,))
    return [problem.message for problem in problems]


def hook(head: str, body: str) -> str:
    return f"\n@hookimpl\ndef {head}:\n    {body}\n"


def test_a_listener_hears_and_gives_no_source(site: Any) -> None:
    site.add("good")
    module = site.add("ears", LISTENER, group=GROUP)
    registry = site.registry()
    assert [entry.name for entry in registry.sources] == ["good"]
    assert tell_item(registry) == tell_job(registry) == []
    assert sys.modules[module].TOLD == [HEARD, ("done", ["a-tale"])]


def test_a_plugin_with_sources_listens_as_well(site: Any) -> None:
    module = site.add("good", extra="TOLD = []" + SAVED)
    registry = site.registry(strict=True)
    assert registry.sources[0].hooks == ("novel_item_saved", "novel_sources")
    assert tell_item(registry) == []
    assert sys.modules[module].TOLD == [HEARD]


def test_a_plugin_of_several_sources_hears_once(site: Any) -> None:
    second = """
class Second(Own):
    info = SourceInfo("second", "Second", "https://second.example", ("second.example",))

@hookimpl
def novel_sources():
    yield Own()
    yield Second()
"""
    module = site.add("good", extra="TOLD = []" + SAVED + second)
    registry = site.registry(strict=True)
    assert [entry.name for entry in registry.sources] == ["good", "second"]
    assert tell_item(registry) == []
    assert sys.modules[module].TOLD == [HEARD]


def test_a_plugin_whose_sources_are_disabled_does_not_listen(site: Any) -> None:
    module = site.add("plugin", extra="TOLD = []" + SAVED)
    registry = site.registry(disabled={"plugin"})
    assert tell_item(registry) == []
    assert module not in sys.modules


def test_a_listener_that_fails_is_named_and_harms_nobody(site: Any) -> None:
    modules = [site.add("a", LISTENER, group=GROUP), site.add("z", LISTENER, group=GROUP)]
    site.add("b", extra=hook("novel_item_saved(item)", "raise ValueError('no')"))
    site.add("c", extra=hook("novel_item_saved(ref)", "raise SystemExit(2)"))
    site.add(
        "d",
        extra="from novel_core import SkipItem\n"
        + hook("novel_item_saved()", "raise SkipItem")
        + hook("novel_job_finished(job)", "raise OSError(job.status)"),
    )
    registry = site.registry(strict=True)
    assert tell_item(registry) == [
        "The plugin b (novel-b 1.0): novel_item_saved raised ValueError: no.",
        "The plugin c (novel-c 1.0): novel_item_saved raised SystemExit: 2.",
        "The plugin d (novel-d 1.0): novel_item_saved raised SkipItem.",
    ]
    assert tell_job(registry) == [
        "The plugin d (novel-d 1.0): novel_job_finished raised OSError: done."
    ]
    for module in modules:
        assert sys.modules[module].TOLD == [HEARD, ("done", ["a-tale"])]


def test_a_hook_may_leave_out_arguments_and_have_another_name(site: Any) -> None:
    remember = "@hookimpl(specname='novel_item_saved')\ndef remember(change): TOLD.append(change)\n"
    module = site.add("ears", HEAD + remember, group=GROUP)
    assert tell_item(site.registry(strict=True)) == []
    assert sys.modules[module].TOLD == [Change.NEW]


def test_nobody_listens(site: Any) -> None:
    site.add("good", extra=hook("novel_job_finished()", "pass"))
    registry = site.registry()
    assert registry.listening("novel_job_finished")
    assert not registry.listening("novel_item_saved")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "it gives sources: register it under novel.sources"),
        ("", "it implements none of novel_item_saved, novel_job_finished"),
        (HEAD + hook("novel_job_finish(job)", "pass"), "unknown hook 'novel_job_finish'"),
        (HEAD + hook("novel_item_saved(items)", "pass"), "Argument(s) {'items'} are declared"),
    ],
)
def test_what_is_no_listener(site: Any, code: str | None, words: str) -> None:
    site.add("odd", code, group=GROUP)
    [entry] = site.registry().listeners
    assert entry.state == "failed"
    assert words in entry.error


def test_listeners_are_listed_and_can_be_disabled(site: Any) -> None:
    site.add("ears", LISTENER, group=GROUP)
    listed = site.run("sources", "--json")
    assert '"kind": "listener"' in listed.stdout
    assert "ears" in site.run("sources").stdout
    off = site.run("sources", "--json", disabled="ears")
    assert '"state": "disabled"' in off.stdout
