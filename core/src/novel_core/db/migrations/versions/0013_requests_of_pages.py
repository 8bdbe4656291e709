"""Pages know the request they answer, and what their Follow carried"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PLAIN = "uq_pages_job_id_requested_url"
_REQUEST = "uq_pages_request"


def upgrade() -> None:
    added: tuple[sa.Column[Any], ...] = (
        sa.Column("context", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("method", sa.Text(), server_default="GET", nullable=False),
        sa.Column("request_body", sa.LargeBinary(), server_default="", nullable=False),
        sa.Column("is_optional", sa.Boolean(), server_default="false", nullable=False),
    )
    for column in added:
        op.add_column("pages", column)
    op.drop_constraint(_PLAIN, "pages")
    digest = sa.text("sha256(request_body)")
    op.create_index(_REQUEST, "pages", ["job_id", "requested_url", "method", digest], unique=True)


def downgrade() -> None:
    # Of the requests of one URL, the newest stays.
    op.execute(
        "DELETE FROM pages AS old USING pages AS newer WHERE old.job_id = newer.job_id"
        " AND old.requested_url = newer.requested_url AND old.id < newer.id"
    )
    op.drop_index(_REQUEST, "pages")
    op.create_unique_constraint(_PLAIN, "pages", ["job_id", "requested_url"])
    for name in ("is_optional", "request_body", "method", "context"):
        op.drop_column("pages", name)
