"""Signs, the same on many sites, that a page is not the one requested: for the `check` of a spider.

Every page is checked, so these are searches over its bytes; no tree is built.
"""

from __future__ import annotations

from http import HTTPStatus

from novel_core.errors import PageBroken
from novel_core.page import Page

_HEAD, _TAIL = 4096, 2048
_XML = frozenset({"application/xml", "text/xml"})
_JSON_STARTS, _JSON_ENDS = (b"{", b"["), (b"}", b"]")
_BEFORE_MARKUP = b"\xef\xbb\xbf \t\r\n\x00"
# Ordinary pages carry Cloudflare's script too, so its path proves nothing. The last two are Anubis'.
_CHALLENGE_MARKS = (
    b"_cf_chl_opt",
    b'id="challenge-error-text"',
    b"cf-browser-verification",
    b'id="anubis_challenge"',
    b"/.within.website/x/cmd/anubis/",
)


def is_challenge(page: Page, *, has_content: bool) -> bool:
    """Whether the page is the bot check of Cloudflare or Anubis.

    Cloudflare's header is proof. The marks in its markup are proof only on a page without the site's own
    content (`has_content`), since a story may quote them.

    >>> from novel_core import PageKind
    >>> page = Page("https://example.org/1", PageKind.CHAPTER, b"<script>window._cf_chl_opt={}")
    >>> is_challenge(page, has_content=False), is_challenge(page, has_content=True)
    (True, False)
    """
    if page.headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    return not has_content and any(mark in page.body for mark in _CHALLENGE_MARKS)


def check_complete(page: Page, *, end: str = "</html") -> None:
    """Raise PageBroken for a page that is empty, is of another kind, or was cut off before its end.

    That is HTML, or JSON or XML where its type says so. A page with the status of an error passes:
    the engine turns the status into its error. A fragment of HTML has no `</html>`: give the `end`
    that only its last part has.

    >>> from novel_core import PageKind
    >>> rows = Page("https://example.org/rows", PageKind.INDEX, b"<li>One</li><!-- rows: 1 -->")
    >>> check_complete(rows, end="<!-- rows:")
    """
    if page.status >= HTTPStatus.BAD_REQUEST:
        return
    start = page.body[:_HEAD].lstrip(_BEFORE_MARKUP)
    if not start:
        raise PageBroken("The page is empty.", url=page.url)
    media_type = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    tail = page.body[-_TAIL:].rstrip().lower()
    if media_type.endswith("json") and start.startswith(_JSON_STARTS):
        is_whole = tail.endswith(_JSON_ENDS)
    elif not start.startswith(b"<"):
        raise PageBroken("The response is not a web page.", url=page.url)
    else:
        is_whole = (
            tail.endswith(b">")
            if media_type in _XML or media_type.endswith(("/rss+xml", "/atom+xml"))
            else end.lower().encode() in tail
        )
    if not is_whole:
        raise PageBroken("The page was cut off before its end.", url=page.url)
