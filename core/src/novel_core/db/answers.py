"""Connections whose server does not answer any more, though nothing tells that they are lost.

The system notices a machine that is gone. It does not notice a proxy or a pooler that keeps the
connection open and loses what it carries: the thread that waits would wait forever. A statement has
a time limit at the server, so an answer that has not come some time after it does not come.
"""

from __future__ import annotations

import math
import os
import socket
import time
from contextlib import suppress
from typing import Any

import psycopg2
from psycopg2.extensions import connection, cursor

#: Seconds that an answer may take beyond the time limit of the statement.
SLACK = 5.0

_waiting: dict[WaitingConnection, float] = {}


class WaitingCursor(cursor):
    """Notes when a statement is sent. COPY is not watched: it may take any time."""

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's name
        waiting = self.connection
        _waiting[waiting] = time.monotonic()  # type: ignore[index]
        try:
            super().execute(query, vars)
        finally:
            _waiting.pop(waiting, None)  # type: ignore[call-overload]


class WaitingConnection(connection):
    """`limit` is the time limit of its statements, in seconds; `lift` holds for one transaction."""

    limit = math.inf
    _is_lifted = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor_factory = WaitingCursor

    def lift(self) -> None:
        self._is_lifted = True

    def commit(self) -> None:
        self._end(super().commit)

    def rollback(self) -> None:
        self._end(super().rollback)

    def _end(self, action: Any) -> None:
        _waiting[self] = time.monotonic()
        try:
            action()
        finally:
            _waiting.pop(self, None)
            self._is_lifted = False

    def is_lost(self, since: float, now: float) -> bool:
        return not self._is_lifted and now - since > self.limit + SLACK


def close_lost_connections() -> int:
    """Close the connections whose answer is overdue, and return how many.

    The threads that wait for it go on with a StorageError. It needs no server and waits for
    nothing: call it again and again from a thread that does neither.
    """
    closed = 0
    now = time.monotonic()
    for waiting, since in list(_waiting.items()):
        if not waiting.is_lost(since, now):
            continue
        # The object belongs to the thread that waits; its socket may be shut down by any.
        with suppress(OSError, psycopg2.Error):
            with socket.socket(fileno=os.dup(waiting.fileno())) as own:
                own.shutdown(socket.SHUT_RDWR)
            closed += 1
    return closed
