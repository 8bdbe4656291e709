"""The tables of API keys and saved responses. Their migrations are in the engine's chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from novel_core.db.base import Base, CreatedAt, RowId


class ApiKeyRow(Base):
    """An API key. `digest`: the SHA-256 of its secret in hexadecimal; `prefix`: for lists."""

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[RowId]
    name: Mapped[str]
    prefix: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class IdempotencyRow(Base):
    """The response to a request with an Idempotency-Key. `owner` is the API key's id, or 0.

    `digest` is the SHA-256 of the request (method, path and body), in hexadecimal.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)

    owner: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    body: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_at: Mapped[CreatedAt]
