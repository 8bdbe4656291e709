"""The stock worker's configuration without the rehearsal, to show what that brings: see `job.py`."""

from __future__ import annotations

from contextlib import ExitStack

from novel_core.runtime import open_runtime
from novel_worker.warm import prepared, warm_up

_OPEN = ExitStack()
_runtime = _OPEN.enter_context(open_runtime(prepared().settings, prepared().registry, queue=True))
REDIS_URL = _runtime.redis_url

warm_up(_runtime)
