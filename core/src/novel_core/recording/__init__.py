"""Recorded pages: a parser is tested on a page that was fetched once, without the site.

A recording is a folder of three files: `body.html` (or `.json`, `.bin`), the bytes as received;
`page.json`, their source, URL, status and headers; `expected.json`, the parser's outcome. `novel record`
writes them, `novel_core.testing.RecordedPages` tests a parser with them.
"""

from novel_core.recording.comparing import Difference, differences
from novel_core.recording.files import (
    EXPECTED,
    Recording,
    as_recorded,
    find_recordings,
    read_recording,
)
from novel_core.recording.names import free_name, identity_of, name_of
from novel_core.recording.outcome import Outcome, outcome_of
from novel_core.recording.owner import source_of
from novel_core.recording.redacting import is_same_but_for_words, prose_of, redacted, values_of

__all__ = [
    "EXPECTED",
    "Difference",
    "Outcome",
    "Recording",
    "as_recorded",
    "differences",
    "find_recordings",
    "free_name",
    "identity_of",
    "is_same_but_for_words",
    "name_of",
    "outcome_of",
    "prose_of",
    "read_recording",
    "redacted",
    "source_of",
    "values_of",
]
