"""`python -m novel_worker` is `novel worker`."""

from __future__ import annotations

from novel_worker.cli import main

main()
