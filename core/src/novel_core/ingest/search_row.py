"""The columns of a novel's row for lists and search: counts, and the search vector."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Characters of a description that are searched.
_DESCRIPTION = 20_000

_REFRESH = text(
    f"""
    UPDATE novels SET
        chapter_count = counted.present, held_count = counted.saved,
        word_count = counted.words, last_chapter_at = counted.newest,
        search = setweight(to_tsvector('simple', folded_title), 'A')
            || setweight(to_tsvector('simple', novel_folded(named.authors)), 'B')
            || setweight(to_tsvector('simple', novel_folded(named.tags)), 'C')
            || setweight(to_tsvector('english', novel_folded(
                   left(regexp_replace(description_html, '<[^>]*>', ' ', 'g'),
                   {_DESCRIPTION}))), 'D')
    FROM
        (SELECT count(*) FILTER (WHERE removed_at IS NULL) AS present, count(text_id) AS saved,
                coalesce(sum(t.word_count), 0) AS words,
                max(published_at) FILTER (WHERE removed_at IS NULL) AS newest
         FROM chapters c LEFT JOIN chapter_texts t ON t.id = c.text_id WHERE c.novel_id = :novel
        ) AS counted,
        (SELECT
            coalesce((SELECT string_agg(a.name, ' ')
                      FROM novel_authors l JOIN authors a ON a.id = l.author_id
                      WHERE l.novel_id = :novel), '') AS authors,
            coalesce((SELECT string_agg(raw_name, ' ')
                      FROM novel_tags WHERE novel_id = :novel), '') AS tags
        ) AS named
    WHERE novels.id = :novel
    """  # noqa: S608 - a constant of ours
)


def refresh_search_row(session: Session, novel_id: int) -> None:
    """Update the derived columns of the novel's row, in the transaction that changed their data."""
    session.flush()
    session.execute(_REFRESH, {"novel": novel_id})
