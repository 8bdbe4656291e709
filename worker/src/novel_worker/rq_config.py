"""For a stock worker: `RQ_CONFIG=novel_worker.rq_config rq worker ingestion`.

RQ imports this module before it forks, which warms the worker up, and reads the server's address
here unless `--url` is given.
"""

from __future__ import annotations

from contextlib import ExitStack

from novel_core.runtime import open_runtime
from novel_worker.warm import prepared, warm_up

#: Keeps embedded servers running while the worker does.
_OPEN = ExitStack()

_runtime = _OPEN.enter_context(
    open_runtime(prepared().settings, prepared().registry, queue=True, migrating=True)
)
REDIS_URL = _runtime.redis_url

warm_up(_runtime, rehearsed=True)
