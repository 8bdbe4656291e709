# The names of `novel_core`, each with its home: read by type checkers, and by `__init__.py`.

from .crawl.spider import (
    NovelSpider as NovelSpider,
)
from .crawl.walls import (
    check_complete as check_complete,
)
from .crawl.walls import (
    is_challenge as is_challenge,
)
from .declarative import (
    ChapterListTable as ChapterListTable,
)
from .declarative import (
    ChapterTable as ChapterTable,
)
from .declarative import (
    DeclarativeParser as DeclarativeParser,
)
from .declarative import (
    NovelTable as NovelTable,
)
from .declarative import (
    PageNumbers as PageNumbers,
)
from .declarative import (
    SiteTable as SiteTable,
)
from .declarative import (
    read_date as read_date,
)
from .declarative import (
    read_number as read_number,
)
from .document import (
    Document as Document,
)
from .document import (
    Element as Element,
)
from .document import (
    Feed as Feed,
)
from .document import (
    FeedEntry as FeedEntry,
)
from .document import (
    Sheets as Sheets,
)
from .document import (
    absolute as absolute,
)
from .document import (
    ancestors as ancestors,
)
from .document import (
    children as children,
)
from .document import (
    drop as drop,
)
from .document import (
    fragment as fragment,
)
from .document import (
    hidden_by_style as hidden_by_style,
)
from .document import (
    inner_html as inner_html,
)
from .document import (
    parse_html as parse_html,
)
from .document import (
    replace_by_text as replace_by_text,
)
from .document import (
    reveal_emails as reveal_emails,
)
from .document import (
    select as select,
)
from .document import (
    text_of as text_of,
)
from .document import (
    texts as texts,
)
from .document import (
    written as written,
)
from .errors import (
    Blocked as Blocked,
)
from .errors import (
    Gated as Gated,
)
from .errors import (
    Locked as Locked,
)
from .errors import (
    LoginRequired as LoginRequired,
)
from .errors import (
    Maintenance as Maintenance,
)
from .errors import (
    NotFound as NotFound,
)
from .errors import (
    NotYet as NotYet,
)
from .errors import (
    PageBroken as PageBroken,
)
from .errors import (
    PageChanged as PageChanged,
)
from .errors import (
    PageTooLarge as PageTooLarge,
)
from .errors import (
    RateLimited as RateLimited,
)
from .errors import (
    SiteUnavailable as SiteUnavailable,
)
from .errors import (
    SourceError as SourceError,
)
from .hookspecs import (
    Change as Change,
)
from .hookspecs import (
    FinishedJob as FinishedJob,
)
from .hookspecs import (
    SavedRef as SavedRef,
)
from .hookspecs import (
    hookimpl as hookimpl,
)
from .items import (
    Access as Access,
)
from .items import (
    Author as Author,
)
from .items import (
    Chapter as Chapter,
)
from .items import (
    ChapterRef as ChapterRef,
)
from .items import (
    Item as Item,
)
from .items import (
    Novel as Novel,
)
from .items import (
    NovelStatus as NovelStatus,
)
from .items import (
    Series as Series,
)
from .items import (
    Statistics as Statistics,
)
from .items import (
    Tag as Tag,
)
from .items import (
    TagKind as TagKind,
)
from .items import (
    Volume as Volume,
)
from .library.genres import (
    genre_of as genre_of,
)
from .page import (
    Follow as Follow,
)
from .page import (
    Page as Page,
)
from .page import (
    Parsed as Parsed,
)
from .page import (
    Parser as Parser,
)
from .page import (
    Stated as Stated,
)
from .plugin import (
    Family as Family,
)
from .plugin import (
    Recognition as Recognition,
)
from .plugin import (
    SaveContext as SaveContext,
)
from .plugin import (
    Site as Site,
)
from .plugin import (
    SkipItem as SkipItem,
)
from .plugin import (
    Source as Source,
)
from .requests import (
    PageRequest as PageRequest,
)
from .sites.shipped import (
    read_sites as read_sites,
)
from .source import (
    PageKind as PageKind,
)
from .source import (
    Politeness as Politeness,
)
from .source import (
    Sample as Sample,
)
from .source import (
    SourceInfo as SourceInfo,
)
from .source import (
    UrlKind as UrlKind,
)
from .source import (
    UrlMatch as UrlMatch,
)
from .version import (
    __version__ as __version__,
)
