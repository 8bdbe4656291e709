"""Crawl processes and a housekeeper, forked from one warm process that restarts those that exit."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import suppress

from redis.exceptions import RedisError

from novel_core.errors import InvalidSetting, NovelError
from novel_core.processes.group import ProcessGroup, fork
from novel_core.queue.connection import connect
from novel_core.queue.housekeeping import Housekeeper
from novel_core.runtime import Runtime
from novel_core.services import ServerRestarter
from novel_worker import alone
from novel_worker.crawl_process import CrawlProcess
from novel_worker.job import run
from novel_worker.lone_jobs import LoneJobs

logger = logging.getLogger(__name__)

#: Seconds the processes have to end in order.
_PATIENCE = 8.5


class Supervisor:
    """Runs `processes` crawl processes of `crawls` jobs until SIGTERM, SIGINT or SIGHUP.

    Their jobs are then handed back to the queue within ten seconds.

    Call it in a process without threads, after `warm_up`.
    """

    def __init__(self, runtime: Runtime, processes: int, crawls: int) -> None:
        assert runtime.redis_url is not None
        self._runtime = runtime
        self._crawls = crawls
        # A wrong address fails here, not in each child.
        connect(runtime.redis_url).close()
        _allow_files()
        names = [f"worker {number + 1}" for number in range(processes)]
        parts = [fork(name, _guarded(name, self._work)) for name in names]
        parts.append(fork("housekeeper", _guarded("housekeeper", self._keep_house)))
        lone_jobs = LoneJobs(_run_alone)
        alone.use(lone_jobs)
        parts.append(fork("lone jobs", _guarded("lone jobs", lone_jobs.serve)))
        self._group = ProcessGroup(parts, logger.log, patience=_PATIENCE)

    def run(self) -> None:
        restarter = ServerRestarter(self._runtime.servers.attachment, logger.warning)
        self._group.run(check=restarter.check)
        logger.info("Stopped.")

    def _work(self) -> int:
        rq = logging.getLogger("rq.worker")
        rq.setLevel(logging.WARNING)
        rq.addFilter(_is_no_job_error)
        return CrawlProcess(self._runtime, self._crawls).run()

    def _keep_house(self) -> int:
        housekeeper = Housekeeper(self._runtime)
        signal.signal(signal.SIGTERM, lambda *_: housekeeper.stop())
        housekeeper.run()
        return 0


def _run_alone(job_id: int) -> None:
    # Its end is in the job's row and in the log.
    with suppress(NovelError):
        run(job_id)


def pool_size(crawls: int) -> int:
    """Return how many connections to PostgreSQL a crawl process keeps open; it may open ten more.

    A crawl needs one for a few milliseconds a page.
    """
    return 5 + crawls // 8


def _allow_files() -> None:
    """Allow as many open files as the system permits: a crawl has about ten, the default is 1,024."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _guarded(name: str, work: Callable[[], int]) -> Callable[[], int]:
    """`work` as a child's whole life: errors become a line of the log and an exit code."""

    def run() -> int:
        try:
            return work()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        except InvalidSetting as error:
            logger.error("%s: %s %s", name, error.message, error.hint)  # noqa: TRY400 - no bug
            return error.exit_code
        except RedisError as error:
            logger.warning("%s: the queue cannot be reached: %s", name, error)
            return 1
        except BaseException:
            logger.exception("%s failed", name)
            return 1

    return run


def _is_no_job_error(record: logging.LogRecord) -> bool:
    """False for RQ's traceback of a job that ended with a NovelError, which is logged already."""
    text = record.args[-1] if isinstance(record.args, tuple) and record.args else ""
    return not (record.levelno == logging.ERROR and "\nnovel_core.errors." in str(text))
