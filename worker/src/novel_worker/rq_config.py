"""For a stock worker: `RQ_CONFIG=novel_worker.rq_config rq worker ingestion`.

RQ imports the module it is named, so importing this one warms the worker up before it forks; and it reads the server's address
here, where `--url` does not give one.
"""

from __future__ import annotations

from contextlib import ExitStack

from novel_core.runtime import open_runtime
from novel_worker.warm import prepared, warm_up

#: Holds embedded servers for as long as the worker lives.
_OPEN = ExitStack()

_runtime = _OPEN.enter_context(
    open_runtime(prepared().settings, prepared().registry, queue=True, migrating=True)
)
REDIS_URL = _runtime.redis_url

warm_up(_runtime)
