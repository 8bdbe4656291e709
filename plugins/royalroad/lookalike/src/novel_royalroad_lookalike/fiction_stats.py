"""The statistics block of a fiction's page."""

from __future__ import annotations

from hashlib import sha256

from novel_royalroad_lookalike.model import Counts, FictionModel

_POPOVER = 'data-trigger="hover" data-container="body" data-placement="top"'
_OVERALL = "Overall"


def statistics(fiction: FictionModel) -> str:
    """Scores to the left, counts to the right; no block without numbers."""
    if fiction.counts is None:
        return ""
    return f"""<div class="portlet light">
    <div class="portlet-body fiction-stats">
        <input type="checkbox" name="Show more stats" id="showStats"/>
        <label for="showStats" tabindex="0" aria-label="Toggle Statistics" role="button">
            <i class="fa fa-line-chart"></i>
            <span class="title bold uppercase">Statistics</span>
        </label>
        <div class="stats-content">
            <div class="col-sm-6">
                        <ul class="list-unstyled">{_scores(fiction)}
                        </ul>
            </div>
            <div class="col-sm-6">
                <ul class="list-unstyled">{_counts(fiction.counts)}
                </ul>
            </div>
        </div>
    </div>
</div>"""


def _scores(fiction: FictionModel) -> str:
    return "".join(
        f"""
                            <li class="bold uppercase list-item">{name} Score</li>
                            <li class="list-item">
                                {_stars(fiction, name, score)}
                            </li>"""
        for name, score in fiction.scores.items()
    )


def _stars(fiction: FictionModel, name: str, score: float) -> str:
    """The overall score is drawn by a style of its own, the others by classes."""
    value = (
        f'{_POPOVER} data-original-title="{name} Score" data-content="{score} / 5" '
        f'aria-label="{score} stars"'
    )
    if name != _OVERALL:
        return f'<span class="star star-{score * 10:.0f} font-red-sunglo popovers" {value}></span>'
    mark = sha256(str(fiction.id).encode()).hexdigest()[:32]
    star = f"star-{fiction.id}-overall-{mark}"
    return (
        f'<span class="font-red-sunglo popovers star {star}" title="Overall Score" {value}>'
        f"<style>.{star}:after{{ width: {score * 20:.4f}% }}</style></span>"
    )


def _counts(counts: Counts) -> str:
    tooltip = (
        '<i class="fal fa-question-circle popovers" data-trigger="hover" data-placement="top" data-container="body" '
        f'title="Story Length" data-content="This story would be {counts.pages:,} pages long as a published paperback book. '
        f'This is an estimate based on an average of 275 words per page, calculated from {counts.words:,} words."></i>'
    )
    return "".join(
        f"""
                    <li class="bold uppercase">{name} :</li>
                    <li class="bold uppercase font-red-sunglo">{value:,}</li>"""
        for name, value in (
            ("Total Views", counts.views),
            ("Average Views", counts.average_views),
            ("Followers", counts.followers),
            ("Favorites", counts.favorites),
            ("Ratings", counts.ratings),
            (f"Pages {tooltip}", counts.pages),
        )
    )
