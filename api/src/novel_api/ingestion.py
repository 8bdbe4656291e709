"""`POST /ingest` and a novel's update. No request waits for Redis: the job is committed, then the
housekeeper is woken."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from novel_api.context import Api, ApiDep, IngesterDep
from novel_api.errors import IdempotencyMismatch, InvalidRequest
from novel_api.idempotency import IdempotencyKey, StoredResponse, respond_once
from novel_api.keys import Caller
from novel_api.openapi import LOCATION, REPLAYED, error_responses
from novel_core import intake
from novel_core.db.engine import session
from novel_core.errors import (
    AmbiguousUrl,
    InvalidSetting,
    InvalidUrl,
    PluginError,
    UnknownNovel,
    UnsupportedUrl,
)
from novel_core.intake import Submission
from novel_core.jobs.options import JobOptions
from novel_core.library.novels import find_novel
from novel_core.settings import MAX_TIMEOUT, MIN_TIMEOUT
from novel_core.states import JobState
from novel_core.urls import MAX_LENGTH

logger = logging.getLogger(__name__)
router = APIRouter(tags=["ingestion"])

#: Largest `recheck`: more chapters than any novel has.
_MOST_CHAPTERS = 1_000_000
_CREATED = "Ingestion job created and queued"
_OPEN = "A job for this novel is open already"


class IngestRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"url": "https://www.royalroad.com/fiction/7/a-tale"},
                {"url": "https://www.royalroad.com/fiction/7", "recheck": 5, "timeout": 600},
            ]
        },
    )

    url: str = Field(
        min_length=1,
        max_length=MAX_LENGTH,
        description="URL of a novel or of one of its chapters",
        examples=["https://www.royalroad.com/fiction/7/a-tale"],
    )
    recheck: Annotated[int, Field(ge=0, le=_MOST_CHAPTERS)] | Literal["all"] = Field(
        default=0, description="also download the newest N saved chapters again, or all of them"
    )
    force: bool = Field(
        default=False, description="download everything again, even chapters already saved"
    )
    accept_removals: bool = Field(
        default=False, description="accept a chapter list that has lost most of its chapters"
    )
    timeout: Annotated[int, Field(ge=MIN_TIMEOUT, le=MAX_TIMEOUT)] | None = Field(
        default=None, description="seconds that one attempt may take"
    )
    webhook: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)] | None = Field(
        default=None,
        description="URL that gets a message when the job has ended",
        examples=["https://my.example/hook"],
    )

    @property
    def options(self) -> JobOptions:
        return JobOptions(
            recheck=self.recheck,
            force=self.force,
            timeout=self.timeout,
            accept_removals=self.accept_removals,
        )


class AcceptedResponse(BaseModel):
    job_id: int = Field(examples=[42])
    status: JobState
    message: str = Field(examples=[_CREATED])


def accepted_responses(what: str, *, existing: bool = True) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that queues a job."""
    headers = {"Location": LOCATION, "Idempotency-Replayed": REPLAYED}
    example = {"job_id": 42, "status": "queued", "message": what}
    found: dict[int | str, dict[str, Any]] = {
        202: {
            "description": "The job is queued.",
            "headers": headers,
            "content": {"application/json": {"example": example}},
        }
    }
    if existing:
        found[200] = {
            "model": AcceptedResponse,
            "description": "A job for the same novel is open already: `job_id` is that one.",
            "headers": headers,
            "content": {
                "application/json": {"example": example | {"status": "crawling", "message": _OPEN}}
            },
        }
    return found


def queued(job_id: int, message: str = _CREATED) -> StoredResponse:
    """Return the response for a job that has just been queued."""
    body = {"job_id": job_id, "status": str(JobState.QUEUED), "message": message}
    return StoredResponse(202, body, {"Location": f"/jobs/{job_id}"})


def run_once(
    api: Api,
    caller: Caller,
    key: str | None,
    request: str,
    work: Callable[[Session], StoredResponse],
) -> Response:
    """Do the work in one transaction, once for each Idempotency-Key; then wake the housekeeper."""
    with session(api.runtime.database) as opened:
        answer = respond_once(opened, caller.key_id, key, request, lambda: work(opened))
    api.waker.wake()
    job_id = answer.body["job_id"]
    logger.info("%s: job %s", request.split("\n", 1)[0], job_id, extra={"job_id": job_id})
    return answer.response()


def accepted(
    submission: Submission, created: str = _CREATED, existing: str = _OPEN
) -> StoredResponse:
    """Return the response for a submission: its job is new, or was open already."""
    if submission.created:
        return queued(submission.job_id, created)
    body = {"job_id": submission.job_id, "status": str(submission.status), "message": existing}
    return StoredResponse(200, body, {"Location": f"/jobs/{submission.job_id}"})


@router.post(
    "/ingest",
    summary="Ingest a novel",
    status_code=202,
    response_model=AcceptedResponse,
    responses=accepted_responses(_CREATED)
    | error_responses(
        InvalidRequest,
        InvalidUrl,
        UnsupportedUrl,
        AmbiguousUrl,
        InvalidSetting,
        IdempotencyMismatch,
        PluginError,
    ),
)
def ingest_novel(
    body: IngestRequest, api: ApiDep, caller: IngesterDep, key: IdempotencyKey = None
) -> Response:
    """Queue the ingestion of the novel at `url`; submit it again for an update.

    A novel has one open job at a time: further submissions of the novel get that job.
    """

    def work(opened: Session) -> StoredResponse:
        target = intake.resolve(api.runtime.registry, body.url)
        settings = api.runtime.settings
        return accepted(intake.submit(opened, settings, target, body.options, webhook=body.webhook))

    return run_once(api, caller, key, f"POST /ingest\n{body.model_dump_json()}", work)


Slug = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$",
        description="the novel's slug, its id (`id:7` or `7`), or `source:id`",
        examples=["a-tale"],
    ),
]


@router.post(
    "/novels/{slug}/refresh",
    summary="Update a novel",
    status_code=202,
    response_model=AcceptedResponse,
    responses=accepted_responses(_CREATED)
    | error_responses(
        UnknownNovel,
        InvalidRequest,
        InvalidUrl,
        UnsupportedUrl,
        AmbiguousUrl,
        IdempotencyMismatch,
        PluginError,
    ),
)
def refresh_novel(
    slug: Slug, api: ApiDep, caller: IngesterDep, key: IdempotencyKey = None
) -> Response:
    """Queue an update: new chapters, the newest saved ones, and those checked longest ago."""

    def work(opened: Session) -> StoredResponse:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        return accepted(
            intake.refresh(opened, api.runtime.registry, api.runtime.settings, novel_id)
        )

    return run_once(api, caller, key, f"POST /novels/{slug}/refresh\n", work)
