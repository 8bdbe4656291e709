{% if cookiecutter.kind == "family" %}
"""Public pages of the sites and their expected values, for tests and the live check."""

from __future__ import annotations

from collections.abc import Mapping

from novel_core import Sample, UrlKind

_SITE = {{ cookiecutter.homepage.rstrip("/") | python }}

# By the site's name in sites.toml; a site may have none. `novel check --live` compares `expect`
# with the live page: give values that rarely change.
SAMPLES: Mapping[str, tuple[Sample, ...]] = {
    {{ cookiecutter.__site | python }}: (
        # TODO: the URL and the values of a real novel of each site, best one that is finished
        Sample(
            url=f"{_SITE}/novel/7/the-lamplighters-ledger",
            kind=UrlKind.NOVEL,
            canonical_url=f"{_SITE}/novel/7",
            novel_id="7",
            expect={"title": "The Lamplighter's Ledger", "authors": ["Mara Quill"]},
        ),
    ),
}
{% else %}
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
{% endif %}
