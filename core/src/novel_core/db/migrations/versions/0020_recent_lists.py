"""Lists of recent changes: one request for all watched novels of a site"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recent_lists",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("reaches_back_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_recent_lists")),
    )


def downgrade() -> None:
    op.drop_table("recent_lists")
