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
from novel_core.errors import StorageError

router = APIRouter(tags=["service"])
_reads = [Depends(RequireScope(Scope.READ))]

_METRICS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The text format of Prometheus.",
        "content": {"text/plain": {"example": 'novel_jobs{status="queued"} 3.0\n'}},
    }
}


class HealthResponse(BaseModel):
    status: Literal["ok"] = "ok"


class ReadinessResponse(BaseModel):
    status: Literal["ready", "degraded"]
    database: str
    queue: str = Field(description="`ok`, or why queued jobs have to wait")
    housekeeping: str = Field(description="`ok`, or the maintenance task that fails")


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
