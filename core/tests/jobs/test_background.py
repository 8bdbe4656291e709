"""Threads beside a job: one that fails goes on, and says so; a lease that nobody renews ends the job all the same."""

from __future__ import annotations

import logging
import threading

import pytest

from novel_core.errors import LeaseLost, NovelError
from novel_core.jobs.background import Background
from novel_core.jobs.lease import Heartbeat


class Stumbling(Background):
    """Fails in its first turn."""

    def __init__(self) -> None:
        super().__init__("novel-test", 0.01)
        self.turns = 0
        self.well = threading.Event()

    def turn(self) -> bool:
        self.turns += 1
        if self.turns == 1:
            raise IndexError("list index out of range")
        self.well.set()
        return False


def test_a_turn_that_fails_is_logged_and_followed_by_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Stumbling() as stumbling:
        assert stumbling.well.wait(30)
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "novel-test failed"
    assert record.exc_info


def test_a_heartbeat_that_can_not_renew_for_whatever_reason_gives_the_job_up() -> None:
    lost = threading.Event()
    errors: list[NovelError] = []

    def renew() -> bool:
        raise IndexError("list index out of range")

    def give_up(error: NovelError) -> None:
        errors.append(error)
        lost.set()

    with Heartbeat(renew, 0.2, give_up):
        assert lost.wait(30)
    assert [type(error) for error in errors] == [LeaseLost]
