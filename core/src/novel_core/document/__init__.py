"""Pages as browsers read them: decoding, tree, text, URLs, hidden elements."""

from novel_core.document.decoding import decode
from novel_core.document.emails import reveal_emails
from novel_core.document.hidden import Sheets, hidden_by_style
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
    "Sheets",
    "absolute",
    "ancestors",
    "children",
    "decode",
    "drop",
    "fragment",
    "hidden_by_style",
    "inner_html",
    "parse",
    "parse_html",
    "replace_by_text",
    "reveal_emails",
    "select",
    "text_of",
    "texts",
    "written",
]
