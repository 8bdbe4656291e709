"""Jobs that ended: told of without a lock, counted by indexes, pruned"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("announcing_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_jobs_finished_at",
        "jobs",
        ["finished_at"],
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_joined_job_id",
        "jobs",
        ["joined_job_id"],
        postgresql_where=sa.text("joined_job_id IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_sent",
        "jobs",
        ["enqueued_at"],
        postgresql_where=sa.text("status = 'queued' AND enqueued_at IS NOT NULL"),
    )
    op.create_index("ix_watches_last_job_id", "watches", ["last_job_id"])
    op.create_index("ix_job_failures_at", "job_failures", ["at"])


def downgrade() -> None:
    op.drop_index("ix_job_failures_at", table_name="job_failures")
    op.drop_index("ix_watches_last_job_id", table_name="watches")
    for name in ("sent", "joined_job_id", "finished_at"):
        op.drop_index(f"ix_jobs_{name}", table_name="jobs")
    op.drop_column("jobs", "announcing_until")
