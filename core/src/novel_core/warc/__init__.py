"""Novels as WARC files (ISO 28500), the format of web archives.

`writing` exports a novel's archived pages; `notes` are what such a file says beyond HTTP. To
import, `records` reads any WARC file, `index` indexes it, `discovery` finds the novels in files of
other programs, `job_pages` selects what the library lacks, `importing` makes jobs of that. No
request is sent.
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
