from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from novel_core.crawl.pacing import LocalPacer
from novel_core.crawl.politeness import group_of, make_pacer, politeness_of
from novel_core.errors import InvalidSetting
from novel_core.settings import Settings, SourceOverride, load_settings
from novel_core.source import Politeness, SourceInfo


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def run(self) -> None:
        """Wake the sleepers in order, until nobody sleeps."""
        await asyncio.sleep(0)
        while self._sleepers:
            self._sleepers.sort(key=lambda sleeper: sleeper[0])
            self.now, future = self._sleepers.pop(0)
            future.set_result(None)
            await asyncio.sleep(0)
            await asyncio.sleep(0)


def paced(rate: float = 2.0, jitter: float = 0.0) -> tuple[LocalPacer, Clock]:
    clock = Clock()

    def rates(host: str) -> tuple[str, float]:
        return ("site", rate) if host.endswith("example.org") else (host, 1.0 if rate else 0.0)

    return LocalPacer(rates, jitter, clock=clock, sleep=clock.sleep), clock


def slots(pacer: LocalPacer, clock: Clock, *hosts: str, then: Any = None) -> dict[str, list[float]]:
    passed: dict[str, list[float]] = {}

    async def one(host: str) -> None:
        await pacer.wait(host)
        passed.setdefault(host, []).append(clock.now - 1000.0)

    async def all_of_them() -> None:
        waiting = [asyncio.create_task(one(host)) for host in hosts]
        await asyncio.sleep(0)
        if then is not None:
            then()
        await clock.run()
        await asyncio.gather(*waiting)

    asyncio.run(all_of_them())
    return passed


def test_slots_are_a_gap_apart() -> None:
    pacer, clock = paced()
    assert slots(pacer, clock, *["www.example.org"] * 4) == {"www.example.org": [0, 0.5, 1.0, 1.5]}


def test_the_hosts_of_a_group_share_one_rate_and_others_have_their_own() -> None:
    pacer, clock = paced()
    passed = slots(
        pacer, clock, "www.example.org", "img.example", "example.org", "img.example", "cdn.example"
    )
    assert passed == {
        "www.example.org": [0],
        "example.org": [0.5],
        "img.example": [0, 1.0],
        "cdn.example": [0],
    }


def test_time_not_used_is_not_saved_up() -> None:
    pacer, clock = paced()
    slots(pacer, clock, "www.example.org")
    clock.now += 60
    assert slots(pacer, clock, *["www.example.org"] * 3) == {"www.example.org": [60, 60.5, 61]}


def test_jitter_only_ever_lengthens_a_gap() -> None:
    pacer, clock = paced(rate=10.0, jitter=0.5)
    (passed,) = slots(pacer, clock, *["www.example.org"] * 50).values()
    gaps = [after - before for before, after in pairwise(passed)]
    assert min(gaps) >= 0.1 - 1e-9
    assert max(gaps) <= 0.15 + 1e-9
    assert max(gaps) > min(gaps)


def test_a_site_may_ask_for_a_wider_gap_but_not_for_a_narrower_one() -> None:
    pacer, clock = paced(rate=2)
    pacer.widen("www.example.org", 5)
    pacer.widen("www.example.org", 0.1)
    assert slots(pacer, clock, *["www.example.org"] * 3) == {"www.example.org": [0, 5, 10]}
    pacer, clock = paced(rate=0)
    pacer.widen("www.example.org", 5)
    assert slots(pacer, clock, *["www.example.org"] * 2) == {"www.example.org": [0, 0]}


def test_no_rate_means_no_limit() -> None:
    pacer, clock = paced(rate=0)
    assert slots(pacer, clock, *["www.example.org"] * 3) == {"www.example.org": [0, 0, 0]}


def test_a_pause_moves_those_who_wait_already_and_keeps_the_gaps() -> None:
    pacer, clock = paced()
    passed = slots(
        pacer,
        clock,
        *["www.example.org"] * 4,
        then=lambda: pacer.pause("example.org", 30),
    )
    assert passed == {"www.example.org": [0, 30, 30.5, 31]}


def test_a_pause_holds_without_a_rate_too() -> None:
    pacer, clock = paced(rate=0)
    pacer.pause("www.example.org", 9)
    assert slots(pacer, clock, "www.example.org", "img.example") == {
        "img.example": [0],
        "www.example.org": [9],
    }


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    pacer, clock = paced()
    pacer.pause("www.example.org", 30)
    pacer.pause("www.example.org", 3)
    assert slots(pacer, clock, "www.example.org") == {"www.example.org": [30]}


