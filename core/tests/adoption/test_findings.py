"""What a proof says of a novel that is not as it should be: proved with warnings, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from adopting import Adopting
from chronicles import NOVEL, ChronicleSite, chapters

from novel_core.adoption.findings import chapter_number
from novel_core.adoption.report import Level, Verdict

LATER = (datetime.now(UTC) + timedelta(days=9)).isoformat()


def changed(count: int = 12, **changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Chapters, with changes to some by id."""
    return [one | changes.get(f"c{one['id']}", {}) for one in chapters(count)]


#: What the site shows -> the subject and the words of the finding.
FINDINGS: dict[str, tuple[dict[str, Any], str, str]] = {
    "too few": ({"stated": 143}, "count", "states 143 chapters and its list has 12: 131 are missing"),
    "too many": ({"stated": 3}, "count", "more than the 3 that are stated"),
    "gaps": (
        {"chapters": [one for one in chapters(12) if one["id"] not in {"4", "5"}], "stated": 10},
        "gaps",
        "In the numbering 4, 5 are missing",
    ),
    "ids twice": ({"chapters": changed(c5={"id": "4"}), "stated": 11}, "duplicates", "same chapter ids: 4"),
    "foreign": (
        {"chapters": changed(c3={"url": "https://other.example/novel/7/3"})},
        "hosts",
        "not requested: other.example",
    ),
    "future": ({"chapters": changed(c12={"date": LATER})}, "dates", "1 date in the list"),
    "reversed": ({"chapters": chapters(12)[::-1]}, "dates", "reverse order"),
    "empty": ({"chapters": changed(c6={"text": ""})}, "texts", "“Chapter 6” has no text"),
    "tiny": ({"chapters": changed(c6={"text": "<p>Soon."})}, "texts", "“Chapter 6” has 1 word only"),
    "cut": (
        {"answers": {"/novel/7/12": (200, {}, "<h2>Chapter 12")}},
        "texts",
        "“Chapter 12” could not be read: https://chronicle.example/novel/7/12 was cut off",
    ),
    "dead": (
        {"answers": {"/novel/7/12": (404, {}, "")}},
        "texts",
        "“Chapter 12” could not be read: https://chronicle.example/novel/7/12 does not exist",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FINDINGS)
def test_a_finding_is_told(site: ChronicleSite, bench: Adopting, case: str) -> None:
    changes, about, words = FINDINGS[case]
    site.change(**changes)
    report = bench.adopt(NOVEL).report
    assert report is not None
    assert report.verdict is Verdict.WARNINGS
    warnings = [one for one in report.findings if one.level is Level.WARNING]
    assert about in {one.about for one in warnings}
    assert words in " ".join(one.text for one in warnings if one.about == about)


def test_a_long_list_is_read_in_part_and_said_to_be(site: ChronicleSite, bench: Adopting) -> None:
    site.change(chapters=chapters(90), stated=90, per_page=10)
    report = bench.adopt(NOVEL).report
    assert report is not None
    assert report.novel is not None
    assert (report.novel.found, report.novel.stated, report.novel.is_whole) == (40, 90, False)
    assert (report.verdict, report.requests) == (Verdict.PROVED, 7)
    assert "read in part: 40 chapters of 90 stated" in report.findings[0].text
    assert len(site.paths(pages_only=True)) == report.requests


def test_what_robots_txt_says_is_reported(site: ChronicleSite, bench: Adopting) -> None:
    site.change(robots="User-agent: *\nCrawl-delay: 3\nDisallow: /admin")
    report = bench.adopt(NOVEL).report
    assert report is not None
    assert report.robots == (
        "robots.txt allows the pages that were requested, one request in 3 seconds."
    )


@pytest.mark.parametrize(
    ("title", "number"),
    [("Chapter 12", 12), ("Ch. 3 - The 9 Lives", 3), ("7. Home", 7), ("Home", None), ("Part 2", 2)],
)
def test_the_number_in_a_title(title: str, number: int | None) -> None:
    assert chapter_number(title) == number
