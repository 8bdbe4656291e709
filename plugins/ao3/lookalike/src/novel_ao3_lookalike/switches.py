"""The switches of the look-alike: faults, delays and variants that a test can set."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from novel_ao3_lookalike.library import HOST

#: The site's robots.txt, with a comment after its first rule.
ROBOTS = """# See https://www.robotstxt.org/
User-agent: *
Disallow: /works? # cruel but efficient
Disallow: /autocomplete/
Disallow: /downloads/
Disallow: /external_works/
Disallow: /bookmarks/search?
Disallow: /people/search?
Disallow: /tags/search?
Disallow: /works/search?

User-agent: Googlebot
Disallow: /works/*?
Disallow: *view_adult

User-agent: Slurp
Crawl-delay: 30

User-agent: CCBot
Disallow: /

User-agent: GPTBot
Disallow: /

User-agent: ChatGPT-User
Disallow: /
"""


class Fault(StrEnum):
    """The response in the place of a page."""

    # 403 and a bot check.
    CHALLENGE = "challenge"
    # The same without its header and status.
    CHALLENGE_200 = "challenge_200"
    # The error page 503, with status 200.
    DOWN_200 = "down_200"
    # The site's own status 445.
    OVERLOADED = "overloaded"
    # 429 as a page.
    LIMITED_HTML = "limited_html"
    # 525.
    ORIGIN_LOST = "origin_lost"
    # Deleted, though the index may still list it.
    CHAPTER_GONE = "chapter_gone"
    TRUNCATED = "truncated"
    # The page without its work.
    NO_WORK = "no_work"
    # 200 and the bot check that small archives put before theirs.
    ANUBIS = "anubis"
    # The words of an overloaded archive, with status 200 and no other mark.
    DOWN_PLAIN = "down_plain"
    # The front page with a message that there is no such work.
    GONE_HOME = "gone_home"
    # A page of other software at the same address.
    OTHER_SOFTWARE = "other_software"


@dataclass
class SiteSwitches:
    """The state of the whole site; it may change at any time.

    The next `limited` requests get status 429 with `retry_after` (None: without the header), the
    next `lost` ones 525. `faults`, and whole pages that are `replaced`, are by path, without its query. `wraps_skin` is the newer layout
    around a work, `static_404` the shorter of the two pages of status 404, `has_jsd` Cloudflare's
    script on ordinary pages.

    `origin`, `folder` and `name` are those of another archive with the same software. `is_older` is
    its version of 2024: other elements around a work, a login in the place of a locked work's index,
    the warning of adult content before everything else, no version in the footer. `has_workskin` is
    false for software that has no element of that id.
    """

    origin: str = f"https://{HOST}"
    folder: str = ""
    name: str = "Archive of Our Own"
    is_older: bool = False
    has_workskin: bool = True

    latency: float = 0.0
    limited: int = 0
    retry_after: int | None = 1
    lost: int = 0
    wraps_skin: bool = True
    static_404: bool = False
    has_jsd: bool = True
    robots: str = ROBOTS
    faults: dict[str, Fault] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