INFO = SourceInfo(
    "example",
    "Example",
    "https://www.example.org",
    ("www.example.org", "example.org"),
    politeness=Politeness(requests_per_second=0.5, jitter=0.1, concurrency=3),
)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (SourceOverride(), Politeness(0.5, 0.1, 3)),
        (SourceOverride(requests_per_second=0), Politeness(0, 0.1, 3)),
        (SourceOverride(jitter=0, concurrency=9), Politeness(0.5, 0, 9)),
    ],
)
def test_the_owner_of_the_installation_has_the_last_word(
    override: SourceOverride, expected: Politeness
) -> None:
    assert politeness_of(INFO, Settings(sources={"example": override})) == expected
    assert politeness_of(INFO, Settings(sources={"other": override})) == INFO.politeness


def test_the_settings_of_a_family_hold_for_its_sites_and_a_site_s_own_win() -> None:
    family = SourceOverride(requests_per_second=0.2, concurrency=1, confirm_gates=True)
    own = SourceOverride(concurrency=2, confirm_gates=False)
    settings = Settings(sources={"my-forums": family, "example": own})
    site = replace(INFO, family="my-forums")
    assert politeness_of(site, settings) == Politeness(0.2, 0.1, 2)
    assert make_pacer(site, settings)._rates("example.org")[1] == 0.2
    assert not settings.source("example", "my-forums").confirm_gates
    assert settings.source("another", "my-forums").confirm_gates
    assert politeness_of(replace(site, name="another"), settings).concurrency == 1
    assert politeness_of(INFO, settings) == Politeness(0.5, 0.1, 2)


def paces(info: SourceInfo, rate: float | None = None) -> dict[str, tuple[str, float]]:
    """The group and the rate of each host, and of one that is not the source's."""
    settings = Settings(sources={info.name: SourceOverride(requests_per_second=rate)})
    pacer = make_pacer(info, settings)
    hosts = (*info.domains, *info.host_politeness, "images.example")
    return {host: pacer._rates(host) for host in hosts}


@pytest.mark.parametrize(("rate", "foreign"), [(0.5, 1.0), (0.0, 0.0)])
def test_a_source_is_one_group_and_an_image_host_another(rate: float, foreign: float) -> None:
    assert paces(INFO, rate) == {
        "www.example.org": ("www.example.org", rate),
        "example.org": ("www.example.org", rate),
        "images.example": ("images.example", foreign),
    }


def test_a_declared_group_is_that_of_all_hosts() -> None:
    info = replace(INFO, politeness=Politeness(0.5, rate_group="operator"))
    assert paces(info)["example.org"] == ("operator", 0.5)
    assert group_of(info, "https://example.org/a") == "operator"
    assert group_of(info, "https://images.example/a.png") == "images.example"


def test_a_host_may_have_a_rate_and_a_group_of_its_own() -> None:
    hosts = {
        "api.example.org": Politeness(2.0),
        "cdn.example.org": Politeness(9.0, rate_group="cdn"),
    }
    info = replace(INFO, domains=("www.example.org", "api.example.org"), host_politeness=hosts)
    assert paces(info) == {
        "www.example.org": ("www.example.org", 0.5),
        "api.example.org": ("api.example.org", 2.0),
        "cdn.example.org": ("cdn", 9.0),
        "images.example": ("images.example", 1.0),
    }


@pytest.mark.parametrize(
    ("override", "expected"),
    [(None, (0.5, 2.0)), (1.0, (1.0, 1.0)), (3.0, (3.0, 2.0)), (0.0, (0.0, 0.0))],
)
def test_the_settings_limit_every_host(
    override: float | None, expected: tuple[float, float]
) -> None:
    info = replace(INFO, host_politeness={"api.example.org": Politeness(2.0)})
    found = paces(info, override)
    assert (found["www.example.org"][1], found["api.example.org"][1]) == expected


def test_the_slowest_rate_of_a_group_holds() -> None:
    hosts = {
        "api.example.org": Politeness(0.2, rate_group="www.example.org"),
        "cdn.example.org": Politeness(0, rate_group="www.example.org"),
    }
    info = replace(INFO, host_politeness=hosts)
    assert {pace for host, pace in paces(info).items() if host != "images.example"} == {
        ("www.example.org", 0.2)
    }


def test_a_source_s_name_may_be_written_with_either_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    info = replace(INFO, name="forum-example-org")
    monkeypatch.setenv("NOVEL_SOURCES__FORUM_EXAMPLE_ORG__JITTER", "0.5")
    assert politeness_of(info, load_settings()).jitter == 0.5
    monkeypatch.setenv("NOVEL_SOURCES__FORUM-EXAMPLE-ORG__JITTER", "0.7")
    with pytest.raises(InvalidSetting, match=r"NOVEL_SOURCES: forum.* in two spellings"):
        load_settings()
    monkeypatch.delenv("NOVEL_SOURCES__FORUM_EXAMPLE_ORG__JITTER")
    assert politeness_of(info, load_settings()).jitter == 0.7
