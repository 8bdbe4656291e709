"""The switches of the look-alike: faults, delays and variants that a test can set."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Hidden(StrEnum):
    """The place of the hidden anti-theft sentence in a chapter."""

    # As the site does it: a span between paragraphs.
    SIBLING = "sibling"
    # A span inside a real paragraph.
    IN_P = "p"
    IN_TD = "td"
    IN_SPAN = "span"
    IN_DIV = "div"
    # The hidden element itself is a paragraph.
    AS_P = "as_p"
    AS_DIV = "as_div"
    # In the author's note as well as in the text.
    IN_NOTE = "note"
    # Two of them on one page.
    TWICE = "twice"
    NONE = "none"


class Style(StrEnum):
    """The way in which the page's style sheet hides it."""

    PLAIN = "plain"
    # Odd spacing, comments, upper case.
    SPACED = "spaced"
    # `.other, .hidden { … }`
    GROUPED = "grouped"
    # Several rules, only one of which hides.
    SEVERAL = "several"
    # No rule, no class: a style attribute.
    INLINE = "inline"
    # No rule: only the shape of the class shows it.
    SHAPE = "shape"


class ChapterFault(StrEnum):
    """The response in the place of a chapter's or fiction's page."""

    # Status 404.
    NOT_FOUND = "not_found"
    # The same page with status 200.
    NOT_FOUND_200 = "not_found_200"
    # 403 and a bot wall.
    CHALLENGE = "challenge"
    # The login form.
    LOGIN = "login"
    # The other layout, with any cookie.
    REDESIGN = "redesign"
    # Neither layout's markers.
    UNKNOWN_LAYOUT = "unknown_layout"
    # Cut markup, with a Content-Length that agrees.
    TRUNCATED = "truncated"
    # The connection breaks in the middle of the body.
    CUT = "cut"
    EMPTY = "empty"
    BINARY = "binary"
    # 200 MB, streamed.
    HUGE = "huge"
    # A fiction's page with a chapter list of 50 MB, in table and script.
    HUGE_LIST = "huge_list"
    GZIP_BOMB = "gzip_bomb"
    # 100,000 nested tags.
    NESTED = "nested"
    INVALID_UTF8 = "invalid_utf8"
    NUL = "nul"
    REDIRECT_LOOP = "redirect_loop"
    # To `SiteSwitches.redirect_target`
    REDIRECT_AWAY = "redirect_away"
    # 429, with `SiteSwitches.retry_after`
    LIMITED = "limited"
    # 503.
    UNAVAILABLE = "unavailable"
    ERROR_500 = "error_500"
    # Never responds.
    HANG = "hang"
    # Sends byte by byte.
    DRIP = "drip"
    # The connection is reset before a response.
    RESET = "reset"


@dataclass
class Times:
    """A fault for the next `left` requests only."""

    fault: ChapterFault
    left: int = 1


@dataclass
class SiteSwitches:
    """The state of the whole site; it may change at any time.

    `faults` are by path prefix (`/fiction/7`, `/fiction/7/slug/chapter/9`, or `chapter:9`,
    `fiction:7`), permanent or for a number of `Times`. The next `limited` page requests get status
    429 with `retry_after` (seconds as int, or a date as str), the next `unavailable` ones 503, the
    next `failing` ones 500.
    """

    hidden_style: Style = Style.PLAIN
    latency: float = 0.0
    # ETag and Last-Modified; 304 to a conditional request.
    validators: bool = False
    # Every page in the redesign's layout.
    redesign: bool = False
    # Fiction pages have window.chapters.
    list_script: bool = True
    # The maximum of rows in the table, which still states the number of all.
    list_rows: int | None = None
    # Constant paragraph classes: for benchmarks.
    fast: bool = False
    # Another robots.txt; "" is a 404.
    robots: str | None = None
    limited: int = 0
    retry_after: int | str | None = 1
    unavailable: int = 0
    failing: int = 0
    redirect_target: str = "http://169.254.169.254/latest/meta-data/"
    faults: dict[str, ChapterFault | Times] = field(default_factory=dict)
