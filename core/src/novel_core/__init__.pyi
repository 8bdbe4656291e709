# The names of `novel_core`, each with its home: read by type checkers, and by `__init__.py`.

from .crawl.spider import (
    NovelSpider as NovelSpider,
)
from .crawl.walls import (
    check_complete as check_complete,
    is_challenge as is_challenge,
)
from .declarative import (
    ChapterListTable as ChapterListTable,
    ChapterTable as ChapterTable,
    DeclarativeParser as DeclarativeParser,
    NovelTable as NovelTable,
    PageNumbers as PageNumbers,
    SiteTable as SiteTable,
    read_date as read_date,
    read_number as read_number,
)
from .document import (
    Document as Document,
    Element as Element,
    Feed as Feed,
    FeedEntry as FeedEntry,
    Sheets as Sheets,
    absolute as absolute,
    ancestors as ancestors,
    children as children,
    drop as drop,
    fragment as fragment,
    hidden_by_style as hidden_by_style,
    inner_html as inner_html,
    make_spoiler as make_spoiler,
    parse_html as parse_html,
    replace_by_text as replace_by_text,
    reveal_emails as reveal_emails,
    select as select,
    text_of as text_of,
    texts as texts,
    written as written,
)
from .errors import (
    Blocked as Blocked,
    Gated as Gated,
    Locked as Locked,
    LoginRequired as LoginRequired,
    Maintenance as Maintenance,
    NotFound as NotFound,
    NotYet as NotYet,
    PageBroken as PageBroken,
    PageChanged as PageChanged,
    PageTooLarge as PageTooLarge,
    RateLimited as RateLimited,
    SiteUnavailable as SiteUnavailable,
    SourceError as SourceError,
)
from .hookspecs import (
    Change as Change,
    FinishedJob as FinishedJob,
    SavedRef as SavedRef,
    hookimpl as hookimpl,
)
from .items import (
    Access as Access,
    Author as Author,
    Chapter as Chapter,
    ChapterRef as ChapterRef,
    Item as Item,
    Novel as Novel,
    NovelStatus as NovelStatus,
    Series as Series,
    Statistics as Statistics,
    Tag as Tag,
    TagKind as TagKind,
    Volume as Volume,
)
from .library.genres import (
    genre_of as genre_of,
)
from .page import (
    ChangedNovel as ChangedNovel,
    Follow as Follow,
    Page as Page,
    Parsed as Parsed,
    Parser as Parser,
    Stated as Stated,
)
from .plugin import (
    Evidence as Evidence,
    Family as Family,
    Recognition as Recognition,
    Refusal as Refusal,
    RefusedHost as RefusedHost,
    SaveContext as SaveContext,
    Site as Site,
    SkipItem as SkipItem,
    Source as Source,
)
from .requests import (
    PageRequest as PageRequest,
)
from .sites.shipped import (
    read_refused_hosts as read_refused_hosts,
    read_sites as read_sites,
)
from .source import (
    PageKind as PageKind,
    Politeness as Politeness,
    Sample as Sample,
    SourceInfo as SourceInfo,
    UrlKind as UrlKind,
    UrlMatch as UrlMatch,
)
from .version import (
    __version__ as __version__,
)
