"""A real PgBouncer in front of a PostgreSQL that listens on TCP, in transaction mode."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

from polling import eventually
from programs import answers, free_port
from sqlalchemy.engine import make_url

_CONFIG = """
[databases]
{database} = host={host} port={server_port} user={user} dbname={database}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 10
max_client_conn = 500
"""


class Bouncer:
    """`url` is its address; `kill` ends it as a crash does, and `start` starts it again."""

    def __init__(self, database_url: str, folder: Path) -> None:
        place = make_url(database_url)
        self._port = free_port()
        self.url = f"postgresql://{place.username}@127.0.0.1:{self._port}/{place.database}"
        self._file = folder / "pgbouncer.ini"
        self._file.write_text(
            _CONFIG.format(
                database=place.database,
                host=place.host,
                server_port=place.port,
                user=place.username,
                port=self._port,
            ),
            encoding="utf-8",
        )

    def start(self) -> None:
        # Debian has it outside of a user's path. It refuses to run as root.
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "there is no pgbouncer: run `make test-system`"
        user = ["--user", "nobody"] if os.geteuid() == 0 else []
        self._process = subprocess.Popen([program, "--quiet", *user, self._file])
        eventually(lambda: answers(self._port))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()
