"""Public pages and their expected values, for tests and the live check."""

from __future__ import annotations

from novel_core import Sample, UrlKind

from {{ cookiecutter.__module }}.urls import ORIGIN

# `novel check --live` compares `expect` with the live page: give values that rarely change.
SAMPLES = (
    # TODO: the URL and the values of a real novel, best one that is finished
    Sample(
        url=f"{ORIGIN}/novel/7/the-lamplighters-ledger",
        kind=UrlKind.NOVEL,
        canonical_url=f"{ORIGIN}/novel/7",
        novel_id="7",
        expect={"title": "The Lamplighter's Ledger", "authors": ["Mara Quill"]},
    ),
    # TODO: the URL and the values of one of its chapters
    Sample(
        url=f"{ORIGIN}/novel/7/chapter/1",
        kind=UrlKind.CHAPTER,
        canonical_url=f"{ORIGIN}/novel/7/chapter/1",
        novel_id="7",
        chapter_id="1",
        expect={"title": "The First Lamp"},
    ),
)
