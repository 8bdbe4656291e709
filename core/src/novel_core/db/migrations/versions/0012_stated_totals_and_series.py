"""What the site states of a novel, its series, and the numbers of its chapters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("novels", sa.Column("stated_chapters", sa.BigInteger(), nullable=True))
    op.add_column("novels", sa.Column("stated_words", sa.BigInteger(), nullable=True))
    op.add_column(
        "chapters",
        sa.Column("statistics", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.create_table(
        "novel_series",
        sa.Column("novel_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source_series_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["novel_id"],
            ["novels.id"],
            name="fk_novel_series_novel_id_novels",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("novel_id", "position", name="pk_novel_series"),
    )


def downgrade() -> None:
    op.drop_table("novel_series")
    op.drop_column("chapters", "statistics")
    op.drop_column("novels", "stated_words")
    op.drop_column("novels", "stated_chapters")
