"""The embedded servers: PostgreSQL and Valkey for a machine that has neither.

One guard process per data directory runs them while any client (command line, API, worker) is attached, and ends
them after the last one left, by whatever way.
"""

import sys

from novel_core.errors import ServiceError

if sys.platform == "win32":
    # Before the imports below, which only Unix has.
    raise ServiceError(
        "The embedded servers do not run on Windows.",
        hint="Set DATABASE_URL and REDIS_URL to servers of your own, or use WSL2.",
    )

from novel_core.services.client import Attachment, attach, start, stop
from novel_core.services.keeper import Keeper, kept
from novel_core.services.model import ServerStatus, Services, ServicesStatus
from novel_core.services.overview import status

__all__ = [
    "Attachment",
    "Keeper",
    "ServerStatus",
    "Services",
    "ServicesStatus",
    "attach",
    "kept",
    "start",
    "status",
    "stop",
]
