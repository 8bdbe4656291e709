"""A chore of the housekeeper: when it is due."""

from __future__ import annotations

from novel_core.errors import StorageError
from novel_core.queue.housekeeping import REPAIR_EVERY, SWEEP_EVERY, Chore


def test_a_chore_that_failed_is_tried_again_soon() -> None:
    """Servers that were away for a moment do not make it a problem until its next turn."""
    tried: list[int] = []

    def do() -> None:
        tried.append(len(tried))
        if len(tried) == 1:
            raise StorageError("The database is away.")

    chore = Chore("sweeping", do, SWEEP_EVERY)
    chore.run_if_due(1.0)
    assert (chore.failing, chore.due - 1.0 <= REPAIR_EVERY) == ("storage_error", True)
    chore.run_if_due(chore.due)
    assert (chore.failing, len(tried)) == (None, 2)
