"""`/jobs`: list, show, cancel and retry jobs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session
from starlette.responses import Response

from novel_api.conditional import KnownDep, conditional, json_response
from novel_api.context import ApiDep, IngesterDep
from novel_api.errors import IdempotencyMismatch, InvalidRequest
from novel_api.gate import RequireScope
from novel_api.idempotency import IdempotencyKey, StoredResponse
from novel_api.ingestion import AcceptedResponse, accepted_responses, queued, run_once
from novel_api.job_responses import DETAILED, EXAMPLE, JobDetailsResponse, JobResponse
from novel_api.keys import Scope
from novel_api.openapi import error_responses, ok_response
from novel_api.paging import PAGE, Cursor, Page, PageQuery, cursor_of
from novel_core import intake
from novel_core.db.engine import session
from novel_core.errors import JobNotOpen, NothingToRetry, UnknownJob
from novel_core.jobs.views import (
    JobFilter,
    count_failures,
    count_jobs,
    find_jobs,
    get_job as find_job,
    list_failures,
    list_warnings,
)
from novel_core.states import JobState

router = APIRouter(tags=["jobs"])
_reads = [Depends(RequireScope(Scope.READ))]

_MAX_ID = 2**63 - 1
_MOST_AT_ONCE = 200
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*", re.ASCII)
_RETRIED = "The job is queued again"

JobId = Annotated[int, Path(ge=1, le=_MAX_ID, description="the job's id", examples=[42])]
#: The name of a source, or the slug of a novel.
Name = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")]
_FAILURE = {
    "url": "https://www.royalroad.com/fiction/7/a-tale/chapter/70/one",
    "kind": "chapter",
    "chapter_id": "70",
    "chapter_ids": ["70"],
    "code": "site_unavailable",
    "message": "The site answered 503.",
    "at": "2026-01-02T03:04:50.123456Z",
}


class JobFailureResponse(BaseModel):
    url: str
    kind: str = Field(description="`chapter` or `image`")
    chapter_id: str | None = Field(
        description="id at the source; the first one if the page has several"
    )
    chapter_ids: list[str] = Field(description="ids of all chapters that are missing because of it")
    code: str
    message: str
    at: datetime


def _written_out(value: object) -> object:
    """Refuse a number, which pydantic would read as seconds since 1970."""
    if isinstance(value, str) and not _MOMENT.fullmatch(value):
        raise PydanticCustomError("moment", "Not a time such as 2026-01-02T03:04:05Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]


class JobQuery(BaseModel):
    """Filters of jobs. Times need an offset."""

    status: JobState | None = None
    source: Name | None = Field(default=None, description="a source's name")
    novel: Name | None = Field(default=None, description="a novel's slug")
    created_after: Moment | None = None
    created_before: Moment | None = None
    cursor: Cursor | None = Field(default=None, description="`next` of the previous page")
    limit: int = Field(default=50, ge=1, le=_MOST_AT_ONCE)


@router.get(
    "/jobs",
    summary="List jobs",
    dependencies=_reads,
    responses=ok_response(PAGE | {"items": [EXAMPLE], "page": None, "next": "NDI"})
    | error_responses(InvalidRequest),
)
def list_jobs(api: ApiDep, query: Annotated[JobQuery, Query()]) -> Page[JobResponse]:
    """A page of jobs, newest first; all filters must match. `next` is the next page's cursor."""
    wanted = JobFilter(
        status=query.status,
        source=query.source,
        novel=query.novel,
        created_after=_utc(query.created_after),
        created_before=_utc(query.created_before),
        before=query.cursor,
    )
    with session(api.runtime.database) as opened:
        found = find_jobs(opened, wanted, limit=query.limit + 1)
        total = count_jobs(opened, wanted)
    shown = [JobResponse.of(job) for job in found[: query.limit]]
    following = cursor_of(shown[-1].id) if len(found) > query.limit else None
    return Page.before_cursor(shown, total, query.limit, following)


def _utc(value: datetime | None) -> datetime | None:
    """Convert to UTC; InvalidRequest if the offset moves the time out of range."""
    try:
        return value.astimezone(UTC) if value is not None else None
    except OverflowError as error:
        raise InvalidRequest("The time is out of range.") from error


@router.get(
    "/jobs/{job_id}",
    summary="Show a job",
    dependencies=_reads,
    response_model=JobDetailsResponse,
    responses=conditional(DETAILED) | error_responses(UnknownJob, InvalidRequest),
)
def get_job(job_id: JobId, api: ApiDep, known: KnownDep) -> Response:
    """The current state of a job."""
    with session(api.runtime.database) as opened:
        view = find_job(opened, job_id)
        messages = list_warnings(opened, view.leader_id)
    return json_response(JobDetailsResponse.with_warnings(view, messages), known)


@router.get(
    "/jobs/{job_id}/errors",
    summary="List a job's failures",
    dependencies=_reads,
    responses=ok_response(PAGE | {"items": [_FAILURE]})
    | error_responses(UnknownJob, InvalidRequest),
)
def list_job_errors(
    job_id: JobId, api: ApiDep, query: Annotated[PageQuery, Query()]
) -> Page[JobFailureResponse]:
    """A page of the chapters and images that could not be fetched, and why."""
    with session(api.runtime.database) as opened:
        job = find_job(opened, job_id)
        leader = job.leader_id
        total = count_failures(opened, leader)
        failures = list_failures(opened, leader, offset=query.offset, limit=query.page_size)
    shown = [JobFailureResponse.model_validate(one, from_attributes=True) for one in failures]
    return Page.of(shown, total, query)


@router.post(
    "/jobs/{job_id}/cancel",
    summary="Cancel a job",
    responses=ok_response(EXAMPLE) | error_responses(UnknownJob, JobNotOpen, InvalidRequest),
)
def cancel_job(job_id: JobId, api: ApiDep, _caller: IngesterDep) -> JobResponse:
    """Cancel a job: at once if it waits, within seconds if it runs. Fetched pages are kept."""
    with session(api.runtime.database) as opened:
        return JobResponse.of(intake.cancel(opened, job_id))


_RETRY_RESPONSES: dict[int | str, dict[str, Any]] = accepted_responses(
    _RETRIED, existing=False
) | error_responses(UnknownJob, NothingToRetry, JobNotOpen, InvalidRequest, IdempotencyMismatch)


@router.post(
    "/jobs/{job_id}/retry",
    summary="Retry a job",
    status_code=202,
    response_model=AcceptedResponse,
    responses=_RETRY_RESPONSES,
)
def retry_job(
    job_id: JobId, api: ApiDep, caller: IngesterDep, key: IdempotencyKey = None
) -> Response:
    """Queue an ended job again for what is missing. Fetched pages are not requested again."""

    def work(opened: Session) -> StoredResponse:
        intake.retry(opened, api.runtime.settings, job_id)
        return queued(job_id, _RETRIED)

    return run_once(api, caller, key, f"POST /jobs/{job_id}/retry\n", work)
