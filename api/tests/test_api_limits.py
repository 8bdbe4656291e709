"""The rate limit: a sliding window for each sender, with a true pause, in bounded memory."""

from __future__ import annotations

import random

import pytest

from novel_api import limits as module
from novel_api.errors import TooManyRequests
from novel_api.limits import RateLimit


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self, now: float = 7_200.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def accepted(rates: RateLimit, sender: str = "a") -> bool:
    try:
        rates.count(sender)
    except TooManyRequests:
        return False
    return True


def test_no_minute_has_more_than_the_limit_by_much() -> None:
    """The window is exact within a minute; across two it assumes that requests came evenly."""
    clock, chosen = Clock(), random.Random(7)
    rates = RateLimit(20, 1, clock)
    times: list[float] = []
    for _ in range(5_000):
        clock.now += chosen.random()
        if accepted(rates):
            times.append(clock.now)
    most = max(sum(start <= one < start + 60 for one in times) for start in times)
    assert 20 <= most <= 30
    assert len(times) >= 20 * (times[-1] - times[0]) / 60 * 0.9


@pytest.mark.parametrize("limit", [1, 2, 7, 600])
@pytest.mark.parametrize("start", [0.0, 0.5, 29.9, 59.9])
def test_the_pause_is_enough_and_hardly_more(limit: int, start: float) -> None:
    clock = Clock(7_200.0 + start)
    rates = RateLimit(limit, 1, clock)
    for _ in range(50):
        while accepted(rates):
            pass
        with pytest.raises(TooManyRequests) as caught:
            rates.count("a")
        pause = caught.value.retry_after
        assert pause is not None
        assert 0 < pause <= 120
        clock.now += pause - 0.01
        assert not accepted(rates)
        clock.now += 0.02
        assert accepted(rates)


def test_senders_are_counted_apart_and_processes_share() -> None:
    rates = RateLimit(10, 4, Clock())
    assert [accepted(rates, "a") for _ in range(4)] == [True] * 3 + [False]
    assert accepted(rates, "b")
    assert all(accepted(RateLimit(0, 1), "a") for _ in range(1_000))


def test_a_long_silence_forgets_all() -> None:
    clock = Clock()
    rates = RateLimit(2, 1, clock)
    assert [accepted(rates) for _ in range(3)] == [True, True, False]
    clock.now += 120
    assert [accepted(rates) for _ in range(3)] == [True, True, False]


def test_made_up_senders_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_SENDERS", 100)
    rates = RateLimit(1, 1, Clock())
    for number in range(1_000):
        rates.count(f"address {number}")
        assert len(rates._counts) + len(rates._last_counts) <= 200
