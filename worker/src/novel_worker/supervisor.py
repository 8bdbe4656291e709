"""Several RQ workers and a housekeeper, forked from one warm process that does nothing else and starts again what dies."""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from redis.exceptions import RedisError
from rq import Queue, Worker

from novel_core.errors import InvalidSetting
from novel_core.processes.restarts import Restarts, how_ended, kill_family
from novel_core.queue.connection import connect
from novel_core.queue.housekeeping import Housekeeper
from novel_core.queue.names import QUEUE
from novel_core.runtime import Runtime
from novel_worker.parent import end_with_parent

logger = logging.getLogger(__name__)

#: Seconds after which an idle worker looks up, and RQ takes one that is silent for dead.
_WORKER_TTL = 60
#: Seconds between the signs of life of a busy worker.
_MONITORING = 10
#: Seconds that the parts have to end in good order.
_PATIENCE = 8.5
_STEP = 0.05


@dataclass(slots=True)
class _Part:
    """One child: what it does, and how it has been."""

    name: str
    work: Callable[[], None]
    pid: int | None = None
    restarts: Restarts = field(default_factory=Restarts)


class Supervisor:
    """Runs `processes` workers until SIGTERM or SIGINT; then they hand back what they have, within ten seconds.

    Call it in a process without threads, after `warm_up`.
    """

    def __init__(self, runtime: Runtime, processes: int) -> None:
        assert runtime.redis_url is not None
        self._runtime = runtime
        self._redis_url = runtime.redis_url
        connect(self._redis_url).close()  # a wrong address is told here, not by each child
        self._parts = [_Part(f"worker {number + 1}", self._work) for number in range(processes)]
        self._parts.append(_Part("housekeeper", self._keep_house))
        self._stopping = False
        self._misconfigured = False
        self._keep_servers = _keeping(runtime)

    def run(self) -> None:
        previous = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        try:
            while not self._stopping:
                self._keep_servers()
                self._start_due()
                self._reap()
                time.sleep(_STEP)
            self._end()
            if self._misconfigured:
                raise InvalidSetting("A setting is wrong: see above.")
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start_due(self) -> None:
        now = time.monotonic()
        for part in self._parts:
            if part.pid is None and part.restarts.is_due(now) and not self._stopping:
                part.restarts.started(now)
                part.pid = self._fork(part)

    def _fork(self, part: _Part) -> int:
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            _leave(self._be(part, parent))
        return pid

    def _be(self, part: _Part, parent: int) -> int:
        """The child's whole life; its exit code."""
        try:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            os.setpgid(0, 0)  # Ctrl-C reaches the supervisor only, which tells the others in order
            end_with_parent(parent)
            random.seed()
            part.work()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        except InvalidSetting as error:
            logger.error("%s: %s %s", part.name, error.message, error.hint)  # noqa: TRY400 - told in words
            return error.exit_code
        except RedisError as error:
            logger.warning("%s: the queue cannot be reached: %s", part.name, error)
            return 1
        except BaseException:
            logger.exception("%s failed", part.name)
            return 1
        return 0

    def _reap(self) -> None:
        for part in self._parts:
            if part.pid is None:
                continue
            pid, status = os.waitpid(part.pid, os.WNOHANG)
            if pid:
                part.pid = None
                pause = part.restarts.died(time.monotonic())
                code = os.waitstatus_to_exitcode(status)
                if code == InvalidSetting.exit_code:
                    # Another start meets the same setting.
                    self._misconfigured = self._stopping = True
                if not self._stopping:
                    how = how_ended(code)
                    logger.warning("%s ended (%s): starts again in %.0f s", part.name, how, pause)

    def _end(self) -> None:
        logger.info("stopping: jobs under way are handed back")
        running = [part for part in self._parts if part.pid is not None]
        for part in running:
            os.kill(part.pid or 0, signal.SIGTERM)
        until = time.monotonic() + _PATIENCE
        while any(part.pid for part in running) and time.monotonic() < until:
            self._reap()
            time.sleep(_STEP)
        for part in running:
            if part.pid is not None:
                logger.warning("%s does not end: killed, its job will be taken up again", part.name)
                kill_family(part.pid)
        logger.info("stopped")

    def _work(self) -> None:
        logging.getLogger("rq.worker").addFilter(_is_news)
        redis = connect(self._redis_url, patience=5.0)
        worker = Worker(
            [Queue(QUEUE, connection=redis)],
            name=f"{socket.gethostname()}.{os.getpid()}.{random.getrandbits(24):06x}",
            connection=redis,
            worker_ttl=_WORKER_TTL,
            job_monitoring_interval=_MONITORING,
        )
        worker.work(logging_level="WARNING")

    def _keep_house(self) -> None:
        housekeeper = Housekeeper(self._runtime)
        signal.signal(signal.SIGTERM, lambda *_: housekeeper.stop())
        housekeeper.run()


_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def _keeping(runtime: Runtime) -> Callable[[], None]:
    """Embedded servers that end are started again; others are no matter of ours."""
    attachment = runtime.servers.attachment
    if attachment is None:
        return lambda: None
    from novel_core.services import Keeper

    return Keeper(attachment, logger.warning).look


def _is_news(record: logging.LogRecord) -> bool:
    """Not RQ's traceback of a job that ended with an error of ours: the job's own line has said so, in words."""
    told = record.args[-1] if isinstance(record.args, tuple) and record.args else ""
    return not (record.levelno == logging.ERROR and "\nnovel_core.errors." in str(told))


def _leave(code: int) -> NoReturn:
    """End a forked child without what its parent registered to be done at the end."""
    logging.shutdown()
    os._exit(code)
