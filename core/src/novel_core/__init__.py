"""The engine of Novel Ingestion: from a novel's URL to a saved, complete, revision-tracked copy.

What a source plugin imports is re-exported here and stays stable within a minor version; importing it costs
no Scrapy, database or pydantic. Items live in `novel_core.items`, pages and parsers in `novel_core.page`.
"""

from novel_core.hookspecs import Change, FinishedJob, SaveContext, SavedRef, SkipItem, hookimpl
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.source import PageKind, Politeness, Sample, SourceInfo, UrlKind, UrlMatch

__version__ = "0.1.0"

__all__ = [
    "Change",
    "FinishedJob",
    "Follow",
    "Page",
    "PageKind",
    "Parsed",
    "Parser",
    "Politeness",
    "Sample",
    "SaveContext",
    "SavedRef",
    "SkipItem",
    "SourceInfo",
    "UrlKind",
    "UrlMatch",
    "__version__",
    "hookimpl",
]
