"""Options of a submission."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from novel_core.settings import MAX_TIMEOUT, MIN_TIMEOUT


class JobOptions(BaseModel):
    """What a job does beyond fetching new chapters.

    `recheck`: request the newest N saved chapters again, or all of them; `rotate`: and the N whose
    last check is longest ago; `force`: download everything again, without conditional requests;
    `timeout`: seconds one attempt may take, None for NOVEL_JOB_TIMEOUT; `accept_removals`: accept a
    chapter list that has lost most of its chapters.

    >>> JobOptions(recheck="all").rechecks_all
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recheck: Annotated[int, Field(ge=0)] | Literal["all"] = 0
    rotate: int = Field(default=0, ge=0)
    force: bool = False
    timeout: int | None = Field(default=None, ge=MIN_TIMEOUT, le=MAX_TIMEOUT)
    accept_removals: bool = False

    @property
    def rechecks(self) -> bool:
        """Whether any saved chapter is requested again."""
        return self.force or self.recheck != 0 or self.rotate > 0

    def joined_with(self, other: JobOptions) -> JobOptions:
        """Return the options that include both.

        >>> JobOptions(recheck=5).joined_with(JobOptions(recheck=3, force=True))
        JobOptions(recheck=5, rotate=0, force=True, timeout=None, accept_removals=False)
        """
        both = (self.recheck, other.recheck)
        timeouts = [options.timeout for options in (self, other) if options.timeout]
        return JobOptions.model_validate(
            {
                "recheck": "all" if "all" in both else max(both),
                "rotate": max(self.rotate, other.rotate),
                "force": self.force or other.force,
                "timeout": max(timeouts, default=None),
                "accept_removals": self.accept_removals or other.accept_removals,
            }
        )

    @property
    def rechecks_all(self) -> bool:
        return self.force or self.recheck == "all"
