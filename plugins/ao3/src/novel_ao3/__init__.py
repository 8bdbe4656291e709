"""Archive of Our Own, and the other archives that run its software, for Novel Ingestion.

Only the light contract is imported here; parser and spider are imported when needed.
"""

from __future__ import annotations

from collections.abc import Iterable

from novel_ao3.family import OtwArchive
from novel_ao3.source import ARCHIVE_OF_OUR_OWN, OtwSource
from novel_core import Family, Source, hookimpl

SOURCE = OtwSource(ARCHIVE_OF_OUR_OWN)
FAMILY = OtwArchive()


@hookimpl
def novel_sources() -> Iterable[Source | Family]:
    return (SOURCE, FAMILY)
