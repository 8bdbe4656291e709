"""Markdown: CommonMark with the tables of GFM.

The rendered Markdown has the words and the emphasis of the text. Emphasis is written with `*` where
CommonMark's rules of flanking allow it, else as an HTML element. What Markdown cannot express is
one of the harmless elements `marks.TAGS`, `<br>` in a cell, or `<details>` around a spoiler.
Everything else that could be markup is escaped.
"""

from novel_core.export.markdown.blocks import to_markdown
from novel_core.export.markdown.book import markdown_pieces

__all__ = ["markdown_pieces", "to_markdown"]
