"""A listener that sends a POST to NOTIFY_URL when a job has new chapters of a watched novel.

The process that ran the job calls its hooks after the commit, at least once. An exception is noted
with the job and has no other effect.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections import defaultdict

from novel_core import Change, FinishedJob, SavedRef, hookimpl
from novel_core.items import Chapter, Novel

TIMEOUT = 10.0

#: Titles of new chapters by novel; the end of a job follows its items, in the same process.
_new: defaultdict[int, list[str]] = defaultdict(list)


@hookimpl
def novel_item_saved(item: Novel | Chapter, ref: SavedRef, change: Change) -> None:
    if ref.is_watched and ref.chapter_id is not None and change is Change.NEW:
        _new[ref.novel_id].append(item.title)


@hookimpl
def novel_job_finished(job: FinishedJob) -> None:
    titles = _new.pop(job.novel.novel_id, []) if job.novel is not None else []
    url = os.environ.get("NOTIFY_URL")
    if not titles or not url:
        return
    assert job.novel is not None
    message = {"novel": job.novel.slug, "url": job.url, "new_chapters": titles}
    request = urllib.request.Request(
        url, json.dumps(message).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT):
        pass
