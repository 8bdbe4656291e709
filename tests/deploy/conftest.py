"""A throw-away queue over TCP, and what a process of the service needs to know."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tcp_valkey import TcpValkey

from novel_royalroad_lookalike import LookalikeServer


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[TcpValkey]:
    with TcpValkey(tmp_path) as running:
        yield running


@pytest.fixture
def service(valkey: TcpValkey, database_url: str, site: LookalikeServer) -> dict[str, str]:
    """The environment of API and worker, over the look-alike."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey.url,
        "NOVEL_HOST_MAP": site.host_map,
        "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
        "NOVEL_RETRY_TIMES": "0",
        "HOME": os.environ.get("HOME", "/"),
    }
