"""`python -m novel_worker.lone_job ID` runs one job: the process of a job that runs alone."""

from __future__ import annotations

import sys
from contextlib import suppress

from novel_core.errors import NovelError
from novel_core.logs import set_up_logging
from novel_worker.job import run
from novel_worker.warm import prepared


def main() -> None:
    settings = prepared().settings
    set_up_logging(settings.log_format, settings.log_level)
    # Its end is in the job's row and in the log.
    with suppress(NovelError):
        run(int(sys.argv[1]))


if __name__ == "__main__":
    main()
