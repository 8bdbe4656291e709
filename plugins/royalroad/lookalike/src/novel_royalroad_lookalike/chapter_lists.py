"""The chapter list of a fiction, as a table and as a script's data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from novel_royalroad_lookalike.emails import protect
from novel_royalroad_lookalike.encoding import encode, iso_seconds, long_time, to_json
from novel_royalroad_lookalike.model import FictionModel, LookalikeChapter
from novel_royalroad_lookalike.vocabulary import NO_COVER


def table(fiction: FictionModel, rows: int | None = None) -> str:
    """`table#chapters`, complete unless `rows` cuts it: the site pages it in the browser."""
    listed = fiction.listed
    newest = max((chapter.published for chapter in listed), default=None)
    body = "".join(
        _row(fiction, chapter, position, newest or chapter.published)
        for position, chapter in enumerate(listed[:rows])
    )
    return f"""        <table class="table no-border" id="chapters" data-chapters="{len(listed)}">
            <thead>
            <tr>
                <th data-priority="1">
                    Chapter Name
                </th>
                <th class="text-right min-tablet-p" data-priority="2">
                    Release Date
                </th>
            </tr>
            </thead>
            <tbody>
{body}            </tbody>
        </table>"""


def _row(fiction: FictionModel, chapter: LookalikeChapter, position: int, newest: datetime) -> str:
    path = fiction.chapter_path(chapter)
    volume = "null" if chapter.volume_id is None else chapter.volume_id
    return f"""                <tr style="cursor: pointer" data-url="{path}" data-volume-id="{volume}" class="chapter-row">
                    <td>
                        <a href="{path}">
                            {protect(encode(chapter.title), in_link=True)}
                        </a>
                    </td>
                    <td data-content="{position}" class="text-right">
                        <a href="{path}" data-content="{position}">
                            {_time(chapter.published, newest)} ago
                        </a>
                    </td>
                </tr>
"""


def _time(published: datetime, newest: datetime) -> str:
    days = 1 + (newest - published).days
    return (
        f'<time unixtime="{published.timestamp():.0f}" title="{long_time(published)}" '
        f'datetime="{iso_seconds(published)}.0000000&#x2B;00:00" format="agoshort">{days} days </time>'
    )


def script(fiction: FictionModel, *, with_chapters: bool = True) -> str:
    """The assignments near the end of the page."""
    chapters = ""
    if with_chapters:
        listed = [_entry(fiction, chapter, order) for order, chapter in enumerate(fiction.listed)]
        chapters = f"        window.chapters = {to_json(listed)};\n"
    volumes = to_json(
        [
            {"id": volume.id, "title": volume.title, "cover": volume.cover_url, "order": order}
            for order, volume in enumerate(fiction.volumes)
        ]
    )
    return f"""    <script>
        window.fictionCover = {to_json(fiction.cover_url or NO_COVER)};
        window.paidChapterDisplay = "obfuscate";
        window.paidChapterDisplayControl = false;
{chapters}
        window.volumes = {volumes};

        window.readingProgress = null;
    </script>"""


def _entry(fiction: FictionModel, chapter: LookalikeChapter, order: int) -> dict[str, Any]:
    return {
        "id": chapter.id,
        "volumeId": chapter.volume_id,
        "title": chapter.title,
        "slug": chapter.slug,
        "date": f"{iso_seconds(chapter.published)}Z",
        "order": order,
        "visible": 1,
        "subscriptionTiers": [1] if chapter.locked else None,
        "doesNotRollOver": False,
        "isUnlocked": not chapter.locked,
        "hiddenCount": None,
        "url": fiction.chapter_path(chapter),
    }
