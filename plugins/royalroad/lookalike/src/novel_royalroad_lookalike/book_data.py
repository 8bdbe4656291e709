"""The JSON-LD of a fiction, in both layouts."""

from __future__ import annotations

from typing import Any

from novel_royalroad_lookalike.encoding import iso_seconds, to_json
from novel_royalroad_lookalike.model import FictionModel
from novel_royalroad_lookalike.vocabulary import NO_COVER, ORIGIN

_GENRES = 5


def script(fiction: FictionModel) -> str:
    return f'<script type="application/ld+json">{to_json(_book(fiction))}</script>'


def _book(fiction: FictionModel) -> dict[str, Any]:
    url = fiction.url
    cover = fiction.cover_url or NO_COVER
    listed = fiction.listed
    first = fiction.chapter_path(listed[0]) if listed else fiction.path
    book: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Book",
        "name": fiction.title,
        "description": fiction.description,
        "image": cover,
        "mainEntityOfPage": url,
        "potentialAction": {
            "@type": "ReadAction",
            "target": {"@type": "EntryPoint", "urlTemplate": ORIGIN + first},
        },
        "url": url,
        "author": {"@type": "Person", "name": fiction.author},
        "genre": [
            f"{ORIGIN}/fictions/best-rated?genre={slug}" for _, slug in fiction.tags[:_GENRES]
        ],
        "headline": fiction.title,
        "inLanguage": "en-US",
        "isAccessibleForFree": True,
        "isFamilyFriendly": not fiction.warnings,
        "publisher": {
            "@type": "Organization",
            "name": "Royal Road",
            "legalName": "Not Yet Media LTD",
        },
        "publishingPrinciples": f"{ORIGIN}/support/knowledgebase",
        "thumbnailUrl": cover,
    }
    return book | _dates(fiction) | _numbers(fiction)


def _dates(fiction: FictionModel) -> dict[str, Any]:
    """Withdrawn chapters count: the fiction is as old as it was."""
    dates = [chapter.published for chapter in fiction.chapters]
    if not dates:
        return {}
    first, last = (f"{iso_seconds(date)}+00:00" for date in (min(dates), max(dates)))
    return {
        "copyrightYear": min(dates).year,
        "dateCreated": first,
        "dateModified": last,
        "datePublished": first,
    }


def _numbers(fiction: FictionModel) -> dict[str, Any]:
    counts = fiction.counts
    if counts is None:
        return {}
    return {
        "aggregateRating": {
            "@type": "AggregateRating",
            "bestRating": 5,
            "ratingValue": fiction.scores.get("Overall", 0.5),
            "worstRating": 0.5,
            "ratingCount": counts.ratings,
        },
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "userInteractionCount": counts.views,
        },
        "numberOfPages": counts.pages,
    }
