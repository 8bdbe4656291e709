"""Everything that can go wrong with the processes and servers of an arena.

Each misfortune tells whether it happened. What it may cost in requests is counted at that moment: those on the wire.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import troubles
from chaos import LEASE, Arena
from redis.exceptions import RedisError

from novel_core import services
from novel_royalroad_lookalike import ChapterFault
from novel_royalroad_lookalike.switches import Times

#: How long a stopped process sleeps: beyond the lease.
SLEEP = LEASE * 1.5
#: Seconds for which the queue's memory is full.
FULL = 1.0
#: Seconds between two deaths of a server: its guard gives up on one that dies four times a minute.
REST = 20.5
#: Seconds between two of those that cost a process, or all connections.
SELDOM = 8.0
SITE_FAULTS = (
    ChapterFault.LIMITED,
    ChapterFault.ERROR_500,
    ChapterFault.HANG,
    ChapterFault.RESET,
)


class Misfortunes:
    """What happens to an arena, one at a time and at random."""

    def __init__(self, fight: Arena) -> None:
        self._fight = fight
        self._timers: list[threading.Timer] = []
        self._last: dict[str, float] = {}
        self.injected = 0
        #: Faults of a plugin's code that a page has met.
        self.met = 0
        self._asked: list[Path] = []

    def one(self) -> None:
        chosen = self._fight.random.choice(self.all())
        if chosen():
            self._fight.done[chosen.__name__] += 1

    def all(self) -> list[Callable[[], bool]]:
        often = [self.kill_process_of_jobs, self.break_site]
        return [
            *often,
            *often,
            self.kill_supervisor,
            self.kill_both,
            self.terminate_worker,
            self.stop_process_of_jobs,
            self.kill_stock_worker,
            self.freeze_a_loop,
            self.eat_memory,
            self.lose_connections,
            self.flush_redis,
            self.fill_redis,
            self.kill_redis,
            self.kill_postgres,
            self.kill_api,
        ]

    # Processes

    def kill_process_of_jobs(self) -> bool:
        return self._kill(self._victim())

    def kill_supervisor(self) -> bool:
        """Its processes hear of it from the kernel, and hand their jobs back."""
        supervisor = self._fight.random.choice(self._fight.supervisors)
        return self._kill(psutil.Process(supervisor.pid)) if supervisor.poll() is None else False

    def kill_both(self) -> bool:
        victim = self._victim()
        if victim is None:
            return False
        parent = None
        with suppress(psutil.Error):
            parent = victim.parent()
        return self._kill(parent, victim)

    def kill_stock_worker(self) -> bool:
        stock = self._fight.stock
        if stock is None or stock.poll() is not None:
            return False
        return self._kill(psutil.Process(stock.pid))

    def terminate_worker(self) -> bool:
        """SIGTERM, as a deploy sends it: what is on the wire comes in, unless it takes too long."""
        supervisor = self._fight.random.choice(self._fight.supervisors)
        supervisor.send_signal(signal.SIGTERM)
        self._fight.allowance += self._fight.site.in_flight
        supervisor.wait(20)
        return True

    def stop_process_of_jobs(self) -> bool:
        """SIGSTOP beyond the lease: it wakes up when its jobs are somebody else's."""
        victim = self._victim()
        if victim is None or not self._may("stop", SLEEP):
            return False
        with suppress(psutil.Error):
            victim.suspend()
            self._fight.allowance += 2 * self._fight.site.in_flight
            self._later(SLEEP, lambda: _resume(victim))
        return True

    def freeze_a_loop(self) -> bool:
        if not self._may("freeze", SELDOM):
            return False
        return self._ask_for(troubles.FREEZE)

    def eat_memory(self) -> bool:
        if not self._may("eat", SELDOM):
            return False
        return self._ask_for(troubles.EAT)

    def kill_api(self) -> bool:
        api = self._fight.api
        if api is None or api.poll() is not None:
            return False
        api.kill()
        return True

    # Servers

    def lose_connections(self) -> bool:
        """All that are open to PostgreSQL stay open, and carry nothing any more."""
        if not self._may("lose", SELDOM):
            return False
        self._fight.allowance += 2 * self._fight.site.in_flight
        return self._fight.proxy.swallow() > 0

    def flush_redis(self) -> bool:
        with suppress(RedisError):
            self._fight.redis.flushall()
        return True

    def fill_redis(self) -> bool:
        """It refuses every write for a while, as one without room does."""
        if not self._set_room(1):
            return False
        self._later(FULL, lambda: self._set_room(0))
        return True

    def kill_redis(self) -> bool:
        """It comes back empty, started by its guard."""
        if not self._may("queue", REST):
            return False
        self.flush_redis()
        return self._kill_server(self._fight.folder / "queue", signal.SIGKILL)

    def kill_postgres(self, how: int | None = None) -> bool:
        """An immediate shutdown, or none at all: what was committed is recovered."""
        if not self._may("database", REST):
            return False
        how = how or self._fight.random.choice((signal.SIGQUIT, signal.SIGKILL))
        self._fight.allowance += 2 * self._fight.site.in_flight
        return self._kill_server(self._fight.folder / "database", how)

    # The site

    def break_site(self) -> bool:
        """A page fails for one request."""
        site = self._fight.site
        fiction = self._fight.random.choice(list(site.library.fictions.values()))
        place = self._fight.random.choice(
            [f"fiction:{fiction.id}", *(f"chapter:{chapter.id}" for chapter in fiction.chapters)]
        )
        if place in site.switches.faults:
            return False
        site.switches.faults[place] = Times(self._fight.random.choice(SITE_FAULTS), 1)
        return True

    # The end

    def calm(self) -> None:
        """No more: sleeping processes are woken, faults that nobody met are taken back."""
        for timer in self._timers:
            timer.join()
        self._set_room(0)
        self.look()
        for file in self._asked:
            file.unlink(missing_ok=True)
        faults = self._fight.site.switches.faults
        self.injected += sum(
            1 for fault in faults.values() if isinstance(fault, Times) and fault.left == 0
        )
        faults.clear()

    def _ask_for(self, fault: str) -> bool:
        self._asked.append(troubles.ask_for(fault, self._fight.folder / "troubles"))
        return True

    def look(self) -> None:
        """Count what it costs that a page has met a fault of a plugin's code: its process ends."""
        for file in [file for file in self._asked if not file.exists()]:
            self._asked.remove(file)
            self.met += 1
            self._fight.allowance += 2 * self._fight.site.in_flight

    def _victim(self) -> psutil.Process | None:
        holders = self._fight.holders()
        return self._fight.random.choice(holders) if holders else None

    def _kill(self, *victims: psutil.Process | None) -> bool:
        present = [victim for victim in victims if victim is not None]
        if present:
            self._fight.allowance += self._fight.site.in_flight
        for victim in present:
            with suppress(psutil.Error):
                victim.kill()
        return bool(present)

    def _may(self, what: str, rest: float) -> bool:
        """Whether the last one is long enough ago; if so, this is one."""
        now = time.monotonic()
        if now - self._last.get(what, -rest) < rest:
            return False
        self._last[what] = now
        return True

    def _kill_server(self, home: Path, number: int) -> bool:
        pids = [server.pid for server in services.status(home).servers if server.pid is not None]
        for pid in pids[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return bool(pids)

    def _set_room(self, size: int) -> bool:
        try:
            self._fight.redis.config_set("maxmemory", size)
        except RedisError:
            return False
        return True

    def _later(self, seconds: float, action: Callable[[], object]) -> None:
        timer = threading.Timer(seconds, action)
        timer.start()
        self._timers.append(timer)


def _resume(process: psutil.Process) -> None:
    with suppress(psutil.Error):
        process.resume()
