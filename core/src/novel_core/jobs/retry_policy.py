"""Whether and when a failed attempt is retried."""

from __future__ import annotations

import random
from dataclasses import dataclass

from novel_core.errors import Maintenance, NotYet, NovelError, RateLimited

#: The longest pause in seconds, unless the site itself requires a longer one.
LONGEST = 3600.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A job is retried after a temporary failure, until it has failed `max_failures` times.

    >>> from novel_core.errors import NotFound, SiteUnavailable
    >>> policy = RetryPolicy(max_failures=3, backoff=10)
    >>> policy.delay(NotFound("Gone."), failures=0) is None
    True
    >>> 10 <= policy.delay(SiteUnavailable("Down."), failures=0) <= 12.5
    True
    >>> policy.delay(SiteUnavailable("Down."), failures=2) is None
    True
    """

    max_failures: int
    backoff: float

    def delay(self, error: NovelError, failures: int) -> float | None:
        """Return the seconds until the next attempt; None to end the job.

        `failures` are those before this error.
        """
        if not error.retryable or failures + 1 >= self.max_failures:
            return None
        spread = 1 + random.random() / 4  # noqa: S311 - no secret
        pause = min(self.backoff * 2.0**failures * spread, LONGEST)
        if isinstance(error, Maintenance | NotYet | RateLimited):
            return max(pause, error.retry_after)
        return pause
