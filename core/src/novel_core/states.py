"""The states of a job and every transition between them, in one table.

>>> JobState.QUEUED.can_become(JobState.CRAWLING)
True
>>> JobState.DONE.can_become(JobState.CRAWLING)
False
"""

from __future__ import annotations

from enum import StrEnum

#: The kind, and the source, of a job that proves a site and ingests nothing.
ADOPTION = "adoption"
#: The kind of a job that reads a site's list of recent changes, and ingests nothing.
RECENT = "recent"


class JobState(StrEnum):
    QUEUED = "queued"
    CRAWLING = "crawling"
    PARSING = "parsing"
    SAVING = "saving"
    DONE = "done"
    ERROR = "error"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL

    @property
    def is_active(self) -> bool:
        """Held by a process under a lease."""
        return self in ACTIVE

    def can_become(self, other: JobState) -> bool:
        return other in TRANSITIONS[self]


ACTIVE = frozenset({JobState.CRAWLING, JobState.PARSING, JobState.SAVING})
TERMINAL = frozenset({JobState.DONE, JobState.ERROR})

#: From a state to those that may follow it. An active state goes back to queued when the job is
#: handed back or waits for a retry, and to crawling when another process takes over an expired
#: lease. Pages are parsed again when a crash of the server has emptied staging. A job that is done
#: with gaps may be queued again to fill them.
TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.CRAWLING, JobState.ERROR}),
    JobState.CRAWLING: frozenset(
        {JobState.CRAWLING, JobState.PARSING, JobState.QUEUED, JobState.DONE, JobState.ERROR}
    ),
    JobState.PARSING: frozenset(
        {JobState.CRAWLING, JobState.PARSING, JobState.SAVING, JobState.QUEUED, JobState.ERROR}
    ),
    JobState.SAVING: frozenset(
        {JobState.CRAWLING, JobState.PARSING, JobState.DONE, JobState.QUEUED, JobState.ERROR}
    ),
    JobState.DONE: frozenset({JobState.QUEUED}),
    JobState.ERROR: frozenset({JobState.QUEUED}),
}
