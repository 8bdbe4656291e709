# The names of `novel_core.document`, each with its home: read by type checkers, and by `__init__.py`.

from .decoding import decode as decode, encode as encode
from .emails import reveal_emails as reveal_emails
from .feed import Feed as Feed, FeedEntry as FeedEntry, read_feed as read_feed
from .hidden import Sheets as Sheets, hidden_by_style as hidden_by_style
from .json_body import read_json as read_json
from .spoilers import make_spoiler as make_spoiler
from .text import (
    ancestors as ancestors,
    children as children,
    drop as drop,
    inner_html as inner_html,
    replace_by_text as replace_by_text,
    select as select,
    text_of as text_of,
    texts as texts,
    written as written,
)
from .tree import (
    Document as Document,
    Element as Element,
    absolute as absolute,
    fragment as fragment,
    parse_html as parse_html,
)
from .xml_tree import parse_xml as parse_xml
