"""The HTML of texts: sanitised and normalised before it is saved, compared, counted and read.

>>> clean = sanitize('<p onclick="x()">Hello <b>you</b></p>', base_url="https://example.org/1")
>>> clean.html
'<p>Hello <b>you</b></p>'
>>> word_count(clean.html), to_text(clean.html)
(2, 'Hello you')
"""

from novel_core.content.clean import CleanHtml, sanitize, sanitize_together
from novel_core.content.compare import fingerprint
from novel_core.content.count import word_count
from novel_core.content.embedded import EmbeddedPicture
from novel_core.content.rules import CLASSES, ID_PREFIX
from novel_core.content.text import to_text

#: Raised whenever the same source markup gives other saved HTML; texts of an earlier version are
#: then made again from the archive before they are compared.
VERSION = "3"

__all__ = [
    "CLASSES",
    "ID_PREFIX",
    "VERSION",
    "CleanHtml",
    "EmbeddedPicture",
    "fingerprint",
    "sanitize",
    "sanitize_together",
    "to_text",
    "word_count",
]
