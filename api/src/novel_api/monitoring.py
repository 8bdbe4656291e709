"""`/health`, `/metrics` and `/version`: for monitoring."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse, Response

from novel_api import __version__
from novel_api.context import ApiDep
from novel_api.gate import RequireScope
from novel_api.keys import Scope
from novel_api.openapi import error_responses, ok_response
from novel_api.stats import SHOWN
from novel_core.errors import StorageError
from novel_core.queue.load import process_loads

router = APIRouter(tags=["service"])
_reads = [Depends(RequireScope(Scope.READ))]

_METRICS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The text format of Prometheus.",
        "content": {"text/plain": {"example": 'novel_jobs{status="queued"} 3.0\n'}},
    }
}


_QUEUE = {
    "processes": [{"name": "vm1.4711", "running": 1, "slots": 32}],
    "groups": [
        {"name": "site.example", "running": 1, "waiting": 999, "requests": 58, "allowed": 60}
    ],
    "more_groups": 0,
}


class HealthResponse(BaseModel):
    status: Literal["ok"] = "ok"


class ReadinessResponse(BaseModel):
    status: Literal["ready", "degraded"]
    database: str
    queue: str = Field(description="`ok`, or why queued jobs have to wait")
    housekeeping: str = Field(description="`ok`, or the maintenance task that fails")


class ProcessResponse(BaseModel):
    name: str = Field(description="host and process", examples=["vm1.4711"])
    running: int = Field(description="crawls that run")
    slots: int = Field(description="crawls it can run at once")


class GroupResponse(BaseModel):
    name: str = Field(description="a host, or the name that hosts share", examples=["site.example"])
    running: int
    waiting: int
    requests: int | None = Field(
        description="sent within about a minute; null without a limit, or while Redis is away"
    )
    allowed: int | None = Field(description="in a minute; null without a limit")


class QueueResponse(BaseModel):
    """`groups` are the rate groups with most jobs, `more_groups` how many others have any."""

    processes: list[ProcessResponse]
    groups: list[GroupResponse]
    more_groups: int


class VersionResponse(BaseModel):
    version: str


@router.get(
    "/health",
    summary="Liveness probe",
    responses=ok_response({"status": "ok"}) | error_responses(public=True),
)
async def get_health() -> HealthResponse:
    """The process is alive. Needs neither database nor Redis."""
    return HealthResponse()


@router.get(
    "/health/ready",
    summary="Readiness probe",
    responses=ok_response(
        {"status": "ready", "database": "ok", "queue": "ok", "housekeeping": "ok"}
    )
    | error_responses(StorageError, public=True),
)
async def get_readiness(api: ApiDep) -> ReadinessResponse:
    """Ready: the database has this version's schema. Without Redis `degraded`: jobs wait."""
    state = await api.readiness.check_async()
    return ReadinessResponse.model_validate(state, from_attributes=True)


@router.get(
    "/health/queue",
    summary="Show what runs where",
    dependencies=_reads,
    responses=ok_response(_QUEUE) | error_responses(),
)
def get_queue(api: ApiDep) -> QueueResponse:
    """Crawls of each worker process, and jobs of each rate group; at most five seconds old."""
    stats = api.metrics.stats()
    return QueueResponse(
        processes=[
            ProcessResponse.model_validate(process, from_attributes=True)
            for process in process_loads(stats.slots)
        ],
        groups=[
            GroupResponse.model_validate(group, from_attributes=True)
            for group in stats.groups[:SHOWN]
        ],
        more_groups=max(0, len(stats.groups) - SHOWN),
    )


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    dependencies=_reads,
    response_class=PlainTextResponse,
    responses=_METRICS | error_responses(),
)
def get_metrics(api: ApiDep) -> Response:
    """Jobs, queue and workers; at most five seconds old."""
    return Response(api.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get(
    "/version",
    summary="Show the version",
    dependencies=_reads,
    responses=ok_response({"version": __version__}) | error_responses(),
)
async def get_version() -> VersionResponse:
    """The version of this API."""
    return VersionResponse(version=__version__)
