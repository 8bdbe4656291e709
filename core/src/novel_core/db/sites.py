"""The sites of families, with their permanent names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from novel_core.db.base import Base, CreatedAt


class SiteRow(Base):
    """A site that was used or added. Its name is the `source` of its novels and never changes.

    A base address on http and on https is one site; `hosts` are its own and its aliases. `added_by`
    is `package`, `wildcard` or `operator`. A row is never deleted: a site that was removed and comes
    back has its old name.
    """

    __tablename__ = "sites"
    __table_args__ = (
        Index(
            "uq_sites_family_address",
            "family",
            text("\"substring\"(base_url, '://(.*)$'::text)"),
            unique=True,
        ),
        Index("ix_sites_hosts", "hosts", postgresql_using="gin"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    family: Mapped[str]
    base_url: Mapped[str]
    hosts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    title: Mapped[str]
    language: Mapped[str | None]
    time_zone: Mapped[str]
    rate_group: Mapped[str]
    options: Mapped[dict[str, Any]]
    added_by: Mapped[str]
    created_at: Mapped[CreatedAt]
    removed_at: Mapped[datetime | None]


#: The base address without its scheme, written as in the index.
site_address = func.substring(SiteRow.base_url, "://(.*)$")
