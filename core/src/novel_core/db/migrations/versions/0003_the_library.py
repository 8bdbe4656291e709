"""The library"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SHELVE = """
UPDATE novels n SET
    chapter_count = counted.present, held_count = counted.held,
    word_count = counted.words, last_chapter_at = counted.newest,
    search = setweight(to_tsvector('simple', n.title), 'A')
        || setweight(to_tsvector('simple', coalesce(named.authors, '')), 'B')
        || setweight(to_tsvector('simple', coalesce(tagged.tags, '')), 'C')
        || setweight(to_tsvector('english',
               left(regexp_replace(n.description_html, '<[^>]*>', ' ', 'g'), 20000)), 'D')
FROM novels same
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE removed_at IS NULL) AS present, count(text_id) AS held,
           coalesce(sum(t.word_count), 0) AS words,
           max(published_at) FILTER (WHERE removed_at IS NULL) AS newest
    FROM chapters c LEFT JOIN chapter_texts t ON t.id = c.text_id WHERE c.novel_id = same.id
) counted ON true
LEFT JOIN LATERAL (
    SELECT string_agg(a.name, ' ') AS authors
    FROM novel_authors l JOIN authors a ON a.id = l.author_id WHERE l.novel_id = same.id
) named ON true
LEFT JOIN LATERAL (
    SELECT string_agg(raw_name, ' ') AS tags FROM novel_tags WHERE novel_id = same.id
) tagged ON true
WHERE n.id = same.id
"""


def upgrade() -> None:
    # A trusted extension: the owner of the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name in ("chapter_count", "held_count", "word_count"):
        op.add_column(
            "novels", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    op.add_column("novels", sa.Column("last_chapter_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "novels", sa.Column("search", postgresql.TSVECTOR(), server_default="", nullable=False)
    )
    op.execute(_SHELVE)
    op.drop_index("ix_novels_updated_at", table_name="novels")
    for name in ("updated_at", "created_at", "word_count", "chapter_count"):
        op.create_index(f"ix_novels_{name}", "novels", [name, "id"], unique=False)
    op.create_index("ix_novels_title", "novels", [sa.text("lower(title)"), "id"], unique=False)
    op.create_index("ix_authors_lower_name", "authors", [sa.text("lower(name)")], unique=False)
    op.create_index("ix_novels_source", "novels", ["source"], unique=False)
    op.create_index("ix_novels_search", "novels", ["search"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_novels_title_trigrams",
        "novels",
        ["title"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
    )


def downgrade() -> None:
    op.drop_index("ix_authors_lower_name", table_name="authors")
    for name in ("title_trigrams", "search", "source", "title", "chapter_count", "word_count"):
        op.drop_index(f"ix_novels_{name}", table_name="novels")
    op.drop_index("ix_novels_created_at", table_name="novels")
    op.drop_index("ix_novels_updated_at", table_name="novels")
    op.create_index("ix_novels_updated_at", "novels", ["updated_at"], unique=False)
    for name in ("search", "last_chapter_at", "word_count", "held_count", "chapter_count"):
        op.drop_column("novels", name)
    op.execute("DROP EXTENSION pg_trgm")
