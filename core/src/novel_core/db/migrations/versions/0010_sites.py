"""Sites of families; what is known of hosts is called origins"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("sites", "origins")
    op.execute("ALTER TABLE origins RENAME CONSTRAINT pk_sites TO pk_origins")
    op.add_column("origins", sa.Column("rate_group", sa.Text(), nullable=True))
    op.execute(
        "UPDATE origins SET rate_group = substring(origin from '://([^:/]+)') WHERE blocked_until > now()"
    )
    op.create_table(
        "sites",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("hosts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("rate_group", sa.Text(), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sites")),
    )
    op.create_index(
        "uq_sites_family_address",
        "sites",
        ["family", sa.text("\"substring\"(base_url, '://(.*)$'::text)")],
        unique=True,
    )
    op.create_index("ix_sites_hosts", "sites", ["hosts"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("sites")
    op.drop_column("origins", "rate_group")
    op.execute("ALTER TABLE origins RENAME CONSTRAINT pk_origins TO pk_sites")
    op.rename_table("origins", "sites")
