"""Every table, for code that needs the whole schema (migrations, backups)."""

from novel_core.db import adoptions, chapters, jobs, novels, pages, service, sites
from novel_core.db.base import Base

METADATA = Base.metadata

__all__ = ["METADATA", "adoptions", "chapters", "jobs", "novels", "pages", "service", "sites"]
