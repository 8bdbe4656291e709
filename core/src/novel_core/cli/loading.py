"""Loading the modules of a large command."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread


@contextmanager
def loading(meanwhile: Callable[[], object] | None = None) -> Iterator[None]:
    """Import without garbage collection, which finds none in modules and takes a fifth of the time.

    `meanwhile` is called in another thread, and has ended at the end of the block. What has been
    loaded lives as long as the process, so later collections leave it out.
    """
    thread = Thread(target=meanwhile)
    gc.disable()
    thread.start()
    try:
        yield
    finally:
        thread.join()
        gc.freeze()
        gc.enable()
