"""Pages: decoding, trees of HTML and XML, JSON, feeds; their texts, URLs and hidden elements."""

from novel_core.document.decoding import decode
from novel_core.document.emails import reveal_emails
from novel_core.document.feed import Feed, FeedEntry, read_feed
from novel_core.document.hidden import Sheets, hidden_by_style
from novel_core.document.json_body import read_json
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
from novel_core.document.tree import Document, Element, absolute, fragment, parse_html
from novel_core.document.xml_tree import parse_xml

__all__ = [
    "Document",
    "Element",
    "Feed",
    "FeedEntry",
    "Sheets",
    "absolute",
    "ancestors",
    "children",
    "decode",
    "drop",
    "fragment",
    "hidden_by_style",
    "inner_html",
    "parse_html",
    "parse_xml",
    "read_feed",
    "read_json",
    "replace_by_text",
    "reveal_emails",
    "select",
    "text_of",
    "texts",
    "written",
]
