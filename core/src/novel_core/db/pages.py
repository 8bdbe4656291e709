"""The archive: every page as received, and what is known of each origin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from novel_core.db.base import Base, NovelId, RowId, partial_index

#: What identifies a page: its job, and its request.
REQUEST = ("job_id", "requested_url", "method", text("sha256(request_body)"))


class PageRow(Base):
    """One response. `body` is compressed by `codec` (`zstd`, or `identity` for images).

    `problem` is an error's code where the page is not what was requested, else null. `novel_id` is
    null until the novel's first job has saved it. `context`, `method`, `request_body` and
    `is_optional` are those of the Follow that the page was requested for.
    """

    __tablename__ = "pages"
    __table_args__ = (
        Index("uq_pages_request", *REQUEST, unique=True),
        Index("ix_pages_novel_id_kind", "novel_id", "kind"),
    )

    id: Mapped[RowId]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    novel_id: Mapped[NovelId | None]
    kind: Mapped[str]
    url: Mapped[str]
    requested_url: Mapped[str]
    chapter_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    part: Mapped[int]
    position: Mapped[int]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    codec: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int]
    problem: Mapped[str | None]
    fetched_at: Mapped[datetime]
    context: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    method: Mapped[str] = mapped_column(server_default="GET")
    request_body: Mapped[bytes] = mapped_column(LargeBinary, server_default="")
    is_optional: Mapped[bool] = mapped_column(server_default="false")


class StagedItemRow(Base):
    """A parsed item between parser and save; it is parsed again from the archive if lost."""

    __tablename__ = "staged_items"
    __table_args__ = (
        Index("ix_staged_items_order", "job_id", "kind", "key", "part"),
        {"prefixes": ["UNLOGGED"]},
    )

    id: Mapped[RowId]
    job_id: Mapped[int]
    page_id: Mapped[int]
    kind: Mapped[str]
    key: Mapped[str]
    part: Mapped[int]
    position: Mapped[int]
    payload: Mapped[str]


class OriginRow(Base):
    """An origin (`https://host`): its robots.txt, and until when no request is allowed.

    The pause is that of all hosts of its `rate_group`.
    """

    __tablename__ = "origins"
    __table_args__ = (
        partial_index("ix_origins_blocked", "rate_group", where="blocked_until IS NOT NULL"),
    )

    origin: Mapped[str] = mapped_column(primary_key=True)
    robots_status: Mapped[int | None]
    robots_body: Mapped[bytes | None]
    robots_fetched_at: Mapped[datetime | None]
    blocked_until: Mapped[datetime | None]
    rate_group: Mapped[str | None]
