"""A page may name any number of pictures: so many are kept, and the job says that there are more."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
import toysite
from toysite import ToySite
from workbench import Workbench

from novel_core.page import Follow, Page
from novel_core.settings import SourceOverride
from novel_core.source import PageKind
from novel_core.states import JobState

#: 68 bytes.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
URL = "https://toy.example/works/1"


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine of them, on the novel's own page."""
    healthy = toysite.ToyParser.follow

    def follow(self: toysite.ToyParser, page: Page) -> list[Follow]:
        named = [Follow(f"{URL}/picture-{number}.png", PageKind.IMAGE) for number in range(9)]
        return [*healthy(self, page), *(named if page.kind is PageKind.INDEX else [])]

    monkeypatch.setattr(toysite.ToyParser, "follow", follow)


def limited(bench: Workbench, **settings: object) -> Workbench:
    runtime = bench.runtime
    return Workbench(replace(runtime, settings=runtime.settings.model_copy(update=settings)))


def asked(site: ToySite) -> int:
    return sum("picture" in path for path in site.requests)


def warnings(bench: Workbench, job_id: int) -> list[str]:
    return [event.message for event in bench.events(job_id) if event.kind == "warning"]


@pytest.mark.usefixtures("pictures")
def test_no_more_pictures_than_the_setting_says(bench: Workbench, site: ToySite) -> None:
    few = limited(bench, max_images=4)
    job = few.ingest(URL)
    assert (job.status, job.chapters["new"], job.pages_expected) == (JobState.DONE, 5, 10)
    assert asked(site) == 4
    [warning] = warnings(bench, job.id)
    assert "more pictures than are kept (4," in warning
    assert asked(site) == 4, "of an earlier job they count too"
    few.ingest(URL)
    assert asked(site) == 4


@pytest.mark.usefixtures("pictures")
def test_no_more_bytes_than_the_setting_says(bench: Workbench, site: ToySite) -> None:
    """Those asked for already may be over it; the others are not asked for any more."""
    site.picture = PIXEL
    alone = SourceOverride(requests_per_second=0, concurrency=1)
    tight = limited(bench, max_images_bytes=150, sources={"toysite": alone})
    job = tight.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 5)
    assert 3 <= asked(site) <= 5
    assert len(warnings(bench, job.id)) == 1
