"""Novels as WARC files (ISO 28500), the form in which web archives keep pages.

`writing` gives a novel's archived pages away, `extension` says what such a file tells beyond HTTP. The way back: `reading` goes
through any WARC file record by record, `catalogue` notes what lies where in it, `discovery` finds the novels in files that other
programs wrote, `planning` decides what of a file is news to the library, `importing` makes jobs of that. No request is sent.
"""

from novel_core.warc.importing import ImportReport, ImportResult, import_warc
from novel_core.warc.writing import WarcCounts, write_warc, write_warc_file

__all__ = [
    "ImportReport",
    "ImportResult",
    "WarcCounts",
    "import_warc",
    "write_warc",
    "write_warc_file",
]
