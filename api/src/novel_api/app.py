"""The application: `create_app` builds it from a runtime, `create` from the environment."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from types import FrameType

import anyio.to_thread
from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from novel_api import (
    __version__,
    docs_page,
    downloads,
    error_handlers,
    events,
    feeds,
    genres_and_authors,
    ingestion,
    jobs,
    logs,
    monitoring,
    novels,
    opds,
    openapi,
    sites,
    sources,
)
from novel_api.context import Api
from novel_api.gate import Gate
from novel_api.hosts import AllowedHosts
from novel_api.keys import KeyRing
from novel_api.limits import RateLimit, SearchLimit, StreamLimit
from novel_api.metrics import Metrics
from novel_api.middleware import Compression, HeadRequests, JsonBodies
from novel_api.readiness import Readiness
from novel_api.sessions import SessionRing, session_secret
from novel_api.wakeup import Waker
from novel_api.web.error_pages import render_error
from novel_api.web.routes import install as install_web
from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_core.errors import InvalidSetting
from novel_core.processes.parent import end_with_parent
from novel_core.queue.connection import connect
from novel_core.queue.housekeeping import Housekeeper
from novel_core.registry import load_registry
from novel_core.runtime import Runtime, Servers
from novel_core.settings import load_settings

logger = logging.getLogger(__name__)

#: Requests at once, over all API processes: each holds one of PostgreSQL's hundred connections.
_THREADS = 32
_FEWEST_THREADS = 8
#: Connections of a process beside those of its requests: three housekeeping threads, readiness.
_SPARE = 4
#: Seconds after a stop signal until the process exits, even if a thread is still waiting.
_LATEST = 6.0
#: Seconds to wait for the housekeeper at the end; another process does the rest.
_PATIENCE = 1.0


def create_app(
    runtime: Runtime, *, threads: int = _THREADS, on_close: Callable[[], None] | None = None
) -> FastAPI:
    """Build the application over a runtime with a queue; `on_close` is called at its end."""
    settings = runtime.settings
    sessions = SessionRing(runtime.database, session_secret(settings))
    app = FastAPI(
        title="Novel Ingestion",
        version=__version__,
        description="Submit a novel's URL, follow its job, and read what was saved.",
        lifespan=_lifespan(runtime, sessions, threads, on_close),
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
        docs_url=None,
        redoc_url=None,
    )
    # The middleware that is added first is the innermost.
    app.add_middleware(JsonBodies)
    app.add_middleware(Compression)
    app.add_middleware(HeadRequests)
    app.add_middleware(SearchLimit, render_error=render_error)
    app.add_middleware(
        Gate,
        hosts=AllowedHosts(settings.api_hosts),
        ring=KeyRing(runtime.database, required=settings.api_require_keys),
        sessions=sessions,
        rates=RateLimit(settings.api_rate_limit, settings.api_workers),
        render_error=render_error,
    )
    # Outside the gate, which counts requests by the address that a trusted proxy names.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.api_trusted_proxies))
    # Downloads come before novels: `/novels/{slug}.epub` also matches `/novels/{slug}`.
    for module in (
        ingestion,
        jobs,
        events,
        feeds,
        downloads,
        novels,
        genres_and_authors,
        opds,
        sources,
        sites,
        monitoring,
        docs_page,
    ):
        app.include_router(module.router)
    error_handlers.install(app)
    install_web(app)
    openapi.describe(app)
    return app


def _lifespan(
    runtime: Runtime, sessions: SessionRing, threads: int, on_close: Callable[[], None] | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The lifespan: sets `app.state.api` and runs the housekeeper while the application serves."""
    assert runtime.redis_url is not None
    redis = connect(runtime.redis_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        housekeeper = Housekeeper(runtime)
        thread = threading.Thread(target=housekeeper.run, name="novel-housekeeper", daemon=True)
        api = Api(
            runtime=runtime,
            sessions=sessions,
            waker=Waker(housekeeper),
            streams=StreamLimit(runtime.settings.api_streams),
            metrics=Metrics(runtime.database, redis),
            readiness=Readiness(runtime.database, redis, housekeeper),
        )
        app.state.api = api
        thread.start()
        try:
            with _closing_on_signals(api.closing):
                yield
        finally:
            api.closing.set()
            housekeeper.stop()
            await asyncio.to_thread(thread.join, _PATIENCE)
            api.readiness.close()
            redis.close()
            if on_close is not None:
                on_close()

    return lifespan


def create() -> FastAPI:
    """Build the application of one server process from the environment that `novel api` has set."""
    settings = load_settings()
    logs.set_up(settings)
    if (parent := multiprocessing.parent_process()) is not None:  # one of `--workers`
        end_with_parent(parent.pid)
    if settings.database_url is None or settings.redis_url is None:
        raise InvalidSetting(
            "DATABASE_URL and REDIS_URL are not set.", hint="Start the API with `novel api`."
        )
    threads = max(_FEWEST_THREADS, _THREADS // settings.api_workers)
    database = open_database(settings.database_url, pool_size=threads + _SPARE)
    migrate.require_current(database)
    servers = Servers(settings.database_url, settings.redis_url)
    runtime = Runtime(settings, load_registry(), database, servers)
    return create_app(runtime, threads=threads, on_close=database.dispose)


def _leave() -> None:
    logger.warning("exited without waiting for a server that does not respond")
    logging.shutdown()
    os._exit(0)


@contextmanager
def _closing_on_signals(closing: asyncio.Event) -> Iterator[None]:
    """Set `closing` at the signal: the server itself calls the shutdown only after all streams."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def on_signal(number: int, frame: FrameType | None) -> None:
        # A thread that waits for an unresponsive server would keep the process alive.
        latest = threading.Timer(_LATEST, _leave)
        latest.daemon = True
        latest.start()
        loop.call_soon_threadsafe(closing.set)
        handler = previous[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in previous:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
