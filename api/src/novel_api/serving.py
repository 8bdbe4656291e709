"""Running the server: bind the socket, then run uvicorn on it."""

from __future__ import annotations

import logging
import os
import signal
import socket
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from novel_api.connections import BoundedProtocol
from novel_api.errors import LocalOnly
from novel_api.hosts import WILDCARDS, AllowedHosts, is_loopback
from novel_api.keys import has_keys
from novel_api.sessions import session_secret
from novel_core.backup.upgrading import prepare_embedded
from novel_core.cli.network import urls_of
from novel_core.db import migrate
from novel_core.db.engine import open_database, session
from novel_core.errors import InvalidSetting, ServiceError
from novel_core.runtime import Servers, open_servers
from novel_core.settings import Settings

logger = logging.getLogger(__name__)

#: Seconds that requests have to end after a stop signal.
_GRACE = 3
#: Seconds that a connection may be idle; fewer when all connections are in use.
_IDLE = 20
_BACKLOG = 2048


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until a stop signal. This process holds the embedded servers for all others."""
    with _bound(host, port) as listener, open_servers(settings, queue=True) as servers:
        assert servers.redis_url is not None
        _prepare(settings, servers, host)
        secret = session_secret(settings)
        os.environ["DATABASE_URL"] = servers.database_url
        os.environ["REDIS_URL"] = servers.redis_url
        os.environ["NOVEL_API_SESSION_SECRET"] = secret.decode()
        os.environ["NOVEL_API_WORKERS"] = str(workers)
        os.environ["NOVEL_API_HOSTS"] = ",".join((*settings.api_hosts, host))
        config = server_config("novel_api.app:create", factory=True, workers=workers)
        address, bound = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        logger.info("serving at http://%s:%s", shown, bound)
        for url in urls_of(host, bound) if address in WILDCARDS else ():
            logger.info("reachable at %s, for e-reader apps at %s/opds", url, url)
        # The server raises the signal again once it has stopped; exit normally all the same.
        signal.signal(signal.SIGTERM, lambda _number, _frame: None)
        with suppress(KeyboardInterrupt), _kept(servers):
            if workers > 1:
                Multiprocess(config, sockets=[listener]).run()
            else:
                uvicorn.Server(config).run(sockets=[listener])


def _kept(servers: Servers) -> AbstractContextManager[None]:
    """Restart embedded servers that end."""
    if servers.attachment is None:
        return nullcontext()
    from novel_core import services

    return services.restarting(servers.attachment, logger.warning)


def server_config(app: Any, **more: Any) -> uvicorn.Config:
    """Return uvicorn's configuration: our limits of connections; the gate handles proxy headers."""
    return uvicorn.Config(
        app,
        **{
            "http": BoundedProtocol,
            "ws": "none",
            "proxy_headers": False,
            "server_header": False,
            "log_config": None,
            "timeout_keep_alive": _IDLE,
            "timeout_graceful_shutdown": _GRACE,
            **more,
        },
    )


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ServiceError(
            f"The API cannot listen at {host} port {port}: {error.strerror or error}.",
            hint="Give another one with --port, or end the process that has it.",
        ) from error
    listener.set_inheritable(True)
    return listener


def _prepare(settings: Settings, servers: Servers, host: str) -> None:
    """Prepare the database; require API keys if other machines can reach the API."""
    database = open_database(servers.database_url)
    try:
        if settings.uses_embedded_postgres:
            prepare_embedded(database, settings.data_dir, migrating=True)
        migrate.require_current(database)
        with session(database) as opened:
            if not has_keys(opened):
                _refuse_without_keys(settings, host)
    finally:
        database.dispose()


def _refuse_without_keys(settings: Settings, host: str) -> None:
    if settings.api_require_keys:
        raise InvalidSetting(
            "NOVEL_API_REQUIRE_KEYS is set, and the database has no API key.",
            hint="Run `novel keys create NAME --scope admin` first, with the same DATABASE_URL.",
        )
    public = AllowedHosts(settings.api_hosts).has_public_names
    opening = "NOVEL_API_HOSTS" if is_loopback(host) else host
    if public or not is_loopback(host):
        raise LocalOnly(
            f"Without API keys the API serves this machine only, and {opening} opens it to others."
        )
