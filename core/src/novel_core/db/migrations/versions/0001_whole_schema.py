"""The whole schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authors",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_author_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
    )
    op.create_index(
        "uq_authors_account",
        "authors",
        ["source", "source_author_id"],
        unique=True,
        postgresql_where=sa.text("source_author_id IS NOT NULL"),
    )
    op.create_index(
        "uq_authors_name",
        "authors",
        ["source", "name"],
        unique=True,
        postgresql_where=sa.text("source_author_id IS NULL"),
    )
    op.create_table(
        "novels",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_novel_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("index_url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description_html", sa.Text(), server_default="", nullable=False),
        sa.Column("cover_url", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_chapter_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parser_version", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_novels")),
        sa.UniqueConstraint("slug", name=op.f("uq_novels_slug")),
        sa.UniqueConstraint(
            "source", "source_novel_id", name=op.f("uq_novels_source_source_novel_id")
        ),
    )
    op.create_index("ix_novels_updated_at", "novels", ["updated_at"], unique=False)
    op.create_table(
        "sites",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("robots_status", sa.BigInteger(), nullable=True),
        sa.Column("robots_body", sa.LargeBinary(), nullable=True),
        sa.Column("robots_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_sites")),
    )
    op.create_table(
        "staged_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("page_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_items")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(
        "ix_staged_items_order", "staged_items", ["job_id", "kind", "key", "part"], unique=False
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("kind", "slug", name=op.f("uq_tags_kind_slug")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_novel_id", sa.Text(), nullable=True),
        sa.Column("source_chapter_id", sa.Text(), nullable=True),
        sa.Column("novel_id", sa.BigInteger(), nullable=True),
        sa.Column("joined_job_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "options", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_hint", sa.Text(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatch_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pages_expected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pages_fetched", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("requests", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('crawling', 'parsing', 'saving')) = (lease_until IS NOT NULL AND lease_owner IS NOT NULL)",
            name=op.f("ck_jobs_lease_when_active"),
        ),
        sa.ForeignKeyConstraint(
            ["joined_job_id"],
            ["jobs.id"],
            name=op.f("fk_jobs_joined_job_id_jobs"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["novel_id"], ["novels.id"], name=op.f("fk_jobs_novel_id_novels"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_novel_id", "jobs", ["novel_id"], unique=False)
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["status", "run_after"],
        unique=False,
        postgresql_where=sa.text("status NOT IN ('done', 'error')"),
    )
    op.create_index("ix_jobs_source_chapter", "jobs", ["source", "source_chapter_id"], unique=False)
    op.create_index(
        "ix_jobs_source_novel", "jobs", ["source", "source_novel_id", "id"], unique=False
    )
    op.create_index("ix_jobs_source_url", "jobs", ["source", "url", "id"], unique=False)
    op.create_index(
        "ix_jobs_unannounced",
        "jobs",
        ["id"],
        unique=False,
        postgresql_where=sa.text("announced_at IS NULL"),
    )
    op.create_index(
        "uq_jobs_active_novel",
        "jobs",
        ["source", "source_novel_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('done', 'error') AND source_novel_id IS NOT NULL"),
    )
    op.create_index(
        "uq_jobs_active_url",
        "jobs",
        ["source", "url"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('done', 'error') AND source_novel_id IS NULL"),
    )
    op.create_table(
        "novel_authors",
        sa.Column("novel_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["authors.id"],
            name=op.f("fk_novel_authors_author_id_authors"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["novel_id"],
            ["novels.id"],
            name=op.f("fk_novel_authors_novel_id_novels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("novel_id", "author_id", name=op.f("pk_novel_authors")),
    )
    op.create_index(
        op.f("ix_novel_authors_author_id"), "novel_authors", ["author_id"], unique=False
    )
    op.create_table(
        "novel_statistics",
        sa.Column("novel_id", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("average_views", sa.BigInteger(), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("favorites", sa.BigInteger(), nullable=True),
        sa.Column("ratings", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.BigInteger(), nullable=True),
        sa.Column(
            "scores", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "other", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.CheckConstraint("views >= 0", name=op.f("ck_novel_statistics_views_positive")),
        sa.ForeignKeyConstraint(
            ["novel_id"],
            ["novels.id"],
            name=op.f("fk_novel_statistics_novel_id_novels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("novel_id", "observed_at", name=op.f("pk_novel_statistics")),
    )
    op.create_table(
        "novel_tags",
        sa.Column("novel_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("raw_name", sa.Text(), nullable=False),
        sa.Column("raw_slug", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["novel_id"],
            ["novels.id"],
            name=op.f("fk_novel_tags_novel_id_novels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tags.id"], name=op.f("fk_novel_tags_tag_id_tags"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("novel_id", "tag_id", name=op.f("pk_novel_tags")),
    )
    op.create_index(op.f("ix_novel_tags_tag_id"), "novel_tags", ["tag_id"], unique=False)
    op.create_table(
        "novel_warnings",
        sa.Column("novel_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["novel_id"],
            ["novels.id"],
            name=op.f("fk_novel_warnings_novel_id_novels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("novel_id", "name", name=op.f("pk_novel_warnings")),
    )
    op.create_table(
        "volumes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("novel_id", sa.BigInteger(), nullable=False),
        sa.Column("source_volume_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cover_url", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["novel_id"], ["novels.id"], name=op.f("fk_volumes_novel_id_novels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volumes")),
        sa.UniqueConstraint(
            "novel_id", "source_volume_id", name=op.f("uq_volumes_novel_id_source_volume_id")
        ),
    )
    op.create_table(
        "chapters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("novel_id", sa.BigInteger(), nullable=False),
        sa.Column("source_chapter_id", sa.Text(), nullable=False),
        sa.Column("volume_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["novel_id"],
            ["novels.id"],
            name=op.f("fk_chapters_novel_id_novels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["volume_id"],
            ["volumes.id"],
            name=op.f("fk_chapters_volume_id_volumes"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapters")),
        sa.UniqueConstraint(
            "novel_id",
            "number",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_chapters_novel_id_number"),
        ),
        sa.UniqueConstraint(
            "novel_id", "source_chapter_id", name=op.f("uq_chapters_novel_id_source_chapter_id")
        ),
    )
    op.create_index(
        "ix_chapters_source_chapter_id", "chapters", ["source_chapter_id"], unique=False
    )
    op.create_index(op.f("ix_chapters_text_id"), "chapters", ["text_id"], unique=False)
    op.create_index(op.f("ix_chapters_volume_id"), "chapters", ["volume_id"], unique=False)
    op.create_table(
        "job_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_events_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_events")),
    )
    op.create_index(op.f("ix_job_events_at"), "job_events", ["at"], unique=False)
    op.create_index("ix_job_events_job_id_id", "job_events", ["job_id", "id"], unique=False)
    op.create_table(
        "job_failures",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("chapter_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_failures_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "url", name=op.f("pk_job_failures")),
    )
    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("novel_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("requested_url", sa.Text(), nullable=False),
        sa.Column("chapter_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_pages_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["novel_id"], ["novels.id"], name=op.f("fk_pages_novel_id_novels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("job_id", "requested_url", name=op.f("uq_pages_job_id_requested_url")),
    )
    op.create_index("ix_pages_novel_id_kind", "pages", ["novel_id", "kind"], unique=False)
    op.create_table(
        "chapter_checks",
        sa.Column("chapter_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chapter_id"],
            ["chapters.id"],
            name=op.f("fk_chapter_checks_chapter_id_chapters"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("chapter_id", name=op.f("pk_chapter_checks")),
    )
    op.create_table(
        "chapter_texts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("chapter_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content_html", sa.Text(), nullable=False),
        sa.Column("note_before_html", sa.Text(), nullable=False),
        sa.Column("note_after_html", sa.Text(), nullable=False),
        sa.Column("word_count", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"],
            ["chapters.id"],
            name=op.f("fk_chapter_texts_chapter_id_chapters"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_chapter_texts_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapter_texts")),
        sa.UniqueConstraint(
            "chapter_id", "version", name=op.f("uq_chapter_texts_chapter_id_version")
        ),
    )
    op.create_index("ix_chapter_texts_job_id", "chapter_texts", ["job_id"], unique=False)
    op.create_table(
        "text_pages",
        sa.Column("text_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("page_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["pages.id"], name=op.f("fk_text_pages_page_id_pages")
        ),
        sa.ForeignKeyConstraint(
            ["text_id"],
            ["chapter_texts.id"],
            name=op.f("fk_text_pages_text_id_chapter_texts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("text_id", "part", name=op.f("pk_text_pages")),
    )
    op.create_index(op.f("ix_text_pages_page_id"), "text_pages", ["page_id"], unique=False)

    # Chapters and their texts point at each other.
    op.create_foreign_key(
        "fk_chapters_text_id_chapter_texts",
        "chapters",
        "chapter_texts",
        ["text_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_constraint("fk_chapters_text_id_chapter_texts", "chapters", type_="foreignkey")
    op.drop_index(op.f("ix_text_pages_page_id"), table_name="text_pages")
    op.drop_table("text_pages")
    op.drop_index("ix_chapter_texts_job_id", table_name="chapter_texts")
    op.drop_table("chapter_texts")
    op.drop_table("chapter_checks")
    op.drop_index("ix_pages_novel_id_kind", table_name="pages")
    op.drop_table("pages")
    op.drop_table("job_failures")
    op.drop_index("ix_job_events_job_id_id", table_name="job_events")
    op.drop_index(op.f("ix_job_events_at"), table_name="job_events")
    op.drop_table("job_events")
    op.drop_index(op.f("ix_chapters_volume_id"), table_name="chapters")
    op.drop_index(op.f("ix_chapters_text_id"), table_name="chapters")
    op.drop_index("ix_chapters_source_chapter_id", table_name="chapters")
    op.drop_table("chapters")
    op.drop_table("volumes")
    op.drop_table("novel_warnings")
    op.drop_index(op.f("ix_novel_tags_tag_id"), table_name="novel_tags")
    op.drop_table("novel_tags")
    op.drop_table("novel_statistics")
    op.drop_index(op.f("ix_novel_authors_author_id"), table_name="novel_authors")
    op.drop_table("novel_authors")
    op.drop_index(
        "uq_jobs_active_url",
        table_name="jobs",
        postgresql_where=sa.text("status NOT IN ('done', 'error') AND source_novel_id IS NULL"),
    )
    op.drop_index(
        "uq_jobs_active_novel",
        table_name="jobs",
        postgresql_where=sa.text("status NOT IN ('done', 'error') AND source_novel_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_jobs_unannounced", table_name="jobs", postgresql_where=sa.text("announced_at IS NULL")
    )
    op.drop_index("ix_jobs_source_url", table_name="jobs")
    op.drop_index("ix_jobs_source_novel", table_name="jobs")
    op.drop_index("ix_jobs_source_chapter", table_name="jobs")
    op.drop_index(
        "ix_jobs_open",
        table_name="jobs",
        postgresql_where=sa.text("status NOT IN ('done', 'error')"),
    )
    op.drop_index("ix_jobs_novel_id", table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("tags")
    op.drop_index("ix_staged_items_order", table_name="staged_items")
    op.drop_table("staged_items")
    op.drop_table("sites")
    op.drop_index("ix_novels_updated_at", table_name="novels")
    op.drop_table("novels")
    op.drop_index(
        "uq_authors_name",
        table_name="authors",
        postgresql_where=sa.text("source_author_id IS NULL"),
    )
    op.drop_index(
        "uq_authors_account",
        table_name="authors",
        postgresql_where=sa.text("source_author_id IS NOT NULL"),
    )
    op.drop_table("authors")
