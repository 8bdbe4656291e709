"""The engine of Novel Ingestion: from a novel's URL to a saved, complete, revision-tracked copy.

Everything that a plugin imports is here, and stays stable within a minor version; the tests of a
plugin are in `novel_core.testing`. A name is loaded when it is first used: importing this module
costs no Scrapy, database or pydantic.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider
    from novel_core.crawl.walls import check_complete, is_challenge
    from novel_core.declarative import (
        ChapterListTable,
        ChapterTable,
        DeclarativeParser,
        NovelTable,
        PageNumbers,
        SiteTable,
        read_date,
        read_number,
    )
    from novel_core.document import (
        Document,
        Element,
        Feed,
        FeedEntry,
        Sheets,
        absolute,
        ancestors,
        children,
        drop,
        fragment,
        hidden_by_style,
        inner_html,
        parse,
        parse_html,
        replace_by_text,
        reveal_emails,
        select,
        text_of,
        texts,
        written,
    )
    from novel_core.errors import (
        Blocked,
        LoginRequired,
        NotFound,
        NotYet,
        PageBroken,
        PageChanged,
        PageTooLarge,
        RateLimited,
        SiteUnavailable,
        SourceError,
    )
    from novel_core.hookspecs import Change, FinishedJob, SavedRef, hookimpl
    from novel_core.items import (
        Access,
        Author,
        Chapter,
        ChapterRef,
        Item,
        Novel,
        NovelStatus,
        Series,
        Statistics,
        Tag,
        TagKind,
        Volume,
    )
    from novel_core.library.genres import genre_of
    from novel_core.page import Follow, Page, Parsed, Parser, Stated
    from novel_core.plugin import Family, Recognition, SaveContext, Site, SkipItem, Source
    from novel_core.requests import PageRequest
    from novel_core.source import PageKind, Politeness, Sample, SourceInfo, UrlKind, UrlMatch

__version__ = "0.1.0"

#: Where each name is defined.
_HOMES = {
    "Family": "novel_core.plugin",
    "Recognition": "novel_core.plugin",
    "SaveContext": "novel_core.plugin",
    "Site": "novel_core.plugin",
    "SkipItem": "novel_core.plugin",
    "Source": "novel_core.plugin",
    "PageKind": "novel_core.source",
    "Politeness": "novel_core.source",
    "Sample": "novel_core.source",
    "SourceInfo": "novel_core.source",
    "UrlKind": "novel_core.source",
    "UrlMatch": "novel_core.source",
    "Change": "novel_core.hookspecs",
    "FinishedJob": "novel_core.hookspecs",
    "SavedRef": "novel_core.hookspecs",
    "hookimpl": "novel_core.hookspecs",
    "Follow": "novel_core.page",
    "Page": "novel_core.page",
    "Parsed": "novel_core.page",
    "Parser": "novel_core.page",
    "Stated": "novel_core.page",
    "PageRequest": "novel_core.requests",
    "Access": "novel_core.items",
    "Author": "novel_core.items",
    "Chapter": "novel_core.items",
    "ChapterRef": "novel_core.items",
    "Item": "novel_core.items",
    "Novel": "novel_core.items",
    "NovelStatus": "novel_core.items",
    "Series": "novel_core.items",
    "Statistics": "novel_core.items",
    "Tag": "novel_core.items",
    "TagKind": "novel_core.items",
    "Volume": "novel_core.items",
    "Blocked": "novel_core.errors",
    "LoginRequired": "novel_core.errors",
    "NotFound": "novel_core.errors",
    "NotYet": "novel_core.errors",
    "PageBroken": "novel_core.errors",
    "PageChanged": "novel_core.errors",
    "PageTooLarge": "novel_core.errors",
    "RateLimited": "novel_core.errors",
    "SiteUnavailable": "novel_core.errors",
    "SourceError": "novel_core.errors",
    "Document": "novel_core.document",
    "hidden_by_style": "novel_core.document",
    "Sheets": "novel_core.document",
    "Element": "novel_core.document",
    "Feed": "novel_core.document",
    "FeedEntry": "novel_core.document",
    "absolute": "novel_core.document",
    "ancestors": "novel_core.document",
    "children": "novel_core.document",
    "drop": "novel_core.document",
    "fragment": "novel_core.document",
    "inner_html": "novel_core.document",
    "parse": "novel_core.document",
    "parse_html": "novel_core.document",
    "replace_by_text": "novel_core.document",
    "reveal_emails": "novel_core.document",
    "select": "novel_core.document",
    "text_of": "novel_core.document",
    "texts": "novel_core.document",
    "written": "novel_core.document",
    "ChapterListTable": "novel_core.declarative",
    "ChapterTable": "novel_core.declarative",
    "DeclarativeParser": "novel_core.declarative",
    "NovelTable": "novel_core.declarative",
    "PageNumbers": "novel_core.declarative",
    "SiteTable": "novel_core.declarative",
    "read_date": "novel_core.declarative",
    "read_number": "novel_core.declarative",
    "NovelSpider": "novel_core.crawl.spider",
    "check_complete": "novel_core.crawl.walls",
    "is_challenge": "novel_core.crawl.walls",
    "genre_of": "novel_core.library.genres",
}

__all__ = [
    "Access",
    "Author",
    "Blocked",
    "Change",
    "Chapter",
    "ChapterListTable",
    "ChapterRef",
    "ChapterTable",
    "DeclarativeParser",
    "Document",
    "Element",
    "Family",
    "Feed",
    "FeedEntry",
    "FinishedJob",
    "Follow",
    "Item",
    "LoginRequired",
    "NotFound",
    "NotYet",
    "Novel",
    "NovelSpider",
    "NovelStatus",
    "NovelTable",
    "Page",
    "PageBroken",
    "PageChanged",
    "PageKind",
    "PageNumbers",
    "PageRequest",
    "PageTooLarge",
    "Parsed",
    "Parser",
    "Politeness",
    "RateLimited",
    "Recognition",
    "Sample",
    "SaveContext",
    "SavedRef",
    "Series",
    "Sheets",
    "Site",
    "SiteTable",
    "SiteUnavailable",
    "SkipItem",
    "Source",
    "SourceError",
    "SourceInfo",
    "Stated",
    "Statistics",
    "Tag",
    "TagKind",
    "UrlKind",
    "UrlMatch",
    "Volume",
    "__version__",
    "absolute",
    "ancestors",
    "check_complete",
    "children",
    "drop",
    "fragment",
    "genre_of",
    "hidden_by_style",
    "hookimpl",
    "inner_html",
    "is_challenge",
    "parse",
    "parse_html",
    "read_date",
    "read_number",
    "replace_by_text",
    "reveal_emails",
    "select",
    "text_of",
    "texts",
    "written",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
