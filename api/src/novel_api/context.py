"""The object that routes work with, one for each application, and the routes' dependencies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from novel_api.book_files import BookFiles
from novel_api.gate import RequireScope
from novel_api.keys import Caller, Scope
from novel_api.limits import StreamLimit
from novel_api.metrics import Metrics
from novel_api.readiness import Readiness
from novel_api.sessions import SessionRing
from novel_api.wakeup import Waker
from novel_core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Api:
    """What an application holds. `closing` is set at a stop signal: event streams end then."""

    runtime: Runtime
    sessions: SessionRing
    waker: Waker
    streams: StreamLimit
    metrics: Metrics
    readiness: Readiness
    books: BookFiles = field(default_factory=BookFiles)
    closing: asyncio.Event = field(default_factory=asyncio.Event)


async def _api_of(request: Request) -> Api:
    api: Api = request.app.state.api
    return api


#: Dependencies: the application's object, and a caller with the scope.
ApiDep = Annotated[Api, Depends(_api_of)]
ReaderDep = Annotated[Caller, Depends(RequireScope(Scope.READ))]
IngesterDep = Annotated[Caller, Depends(RequireScope(Scope.INGEST))]
AdminDep = Annotated[Caller, Depends(RequireScope(Scope.ADMIN))]
