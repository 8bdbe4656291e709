"""Adoptions: what a proof of a site was to find, what it found, and the pages it saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from novel_core.db.base import CASCADE, Base, CreatedAt


class AdoptionRow(Base):
    """The proof of a site by a job: one for its own sake, or the first job of an unverified site.

    `wishes` is what the user said, `report` what was found (null before), `site` the name of the
    site in `sites` once it is added.
    """

    __tablename__ = "adoptions"
    __table_args__ = (Index("ix_adoptions_site", "site", "job_id"),)

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete=CASCADE), primary_key=True)
    wishes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    report: Mapped[dict[str, Any] | None]
    site: Mapped[str | None] = mapped_column(ForeignKey("sites.name"))
    created_at: Mapped[CreatedAt]
    added_at: Mapped[datetime | None]


class AdoptionPageRow(Base):
    """A page that a proof saw: the response (`page`, and `body` by `codec`) and what was read of it."""

    __tablename__ = "adoption_pages"

    job_id: Mapped[int] = mapped_column(
        ForeignKey("adoptions.job_id", ondelete=CASCADE), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    page: Mapped[dict[str, Any]]
    codec: Mapped[str]
    size: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    expected: Mapped[dict[str, Any]]
