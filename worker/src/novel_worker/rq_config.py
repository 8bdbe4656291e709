"""For a stock worker: `RQ_CONFIG=novel_worker.rq_config rq worker ingestion`.

RQ imports the module it is named, so importing this one warms the worker up before it forks; and it reads the server's address
here, where `--url` does not give one.
"""

from __future__ import annotations

from novel_worker.warm import prepared, warm_up

if prepared().settings.redis_url is not None:
    REDIS_URL = prepared().settings.redis_url

warm_up()
