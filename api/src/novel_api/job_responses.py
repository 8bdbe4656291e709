"""Response models of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from novel_core.jobs.views import JobView
from novel_core.states import JobState

EXAMPLE: dict[str, Any] = {
    "id": 42,
    "source_url": "https://www.royalroad.com/fiction/7/a-tale",
    "status": "done",
    "error_message": None,
    "created_at": "2026-01-02T03:04:05.678901Z",
    "updated_at": "2026-01-02T03:05:06.789012Z",
    "error_code": None,
    "error_hint": None,
    "started_at": "2026-01-02T03:04:06.123456Z",
    "finished_at": "2026-01-02T03:05:06.789012Z",
    "source": "royalroad",
    "joined_job_id": None,
    "attempt": 1,
    "requests": 122,
    "total": 121,
    "done": 120,
    "failed": 1,
    "chapters": {
        "total": 120,
        "new": 119,
        "changed": 0,
        "unchanged": 0,
        "locked": 0,
        "removed": 0,
        "failed": 1,
        "unlisted": 0,
    },
    "warnings": 1,
    "novel": {"slug": "a-tale", "title": "A Tale"},
}
#: The same job, as `GET /jobs/{job_id}` shows it.
DETAILED = EXAMPLE | {
    "warning_messages": [
        "https://www.royalroad.com/fiction/7: novel 7: status 'Asleep' is left out."
    ]
}


class JobNovel(BaseModel):
    slug: str
    title: str


class JobResponse(BaseModel):
    """A job's current state. A job that has joined another one shows that one's state."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: int
    source_url: str = Field(description="the submitted URL")
    status: JobState
    error_message: str | None = Field(description="what went wrong; null if nothing did")
    created_at: datetime
    updated_at: datetime
    error_code: str | None = Field(description="the stable code of the error")
    error_hint: str | None = Field(description="what to do about it")
    started_at: datetime | None
    finished_at: datetime | None
    source: str
    joined_job_id: int | None = Field(description="the job that continues with the same novel")
    attempt: int = Field(description="number of attempts so far")
    requests: int = Field(description="requests sent to the site, over all attempts")
    total: int = Field(description="pages to fetch, as far as known")
    done: int = Field(description="pages fetched so far")
    failed: int = Field(description="chapters that could not be fetched; see /jobs/{id}/errors")
    chapters: dict[str, int] = Field(
        description="number of saved chapters by kind; empty until the job is done"
    )
    warnings: int = Field(description="number of warnings of the newest attempt")
    novel: JobNovel | None = Field(description="null until it is saved")

    @classmethod
    def of(cls, view: JobView) -> JobResponse:
        own = {name: getattr(view, name, None) for name in cls.model_fields}
        return cls.model_validate(
            own
            | {
                "total": view.pages_expected,
                "done": view.pages_fetched,
                "failed": view.chapters.get("failed", 0),
                "novel": view.novel or None,
            }
        )


class JobDetailsResponse(JobResponse):
    """A job with the messages of its warnings."""

    model_config = ConfigDict(json_schema_extra={"examples": [DETAILED]})

    warning_messages: list[str]

    @classmethod
    def with_warnings(cls, view: JobView, messages: list[str]) -> JobDetailsResponse:
        return cls(**JobResponse.of(view).model_dump(), warning_messages=messages)
