"""A throw-away Valkey on a port of the loopback, with a password: as a server of one's own is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from polling import eventually
from programs import Program, answers, free_port
from redis import Redis

from novel_core.services.binaries import valkey_program

PASSWORD = "not-a-secret"


class TcpValkey:
    """`more` are further options, such as `{"cluster-enabled": "yes"}`."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        program = valkey_program().path
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "requirepass": PASSWORD,
            "maxmemory-policy": "noeviction",
            "save": "",
        }
        options |= {name.replace("_", "-"): value for name, value in more.items()}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self._program = Program([program, *arguments], {}, folder)

    def __enter__(self) -> Self:
        self._program.__enter__()
        eventually(lambda: answers(self.port))
        self.client = Redis.from_url(self.url)
        return self

    def __exit__(self, *exc: object) -> None:
        self.client.close()
        self._program.__exit__(*exc)
