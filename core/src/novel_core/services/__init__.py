"""The embedded servers: PostgreSQL and Valkey for a machine that has neither.

One guard process per data directory runs them while any client (command line, API, worker) is
attached, and stops them after the last client has detached or ended.
"""

import sys

from novel_core.errors import ServiceError

if sys.platform == "win32":
    # Before the imports below, which only Unix has.
    raise ServiceError(
        "The embedded servers do not run on Windows.",
        hint="Set DATABASE_URL and REDIS_URL to your own servers, or use WSL2.",
    )

from novel_core.services.client import Attachment, attach, start, stop
from novel_core.services.model import ServerStatus, Services, ServicesStatus
from novel_core.services.overview import status
from novel_core.services.restarter import ServerRestarter, restarting

__all__ = [
    "Attachment",
    "ServerRestarter",
    "ServerStatus",
    "Services",
    "ServicesStatus",
    "attach",
    "restarting",
    "start",
    "status",
    "stop",
]
