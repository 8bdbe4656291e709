"""Public pages of Archive of Our Own and their expected values, for tests and the live check."""

from __future__ import annotations

from novel_core import Sample, UrlKind

SAMPLES = (
    Sample(
        url="https://archiveofourown.org/works/43703871",
        kind=UrlKind.NOVEL,
        canonical_url="https://archiveofourown.org/works/43703871",
        novel_id="43703871",
        expect={"title": "Let The River Run", "authors": ["astolat"], "source_id": "43703871"},
    ),
    Sample(
        url="http://ao3.org/works/29046888/chapters/71295483#workskin",
        kind=UrlKind.CHAPTER,
        canonical_url="https://archiveofourown.org/works/29046888/chapters/71295483",
        novel_id="29046888",
        chapter_id="71295483",
        expect={"title": "Plans", "source_id": "71295483"},
    ),
    Sample(
        url="https://archiveofourown.org/series/2126586",
        kind=UrlKind.NOVEL,
        canonical_url="https://archiveofourown.org/series/2126586",
        novel_id="series-2126586",
        expect={"title": "first impressions", "source_id": "series-2126586"},
    ),
)
