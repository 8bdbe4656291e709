"""What a page lacks may be several chapters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "job_failures",
        sa.Column("chapter_ids", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column(
        "job_failures", sa.Column("part", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.execute(
        "UPDATE job_failures SET chapter_ids = ARRAY[chapter_id] WHERE chapter_id IS NOT NULL"
    )
    op.drop_column("job_failures", "chapter_id")


def downgrade() -> None:
    op.add_column("job_failures", sa.Column("chapter_id", sa.Text(), nullable=True))
    op.execute("UPDATE job_failures SET chapter_id = chapter_ids[1]")
    op.drop_column("job_failures", "part")
    op.drop_column("job_failures", "chapter_ids")
