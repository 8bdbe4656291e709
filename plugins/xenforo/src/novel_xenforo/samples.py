"""Public pages by the site's name, for tests and the live check."""

from __future__ import annotations

from novel_core import Sample, UrlKind

_LIST = "https://forums.sufficientvelocity.com/threads/148769/threadmarks"
SAMPLES = {
    "sufficient-velocity": (
        Sample(
            url="https://forums.sufficientvelocity.com/threads/148769/page-7",
            kind=UrlKind.NOVEL,
            canonical_url=_LIST,
            novel_id="148769",
            expect={"source_id": "148769"},
        ),
        Sample(
            url="https://forums.sufficientvelocity.com/threads/148769/post-36723956",
            kind=UrlKind.CHAPTER,
            canonical_url="https://forums.sufficientvelocity.com/threads/148769/post-36723956",
            novel_id="148769",
            chapter_id="36723956",
            expect={"source_id": "36723956"},
        ),
    ),
}
