"""A listener that sends a POST to NOTIFY_URL when a job has new chapters of a watched novel.

The process that ran the job calls the hook after the commit, at least once. An exception is noted
with the job and has no other effect.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Sequence

from novel_core import Change, FinishedJob, SavedRef, hookimpl

TIMEOUT = 10.0


@hookimpl
def novel_job_finished(job: FinishedJob, saved: Sequence[SavedRef]) -> None:
    titles = [
        ref.title
        for ref in saved
        if ref.is_watched and ref.number is not None and ref.change is Change.NEW
    ]
    url = os.environ.get("NOTIFY_URL")
    if not titles or not url:
        return
    message = {"novel": saved[0].slug, "url": job.url, "new_chapters": titles}
    request = urllib.request.Request(
        url, json.dumps(message).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT):
        pass
