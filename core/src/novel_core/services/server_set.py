"""The servers of one data directory: opened when first asked for, started again when they die, closed together."""

from __future__ import annotations

import logging
import subprocess
import time
from collections import deque
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.services.postgres import postgres_recipe
from novel_core.services.process import Server
from novel_core.services.start_errors import in_words
from novel_core.services.valkey import valkey_recipe

if TYPE_CHECKING:
    from novel_core.services.layout import Layout
    from novel_core.services.wire import Message

RECIPES = {"postgres": postgres_recipe, "valkey": valkey_recipe}
# A server that dies more often than this has a reason that another start does not remove.
_DEATHS, _WITHIN = 3, 60.0

logger = logging.getLogger("guard")


class House:
    def __init__(self, layout: Layout) -> None:
        self.durable = True
        self._layout = layout
        self._servers: dict[str, Server] = {}
        self._deaths: deque[float] = deque(maxlen=_DEATHS)

    def open(self, names: list[str], *, durable: bool) -> None:
        """Start those that do not run yet."""
        if not self._servers:
            self.durable = durable
        elif durable and not self.durable:
            raise ServiceError(
                f"The servers of {self._layout.root} run as throw-away servers, which lose data in a crash.",
                hint="Use another data directory, or wait until their users have ended.",
            )
        for name in names:
            if name not in self._servers:
                self._servers[name] = self._start(name)

    def keep_running(self) -> bool:
        """Start again what has died; False when that is of no use."""
        for name, server in self._servers.items():
            code = server.has_ended()
            if code is None:
                continue
            logger.error("%s ended by itself with %d; see %s", name, code, server.recipe.log)
            now = time.monotonic()
            hopeless = len(self._deaths) == _DEATHS and now - self._deaths[0] < _WITHIN
            self._deaths.append(now)
            if hopeless:
                logger.error("%s ends again and again: giving up", name)
                return False
            try:
                server.restart()
            except (ServiceError, OSError):
                logger.exception("%s could not be started again", name)
                return False
            logger.info("%s runs again, as process %d", name, server.pid)
        return True

    def close(self) -> None:
        """End all at once, then wait for each."""
        for server in self._servers.values():
            server.ask_to_stop()
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
            words = in_words(error) if isinstance(error, OSError) else str(error)
            raise ServiceError(
                f"{name} could not be started in {self._layout.root}: {words}. "
                f"The log is {self._layout.log('guard')}."
            ) from error
        logger.info("%s runs, as process %d", server.recipe.title, server.pid)
        return server
