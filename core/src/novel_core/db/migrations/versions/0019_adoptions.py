"""Adoptions: proofs of sites, with the pages they saw"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adoptions",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wishes", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_adoptions_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.name"], name=op.f("fk_adoptions_site_sites")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_adoptions")),
    )
    op.create_index("ix_adoptions_site", "adoptions", ["site", "job_id"], unique=False)
    op.create_table(
        "adoption_pages",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("page", postgresql.JSONB(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("expected", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["adoptions.job_id"],
            name=op.f("fk_adoption_pages_job_id_adoptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_adoption_pages")),
    )


def downgrade() -> None:
    op.drop_table("adoption_pages")
    op.drop_table("adoptions")
