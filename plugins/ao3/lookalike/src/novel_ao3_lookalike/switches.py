"""What the look-alike does beside serving pages as they are: everything a test can ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

#: The site's rules, with the comment on the first of them that a reader of such files must know to skip.
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
    """What a page is served as in place of itself."""

    CHALLENGE = "challenge"  # 403 and a bot check
    CHALLENGE_200 = "challenge_200"  # the same without a header or status that tells
    DOWN_200 = "down_200"  # the error page 503, with status 200
    OVERLOADED = "overloaded"  # the site's own status 445
    LIMITED_HTML = "limited_html"  # 429 as a page
    ORIGIN_LOST = "origin_lost"  # 525
    CHAPTER_GONE = "chapter_gone"  # deleted, though the index may still list it
    TRUNCATED = "truncated"
    NO_WORK = "no_work"  # the page without its work


@dataclass
class SiteSwitches:
    """The state of the whole site; change it at any time.

    `limited` requests are answered 429 with `retry_after` (None: without the header), `lost` ones 525: each counts down. `faults`
    maps a path, without its query, to what it is served as. `wraps_skin` is the newer layout around a work, `static_404` the
    shorter of the two pages for what does not exist, `has_jsd` Cloudflare's script on ordinary pages.
    """

    latency: float = 0.0
    limited: int = 0
    retry_after: int | None = 1
    lost: int = 0
    wraps_skin: bool = True
    static_404: bool = False
    has_jsd: bool = True
    robots: str = ROBOTS
    faults: dict[str, Fault] = field(default_factory=dict)
