"""Books: novels as EPUB, plain text, Markdown or one-file HTML, made from the library only.

`write_book` writes a book into a file (`novel_core.atomic_write` makes it complete or not at all);
`etag_of` tells a server whether a reader has the current one. Both read the library in one
transaction, a few chapters at a time.
"""

from novel_core.export.fingerprint import etag_of
from novel_core.export.formats import Format, file_name, format_of, media_type
from novel_core.export.selection import Selection
from novel_core.export.writing import WrittenBook, write_book

__all__ = [
    "Format",
    "Selection",
    "WrittenBook",
    "etag_of",
    "file_name",
    "format_of",
    "media_type",
    "write_book",
]
