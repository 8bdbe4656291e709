"""Public pages and their expected values, for tests and the live check."""

from __future__ import annotations

from novel_core import Sample, UrlKind

SAMPLES = (
    Sample(
        url="https://www.royalroad.com/fiction/33844/the-runesmith",
        kind=UrlKind.NOVEL,
        canonical_url="https://www.royalroad.com/fiction/33844",
        novel_id="33844",
        expect={"title": "The Runesmith", "authors": ["Kuropon"], "source_id": "33844"},
    ),
    Sample(
        url="https://www.royalroad.com/fiction/33844/the-runesmith/chapter/526587/glossary-of-terms",
        kind=UrlKind.CHAPTER,
        canonical_url="https://www.royalroad.com/fiction/chapter/526587",
        chapter_id="526587",
        expect={"title": "Glossary of terms", "source_id": "526587"},
    ),
    Sample(
        url="https://www.royalroad.com/fiction/192682/reborn-as-a-demonic-rock-monster-evolution-litrpg",
        kind=UrlKind.NOVEL,
        canonical_url="https://www.royalroad.com/fiction/192682",
        novel_id="192682",
        expect={
            "title": "Reborn as a Demonic Rock [Monster Evolution LitRPG | Religion Building]",
            "authors": ["Roobit"],
            "type": "Original",
            "source_id": "192682",
        },
    ),
)
