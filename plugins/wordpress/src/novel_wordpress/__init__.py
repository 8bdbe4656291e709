"""Sites that run WordPress as sources for Novel Ingestion: one family for each software.

Only the light contract is imported here; parsers and spiders are imported when needed.
"""

from __future__ import annotations

from collections.abc import Iterable

from novel_core import Family, Source, hookimpl
from novel_wordpress.family import WordPress
from novel_wordpress.fictioneer.family import Fictioneer

FAMILIES = (WordPress(), Fictioneer())


@hookimpl
def novel_sources() -> Iterable[Source | Family]:
    return FAMILIES
