"""Loading the modules of a large command."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Thread

from novel_core.processes.garbage import freeze_loaded


@contextmanager
def loading(module: str) -> Iterator[None]:
    """Load a module in another thread, and whatever the block loads, without garbage collection.

    The thread has the time in which the block waits: for files, for a server. While aiohttp reads
    the certificates of authorities, the block runs. Collections would find no garbage in modules
    and take a fifth of the time; later ones leave out what is loaded now.
    """
    thread = Thread(target=import_module, args=(module,))
    gc.disable()
    thread.start()
    try:
        yield
    finally:
        thread.join()
        freeze_loaded()
        gc.enable()
