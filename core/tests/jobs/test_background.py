"""Threads beside a job: one that fails goes on, and says so."""

from __future__ import annotations

import logging
import threading

import pytest

from novel_core.jobs.background import Background


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
