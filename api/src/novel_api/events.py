"""`GET /jobs/{id}/events`: the events of a job as server-sent events, live until the job ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from novel_api.context import ApiDep, ReaderDep
from novel_api.errors import InvalidRequest, TooBusy
from novel_api.job_responses import JobResponse
from novel_api.jobs import JobId
from novel_api.keys import Caller, is_still_valid
from novel_api.openapi import TEXT, error_responses
from novel_core.db.engine import session
from novel_core.errors import StorageError, UnknownJob
from novel_core.jobs.views import JobEvent, JobView, get_job, list_events

router = APIRouter(tags=["jobs"])

#: Seconds between two queries.
INTERVAL = 0.5
#: Events read with one query.
_AT_ONCE = 500
#: Milliseconds until a client that lost the connection reconnects.
_RETRY = 2000
_EXAMPLE = (
    "event: state\nid: 170\n"
    'data: {"at":"2026-01-02T03:04:05Z","status":"crawling","message":"attempt 1"}\n\n'
    "event: progress\n"
    'data: {"status":"crawling","total":121,"done":40,"failed":0,"requests":42,"attempt":1}\n\n'
    'event: end\ndata: {"id":42,"status":"done"}\n\n'
)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`state`, `note` and `warning` have an id; the last event is `end`.",
        "content": {"text/event-stream": {"schema": TEXT, "example": _EXAMPLE}},
    }
}

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        pattern=r"^[0-9]{1,18}$",
        description="the last event seen: only later ones are sent",
    ),
]


class EventData(BaseModel):
    at: datetime
    status: str | None
    message: str


class ProgressData(BaseModel):
    status: str
    total: int
    done: int
    failed: int
    requests: int
    attempt: int


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """The job, its new events, and whether the caller's key is still valid."""

    job: JobView
    events: list[JobEvent]
    is_caller_valid: bool

    @property
    def progress(self) -> ProgressData:
        return ProgressData.model_validate(JobResponse.of(self.job), from_attributes=True)


def take_snapshot(database: Engine, job_id: int, after: int, caller: Caller) -> JobSnapshot:
    with session(database) as opened:
        # The job first: the event of its end must not be missed.
        job = get_job(opened, job_id)
        leader = job.leader_id
        events = list_events(opened, leader, after=after, limit=_AT_ONCE)
        return JobSnapshot(job, events, is_still_valid(opened, caller))


async def _opened(
    job_id: JobId, api: ApiDep, caller: ReaderDep, last_event_id: LastEventId = None
) -> AsyncIterator[JobSnapshot]:
    """The first snapshot, before the response begins: errors still have a status then."""
    with api.streams.place():
        after = int(last_event_id or 0)
        yield await run_in_threadpool(take_snapshot, api.runtime.database, job_id, after, caller)


@router.get(
    "/jobs/{job_id}/events",
    summary="Follow a job",
    response_class=EventSourceResponse,
    responses=_STREAM | error_responses(UnknownJob, InvalidRequest, TooBusy),
)
async def follow_job(
    job_id: JobId,
    api: ApiDep,
    caller: ReaderDep,
    first: Annotated[JobSnapshot, Depends(_opened)],
    last_event_id: LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    """Past events, then live ones, until the job ends. No `end` follows a revoked key."""
    look, seen, shown = first, int(last_event_id or 0), None
    yield ServerSentEvent(retry=_RETRY)
    while True:
        for event in look.events:
            seen = event.id
            data = EventData(at=event.at, status=event.status, message=event.message)
            yield ServerSentEvent(data=data, event=event.kind, id=str(event.id))
        is_behind = len(look.events) == _AT_ONCE
        if look.progress != shown:
            shown = look.progress
            yield ServerSentEvent(data=shown, event="progress")
        if JobResponse.of(look.job).status.is_terminal and not is_behind:
            yield ServerSentEvent(data=JobResponse.of(look.job), event="end")
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(api.closing.wait(), 0 if is_behind else INTERVAL)
        if api.closing.is_set():
            return
        try:
            look = await run_in_threadpool(
                take_snapshot, api.runtime.database, job_id, seen, caller
            )
        except StorageError:
            # A short outage is not reported to the client.
            look = replace(look, events=[])
        if not look.is_caller_valid:
            return
