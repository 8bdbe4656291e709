"""Pages read as browsers read them: their bytes as text, their markup as a tree, their words, their addresses."""

from novel_core.document.decoding import decode
from novel_core.document.text import (
    ancestors,
    children,
    drop,
    inner_html,
    replace_by_text,
    select,
    text_of,
    texts,
    written,
)
from novel_core.document.tree import Document, Element, absolute, fragment, parse, parse_html

__all__ = [
    "Document",
    "Element",
    "absolute",
    "ancestors",
    "children",
    "decode",
    "drop",
    "fragment",
    "inner_html",
    "parse",
    "parse_html",
    "replace_by_text",
    "select",
    "text_of",
    "texts",
    "written",
]
