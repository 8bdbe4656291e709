"""The page that a job works on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("working_on", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "working_on")
