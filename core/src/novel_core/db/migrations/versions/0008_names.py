"""Names are found without their accents; no slug is a number"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

# What a search compares: lower case; compatible forms as one (full-width letters are ASCII); without the accents of Latin,
# Greek and Cyrillic and the vowel points of Hebrew and Arabic. Marks of other scripts are letters of theirs and stay.
_MARKS = r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]"
# Letters that are no other letter with an accent.
_ALONE = ("łŁøØđĐðÐħĦıŧŦ", "lLoOdDdDhHitT")
_TWO = {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"}

_SEARCH = """
UPDATE novels n SET search = setweight(to_tsvector('simple', n.folded_title), 'A')
    || setweight(to_tsvector('simple', novel_folded(coalesce(
        (SELECT string_agg(a.name, ' ') FROM novel_authors l JOIN authors a ON a.id = l.author_id
         WHERE l.novel_id = n.id), ''))), 'B')
    || setweight(to_tsvector('simple', novel_folded(coalesce(
        (SELECT string_agg(raw_name, ' ') FROM novel_tags WHERE novel_id = n.id), ''))), 'C')
    || setweight(to_tsvector('english', novel_folded(
        left(regexp_replace(n.description_html, '<[^>]*>', ' ', 'g'), 20000))), 'D')
"""

# As a new novel of that title gets it: with its source; where that is taken, with its id too.
_NUMBERS = """
UPDATE novels n SET slug = n.slug || '-' || n.source || CASE
    WHEN EXISTS (SELECT FROM novels o WHERE o.slug = n.slug || '-' || n.source) THEN '-id-' || n.id ELSE '' END
WHERE n.slug ~ '^[0-9]+$'
"""


def _folding() -> str:
    """The function's definition, in ASCII: a connection need not know these letters."""
    words = f"translate(words, {_literal(_ALONE[0])}, '{_ALONE[1]}')"
    for letter, plain in _TWO.items():
        words = f"replace({words}, {_literal(letter)}, '{plain}')"
    return (
        "CREATE FUNCTION novel_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
        f" RETURN lower(normalize(regexp_replace(normalize({words}, NFKD), '{_MARKS}', '', 'g'), NFC))"
    )


def _literal(letters: str) -> str:
    return "E'" + "".join(f"\\u{ord(letter):04x}" for letter in letters) + "'"


def upgrade() -> None:
    op.execute(_folding())
    op.drop_index("ix_novels_title", table_name="novels")
    op.drop_index("ix_novels_title_trigrams", table_name="novels")
    op.drop_index("ix_authors_lower_name", table_name="authors")
    _add_folded("novels", "title")
    _add_folded("authors", "name")
    op.create_index("ix_novels_folded_title", "novels", ["folded_title", "id"], unique=False)
    op.create_index("ix_authors_folded_name", "authors", ["folded_name"], unique=False)
    _index_trigrams("folded_title")
    op.execute(_SEARCH)
    op.execute(_NUMBERS)


def downgrade() -> None:
    op.drop_index("ix_novels_title_trigrams", table_name="novels")
    op.drop_index("ix_authors_folded_name", table_name="authors")
    op.drop_index("ix_novels_folded_title", table_name="novels")
    op.drop_column("authors", "folded_name")
    op.drop_column("novels", "folded_title")
    op.execute("DROP FUNCTION novel_folded(text)")
    op.create_index("ix_authors_lower_name", "authors", [sa.text("lower(name)")], unique=False)
    op.create_index("ix_novels_title", "novels", [sa.text("lower(title)"), "id"], unique=False)
    _index_trigrams("title")


def _add_folded(table: str, column: str) -> None:
    folded = sa.Computed(f"novel_folded({column})", persisted=True)
    op.add_column(table, sa.Column(f"folded_{column}", sa.Text(), folded, nullable=False))


def _index_trigrams(column: str) -> None:
    op.create_index(
        "ix_novels_title_trigrams",
        "novels",
        [column],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
    )
