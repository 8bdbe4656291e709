"""What a submission may ask of a job beyond its URL."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class JobOptions(BaseModel):
    """`recheck`: also ask again for the newest N chapters held, or all of them; `force`: fetch everything anew,
    without conditional requests.

    >>> JobOptions(recheck="all").rechecks_all
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recheck: Annotated[int, Field(ge=0)] | Literal["all"] = 0
    force: bool = False

    @property
    def rechecks(self) -> bool:
        """Whether any chapter held is asked for again."""
        return self.force or self.recheck != 0

    def joined_with(self, other: JobOptions) -> JobOptions:
        """What satisfies both.

        >>> JobOptions(recheck=5).joined_with(JobOptions(recheck=3, force=True))
        JobOptions(recheck=5, force=True)
        """
        both = (self.recheck, other.recheck)
        recheck = "all" if "all" in both else max(both)
        return JobOptions.model_validate({"recheck": recheck, "force": self.force or other.force})

    @property
    def rechecks_all(self) -> bool:
        return self.force or self.recheck == "all"
