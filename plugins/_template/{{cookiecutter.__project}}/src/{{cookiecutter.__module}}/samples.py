"""Known public pages and what they are expected to say: for the contract's tests, live checks and people."""

from __future__ import annotations

from novel_core import Sample, UrlKind

from {{ cookiecutter.__module }}.urls import ORIGIN

# `expect` is compared with the live page by `novel check --live`: give what hardly ever changes.
SAMPLES = (
    # TODO: put the address of a real novel, long finished if there is one, and what its page says
    Sample(
        url=f"{ORIGIN}/novel/7/the-lamplighters-ledger",
        kind=UrlKind.NOVEL,
        canonical_url=f"{ORIGIN}/novel/7",
        novel_id="7",
        expect={"title": "The Lamplighter's Ledger", "authors": ["Mara Quill"]},
    ),
    # TODO: put the address of one of its chapters
    Sample(
        url=f"{ORIGIN}/novel/7/chapter/1",
        kind=UrlKind.CHAPTER,
        canonical_url=f"{ORIGIN}/novel/7/chapter/1",
        novel_id="7",
        chapter_id="1",
        expect={"title": "The First Lamp"},
    ),
)
