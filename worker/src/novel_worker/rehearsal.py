"""One whole job before the fork: imports and compiled statements are then inherited by every job.

The job runs over a tiny site on loopback, inside a transaction that is rolled back. It takes away
nearly half of a small job's processor time where each job is forked (`bench/job.py`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import EntryPoint

from novel_core.db.engine import session, shared_by_threads
from novel_core.db.jobs import JobRow
from novel_core.hookspecs import ENTRY_POINT_GROUP
from novel_core.ingest.runner import run_job
from novel_core.jobs import lifecycle
from novel_core.jobs.views import get_job
from novel_core.registry import Registry
from novel_core.runtime import Runtime
from novel_core.settings import SourceOverride
from novel_core.source import UrlKind
from novel_worker.rehearsal_source import HOST, NOVEL_URL

_SOURCE = "rehearsal"
#: An id that no real job has.
_JOB = 2**62


class _Handler(BaseHTTPRequestHandler):
    """Answers everything with the same few bytes, which the rehearsal's parser ignores."""

    def do_GET(self) -> None:
        body = b"" if self.path == "/robots.txt" else b"<html><body>rehearsal</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def _site() -> Iterator[str]:
    """The address of the site, whose thread ends with the block: a fork must not meet a thread."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def rehearse(runtime: Runtime) -> None:
    """Run the job; no row is left."""
    point = EntryPoint(_SOURCE, "novel_worker.rehearsal_source", ENTRY_POINT_GROUP)
    with _site() as url, runtime.database.connect() as connection:
        whole = connection.begin()
        settings = runtime.settings.model_copy(
            update={
                "host_map": {HOST: url},
                "sources": {_SOURCE: SourceOverride(requests_per_second=0, concurrency=1)},
            }
        )
        # A session on a connection that is in a transaction commits nothing.
        staged = replace(
            runtime,
            settings=settings,
            registry=Registry.load(entry_points=[point]),
            database=shared_by_threads(connection),
        )
        # Its lines are about no job.
        logging.disable(logging.WARNING)
        try:
            _run(staged)
        finally:
            logging.disable(logging.NOTSET)
            whole.rollback()


def _run(runtime: Runtime) -> None:
    with session(runtime.database) as opened:
        opened.add(
            JobRow(
                id=_JOB,
                source=_SOURCE,
                source_url=NOVEL_URL,
                url=NOVEL_URL,
                kind=UrlKind.NOVEL,
                source_novel_id="1",
            )
        )
    with session(runtime.database) as opened:
        claim = lifecycle.claim(opened, _JOB, lease=runtime.settings.lease)
    assert claim is not None
    outcome = run_job(runtime, claim)
    with session(runtime.database) as opened:
        get_job(opened, _JOB)
    if outcome.error is not None:
        raise outcome.error
