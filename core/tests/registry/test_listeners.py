"""Plugins that are no source: told what every plugin is told, asked nothing."""

from __future__ import annotations

from typing import Any

import pytest
from calling import call_listeners

from novel_core.hookspecs import Change, FinishedJob, SavedRef
from novel_core.items import Novel

GROUP = "novel.listeners"
LISTENER = """
from novel_core import hookimpl
TOLD = []

@hookimpl
def novel_after_save(item, ref, change):
    TOLD.append((item.title, ref.is_watched))

@hookimpl
def novel_job_finished(job):
    TOLD.append(job.status)
"""
NOVEL = Novel(source_id="7", url="https://good.example/n/7", title="A Tale")
JOB = FinishedJob(1, "good", "https://good.example/n/7", "done", None, None, {})


def told(registry: Any) -> list[Any]:
    [entry] = registry.listeners
    module = __import__(
        entry.listener.callers.novel_job_finished.get_hookimpls()[0].plugin.__name__
    )
    found: list[Any] = module.TOLD
    return found


def test_a_listener_hears_and_is_asked_nothing(site: Any) -> None:
    site.add("good")
    site.add("ears", LISTENER, group=GROUP)
    registry = site.registry()
    assert [entry.name for entry in registry.sources] == ["good"]
    assert (
        call_listeners(
            registry,
            "novel_after_save",
            item=NOVEL,
            ref=SavedRef(1, "a-tale", is_watched=True),
            change=Change.NEW,
        )
        == []
    )
    assert call_listeners(registry, "novel_job_finished", job=JOB) == []
    assert told(registry) == [("A Tale", True), "done"]


def test_a_listener_that_fails_is_named_and_harms_nobody(site: Any) -> None:
    site.add(
        "loud", LISTENER.replace("TOLD.append(job.status)", "raise ValueError(1)"), group=GROUP
    )
    registry = site.registry()
    [error] = call_listeners(registry, "novel_job_finished", job=JOB)
    assert "loud (novel-loud 1.0): novel_job_finished raised ValueError: 1" in error.message


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            None,
            "it implements novel_source_info, novel_match_url, novel_parser, novel_samples, which only sources are asked",
        ),
        ("", "it implements none of novel_after_save, novel_job_finished"),
        (
            LISTENER.replace("novel_job_finished(job)", "novel_job_finish(job)"),
            "did you mean novel_job_finished",
        ),
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
