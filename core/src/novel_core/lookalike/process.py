"""A look-alike as a process of its own."""

from __future__ import annotations

import signal
import sys
import threading

from novel_core.lookalike.serving import ThreadedServer

_READ_BYTES = 65_536


def serve_until_stopped(server: ThreadedServer, what: str, *, with_parent: bool) -> None:
    """Serve until Ctrl-C or SIGTERM; `with_parent` also until standard input closes. The first line printed tells the address.

    `what` is what is served, in words. Call it in the main thread.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with server:
            sys.stdout.write(f"Serving {what} at {server.url}\n")
            sys.stdout.flush()
            _wait(with_parent=with_parent)
    except KeyboardInterrupt:
        pass  # how a server ends


def _wait(*, with_parent: bool) -> None:
    if not with_parent:
        threading.Event().wait()
    # Ends also when the parent was killed: the system closes its end of the pipe.
    while sys.stdin.buffer.read(_READ_BYTES):
        pass
