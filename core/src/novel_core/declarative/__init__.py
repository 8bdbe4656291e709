r"""Parsers as tables: for a site of the usual form an author writes selectors, not code.

>>> from novel_core import Page, PageKind, UrlKind, UrlMatch
>>> def match_url(url):
...     novel, _, chapter = url.removeprefix("https://example.org/").partition("/")
...     if chapter:
...         return UrlMatch(UrlKind.CHAPTER, url, novel_id=novel, chapter_id=chapter, novel_url=f"https://example.org/{novel}")
...     return UrlMatch(UrlKind.NOVEL, url, novel_id=novel)
>>> table = SiteTable(
...     novel=NovelTable(title="h1", authors="a.author"),
...     chapters=ChapterListTable(rows="ol.toc li", link="a@href"),
...     chapter=ChapterTable(title="h1", content="div.text@html"),
... )
>>> parser = DeclarativeParser(table, match_url=match_url, version="1")
>>> body = b'<h1>A Tale</h1><a class="author">Ann</a><ol class="toc"><li><a href="/7/1">One</a></li></ol>'
>>> [item.title for item in parser.parse(Page("https://example.org/7", PageKind.INDEX, body)).items]
['A Tale', 'One']
"""

from novel_core.declarative.dates import read_date
from novel_core.declarative.numbers import read_number
from novel_core.declarative.parser import DeclarativeParser
from novel_core.declarative.processors import PROCESSORS
from novel_core.declarative.selecting import Selector
from novel_core.declarative.tables import ChapterListTable, ChapterTable, NovelTable, SiteTable

__all__ = [
    "PROCESSORS",
    "ChapterListTable",
    "ChapterTable",
    "DeclarativeParser",
    "NovelTable",
    "Selector",
    "SiteTable",
    "read_date",
    "read_number",
]
