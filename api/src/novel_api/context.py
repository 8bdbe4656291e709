"""What the routes work with: one object for each application, no globals."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from novel_api.gate import Needs
from novel_api.keys import Caller, Scope
from novel_api.metrics import Metrics
from novel_api.readiness import Readiness
from novel_api.streams import Streams
from novel_api.waking import Waker
from novel_api.web.sessions import SessionRing
from novel_core.runtime import Runtime

_BOOKS = 4


@dataclass(frozen=True, slots=True)
class Api:
    """`closing` is set when the process was told to stop: streams end then."""

    runtime: Runtime
    sessions: SessionRing
    waker: Waker
    streams: Streams
    metrics: Metrics
    readiness: Readiness
    #: Books that are made at the same time; each holds a connection and a thread until it is made.
    making: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(_BOOKS)
    )
    closing: asyncio.Event = field(default_factory=asyncio.Event)


async def _api_of(request: Request) -> Api:
    api: Api = request.app.state.api
    return api


#: The parameters of routes.
TheApi = Annotated[Api, Depends(_api_of)]
Reader = Annotated[Caller, Depends(Needs(Scope.READ))]
Ingester = Annotated[Caller, Depends(Needs(Scope.INGEST))]
