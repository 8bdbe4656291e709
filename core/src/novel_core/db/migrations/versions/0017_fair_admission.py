"""Waiting jobs are admitted by rate group, in turn"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_WAITING = "status = 'queued' AND enqueued_at IS NULL"
_UNDER_WAY = "lease_until IS NOT NULL OR (status = 'queued' AND enqueued_at IS NOT NULL)"


def upgrade() -> None:
    op.create_table(
        "rate_groups",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rate_groups"),
    )
    op.add_column("jobs", sa.Column("rate_group", sa.Text(), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("rate", sa.Float(), server_default="1", nullable=False))
    op.add_column(
        "jobs",
        sa.Column(
            "turn_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    op.execute(
        "UPDATE jobs SET turn_at = created_at,"
        " rate_group = coalesce(lower(substring(url from '://(?:[^/@]*@)?([^:/?#]+)')), source)"
    )
    op.drop_index("ix_jobs_unsent", table_name="jobs")
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        ["rate_group", "turn_at", "id"],
        postgresql_include=["run_after"],
        postgresql_where=sa.text(_WAITING),
    )
    op.create_index(
        "ix_jobs_under_way", "jobs", ["rate_group"], postgresql_where=sa.text(_UNDER_WAY)
    )
    op.create_index(
        "ix_origins_blocked",
        "origins",
        ["rate_group"],
        postgresql_where=sa.text("blocked_until IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_origins_blocked", table_name="origins")
    op.drop_index("ix_jobs_under_way", table_name="jobs")
    op.drop_index("ix_jobs_waiting", table_name="jobs")
    for name in ("turn_at", "rate", "rate_group"):
        op.drop_column("jobs", name)
    op.drop_table("rate_groups")
    op.create_index("ix_jobs_unsent", "jobs", ["id"], postgresql_where=sa.text(_WAITING))
