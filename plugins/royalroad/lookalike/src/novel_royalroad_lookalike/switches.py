"""What the look-alike does beside serving pages as they are: everything a test can ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Hidden(StrEnum):
    """Where the hidden anti-theft sentence of a chapter stands."""

    SIBLING = "sibling"  # as the site does it: a span between paragraphs
    IN_P = "p"  # a span inside a real paragraph
    IN_TD = "td"
    IN_SPAN = "span"
    IN_DIV = "div"
    AS_P = "as_p"  # the hidden element itself is a paragraph
    AS_DIV = "as_div"
    IN_NOTE = "note"  # in the author's note as well as in the text
    TWICE = "twice"  # two of them on one page
    NONE = "none"


class Style(StrEnum):
    """How the page's own style sheet hides it."""

    PLAIN = "plain"
    SPACED = "spaced"  # odd spacing, comments, upper case
    GROUPED = "grouped"  # `.other, .hidden { … }`
    SEVERAL = "several"  # several rules, only one of which hides
    INLINE = "inline"  # no rule, no class: a style attribute
    SHAPE = "shape"  # no rule at all: only the shape of the class tells


class ChapterFault(StrEnum):
    """What a page is served as in place of itself (chapters and fiction pages alike)."""

    NOT_FOUND = "not_found"  # status 404
    NOT_FOUND_200 = "not_found_200"  # the same page with status 200
    CHALLENGE = "challenge"  # 403 and a bot wall
    LOGIN = "login"  # the login form
    REDESIGN = "redesign"  # the other layout, whatever cookie was sent
    UNKNOWN_LAYOUT = "unknown_layout"  # neither layout's markers
    TRUNCATED = "truncated"  # cut markup, with a Content-Length that agrees
    CUT = "cut"  # the connection breaks in the middle of the body
    EMPTY = "empty"
    BINARY = "binary"
    HUGE = "huge"  # 200 MB, streamed
    HUGE_LIST = "huge_list"  # a fiction's page with a chapter list of 50 MB, in table and script
    GZIP_BOMB = "gzip_bomb"
    NESTED = "nested"  # 100,000 nested tags
    INVALID_UTF8 = "invalid_utf8"
    NUL = "nul"
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_AWAY = "redirect_away"  # to `SiteSwitches.redirect_target`
    LIMITED = "limited"  # 429, with `SiteSwitches.retry_after`
    UNAVAILABLE = "unavailable"  # 503
    ERROR_500 = "error_500"
    HANG = "hang"  # never answers
    DRIP = "drip"  # answers byte by byte
    RESET = "reset"  # the connection is reset before any answer


@dataclass
class Times:
    """A fault for the next `left` requests only; afterwards the page is sound again."""

    fault: ChapterFault
    left: int = 1


@dataclass
class SiteSwitches:
    """The state of the whole site; change it at any time.

    `faults` maps a path prefix (`/fiction/7`, `/fiction/7/slug/chapter/9`, or `chapter:9`, `fiction:7`) to what it is served as,
    always or a number of `Times`.
    `limited` requests are answered 429 with `retry_after` (seconds as int, or a date as str), `unavailable` ones 503, `failing` ones 500:
    each counts down with every page request.
    """

    hidden_style: Style = Style.PLAIN
    latency: float = 0.0
    validators: bool = False  # ETag and Last-Modified; 304 to a conditional request
    redesign: bool = False  # every page in the redesign's layout
    list_script: bool = True  # fiction pages have window.chapters
    list_rows: int | None = None  # the table shows no more rows than these, and claims all the same
    fast: bool = False  # constant paragraph classes: for benchmarks
    robots: str | None = None  # another robots.txt; its status 404 when ""
    limited: int = 0
    retry_after: int | str | None = 1
    unavailable: int = 0
    failing: int = 0
    redirect_target: str = "http://169.254.169.254/latest/meta-data/"
    faults: dict[str, ChapterFault | Times] = field(default_factory=dict)
