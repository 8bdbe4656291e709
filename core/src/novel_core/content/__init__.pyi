# The names of `novel_core.content`, each with its home: read by type checkers, and by `__init__.py`.

from .clean import (
    CleanHtml as CleanHtml,
    sanitize as sanitize,
    sanitize_together as sanitize_together,
)
from .compare import fingerprint as fingerprint
from .count import word_count as word_count
from .embedded import EmbeddedPicture as EmbeddedPicture
from .rules import CLASSES as CLASSES, ID_PREFIX as ID_PREFIX
from .text import to_text as to_text

VERSION: str
