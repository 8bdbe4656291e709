"""Markdown: CommonMark, with the tables of GFM.

Rendered, it has the words of the text and its emphasis. Emphasis is written with `*` wherever CommonMark's rules of
flanking read it so, else as an HTML element; what Markdown has no mark for is one of the elements of `marks.TAGS`, which
do nothing, or `<br>` in a cell and `<details>` around a spoiler. Everything else that could be markup is escaped.
"""

from novel_core.export.markdown.blocks import to_markdown
from novel_core.export.markdown.book import markdown_pieces

__all__ = ["markdown_pieces", "to_markdown"]
