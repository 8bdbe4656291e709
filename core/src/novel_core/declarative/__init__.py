r"""Parsers as tables of selectors: no code, for a site of the usual form.

>>> from novel_core import Page, PageKind, UrlKind, UrlMatch
>>> def match_url(url):
...     novel, _, chapter = url.removeprefix("https://example.org/").partition("/")
...     kind = UrlKind.CHAPTER if chapter else UrlKind.NOVEL
...     return UrlMatch(kind, url, novel_id=novel, chapter_id=chapter or None)
>>> table = SiteTable(
...     novel=NovelTable(title="h1", authors="a.author"),
...     chapters=ChapterListTable(rows="ol.toc li", link="a@href"),
...     chapter=ChapterTable(title="h1", content="div.text@html"),
... )
>>> parser = DeclarativeParser(table, match_url=match_url, version="1")
>>> body = b'<h1>A Tale</h1><ol class="toc"><li><a href="/7/1">One</a></li></ol>'
>>> page = Page("https://example.org/7", PageKind.INDEX, body)
>>> [item.title for item in parser.parse(page).items]
['A Tale', 'One']
"""

from novel_core.declarative.content import Content, Form
from novel_core.declarative.dates import read_date
from novel_core.declarative.numbers import read_number
from novel_core.declarative.page_numbers import PageNumbers
from novel_core.declarative.parser import DeclarativeParser
from novel_core.declarative.processors import PROCESSORS
from novel_core.declarative.selector import Selector
from novel_core.declarative.tables import ChapterListTable, ChapterTable, NovelTable, SiteTable

__all__ = [
    "PROCESSORS",
    "ChapterListTable",
    "ChapterTable",
    "Content",
    "DeclarativeParser",
    "Form",
    "NovelTable",
    "PageNumbers",
    "Selector",
    "SiteTable",
    "read_date",
    "read_number",
]
