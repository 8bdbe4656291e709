# The names of `novel_core.document`, each with its home: read by type checkers, and by `__init__.py`.

from .decoding import decode as decode
from .emails import reveal_emails as reveal_emails
from .feed import Feed as Feed
from .feed import FeedEntry as FeedEntry
from .feed import read_feed as read_feed
from .hidden import Sheets as Sheets
from .hidden import hidden_by_style as hidden_by_style
from .json_body import read_json as read_json
from .text import ancestors as ancestors
from .text import children as children
from .text import drop as drop
from .text import inner_html as inner_html
from .text import replace_by_text as replace_by_text
from .text import select as select
from .text import text_of as text_of
from .text import texts as texts
from .text import written as written
from .tree import Document as Document
from .tree import Element as Element
from .tree import absolute as absolute
from .tree import fragment as fragment
from .tree import parse_html as parse_html
from .xml_tree import parse_xml as parse_xml
