"""The servers of one data directory: started at the first request, restarted when they exit."""

from __future__ import annotations

import logging
import subprocess
import time
from collections import deque
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.services.postgres import postgres_recipe
from novel_core.services.process import Server
from novel_core.services.start_errors import describe_os_error
from novel_core.services.valkey import valkey_recipe

if TYPE_CHECKING:
    from novel_core.services.layout import Layout
    from novel_core.services.wire import Message

RECIPES = {"postgres": postgres_recipe, "valkey": valkey_recipe}
# After so many exits within so many seconds, another restart would not help.
_EXITS, _WITHIN = 3, 60.0

logger = logging.getLogger("guard")


class ServerSet:
    def __init__(self, layout: Layout) -> None:
        self.durable = True
        self._layout = layout
        self._servers: dict[str, Server] = {}
        self._exits: deque[float] = deque(maxlen=_EXITS)

    def start(self, names: list[str], *, durable: bool) -> None:
        """Start those of the servers that do not run yet."""
        if not self._servers:
            self.durable = durable
        elif durable and not self.durable:
            raise ServiceError(
                f"The servers of {self._layout.root} run in throw-away mode, which loses data in a"
                " crash.",
                hint="Use another data directory, or wait until their users have ended.",
            )
        for name in names:
            if name not in self._servers:
                self._servers[name] = self._start(name)

    def restart_exited(self) -> bool:
        """Restart the servers that have exited; False when they keep exiting."""
        for name, server in self._servers.items():
            code = server.has_ended()
            if code is None:
                continue
            logger.error("%s exited with code %d; see %s", name, code, server.recipe.log)
            now = time.monotonic()
            gives_up = len(self._exits) == _EXITS and now - self._exits[0] < _WITHIN
            self._exits.append(now)
            if gives_up:
                logger.error("%s keeps exiting: giving up", name)
                return False
            try:
                server.restart()
            except (ServiceError, OSError):
                logger.exception("%s cannot be restarted", name)
                return False
            logger.info("%s restarted as process %d", name, server.pid)
        return True

    def close(self) -> None:
        """Stop all at the same time, then wait for each."""
        for server in self._servers.values():
            server.send_stop_signal()
        for server in self._servers.values():
            server.wait()

    def describe(self) -> Message:
        return {
            name: {
                "directory": server.recipe.directory.name,
                "version": server.recipe.title,
                "pid": server.pid,
                "restarts": server.restarts,
            }
            for name, server in self._servers.items()
        }

    def _start(self, name: str) -> Server:
        try:
            server = Server(RECIPES[name](self._layout, durable=self.durable))
        except (OSError, subprocess.SubprocessError) as error:
            words = describe_os_error(error) if isinstance(error, OSError) else str(error)
            raise ServiceError(
                f"{name} cannot be started in {self._layout.root}: {words}. "
                f"The log is {self._layout.log('guard')}."
            ) from error
        logger.info("%s started as process %d", server.recipe.title, server.pid)
        return server
