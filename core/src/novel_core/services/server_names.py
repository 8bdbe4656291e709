"""The servers' names within a data directory, and the URLs made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from novel_core.services.layout import Layout, short_root

if TYPE_CHECKING:
    from novel_core.services.wire import Message

ROLE = "novel"
DATABASE = "novel"
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"


def database_url(layout: Layout, state: Message) -> str | None:
    server = state["servers"].get("postgres")
    if server is None:
        return None
    directory = quote(str(short_root(layout) / server["directory"]), safe="/")
    return f"postgresql+psycopg2://{ROLE}@/{DATABASE}?host={directory}"


def redis_url(layout: Layout, state: Message) -> str | None:
    server = state["servers"].get("valkey")
    if server is None:
        return None
    path = quote(str(short_root(layout) / server["directory"] / VALKEY_SOCKET), safe="/")
    return f"unix://{path}?db=0"
