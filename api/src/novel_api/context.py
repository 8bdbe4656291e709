"""What the routes work with: one object for each application, no globals."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from novel_api.gate import Needs
from novel_api.keys import Caller, Scope
from novel_api.made_books import MadeBooks
from novel_api.metrics import Metrics
from novel_api.readiness import Readiness
from novel_api.sessions import SessionRing
from novel_api.streams import Streams
from novel_api.waking import Waker
from novel_core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Api:
    """`closing` is set when the process was told to stop: streams end then."""

    runtime: Runtime
    sessions: SessionRing
    waker: Waker
    streams: Streams
    metrics: Metrics
    readiness: Readiness
    books: MadeBooks = field(default_factory=MadeBooks)
    closing: asyncio.Event = field(default_factory=asyncio.Event)


async def _api_of(request: Request) -> Api:
    api: Api = request.app.state.api
    return api


#: The parameters of routes.
TheApi = Annotated[Api, Depends(_api_of)]
Reader = Annotated[Caller, Depends(Needs(Scope.READ))]
Ingester = Annotated[Caller, Depends(Needs(Scope.INGEST))]
