"""Whether a response is the page that was asked for, and if not, which error it is."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from scrapy.http import Response

from novel_core.content import pictures
from novel_core.errors import (
    Blocked,
    LoginRequired,
    NotFound,
    PageBroken,
    PageChanged,
    RateLimited,
    RedirectRefused,
    SiteUnavailable,
    SourceError,
)
from novel_core.page import Follow, Page
from novel_core.source import PageKind

_BY_STATUS: dict[int, tuple[type[SourceError], str]] = {
    401: (LoginRequired, "is for members only"),
    402: (LoginRequired, "is for paying members only"),
    403: (Blocked, "is refused to us"),
    404: (NotFound, "does not exist"),
    408: (SiteUnavailable, "took the server too long"),
    410: (NotFound, "does not exist any more"),
    451: (NotFound, "is withheld for legal reasons"),
}
#: Who asks for more than a day has mistyped it, or means somebody else.
_LONGEST_PAUSE = 86400.0
_IMAGE_HINT = "The text is complete without it."
#: How a document begins that is served as a picture (SVG can carry scripts).
_DOCUMENT_STARTS = (b"<", b"\xef\xbb\xbf<")


def page_of(follow: Follow, response: Response) -> Page:
    headers = {
        name.decode("latin-1").lower(): header_text(b", ".join(values))
        for name, values in response.headers.items()
        if name != b"Set-Cookie"  # a session is nobody's business later
    }
    return Page(
        url=response.url,
        kind=follow.kind,
        body=response.body,
        status=response.status,
        headers=headers,
        requested_url=follow.url,
        chapters=follow.chapters,
        part=follow.part,
        position=follow.position,
    )


def header_text(value: bytes) -> str:
    """A header's value: bytes of no declared encoding, today mostly UTF-8, in old programs Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def retry_after(value: str | None) -> float:
    """Seconds from a Retry-After header, whichever of its two forms; 0 when it says nothing of use."""
    if not value:
        return 0.0
    text = value.strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), _LONGEST_PAUSE)


def status_problem(status: int, url: str, asked_pause: str | None = None) -> SourceError | None:
    """The error of a status; None for one that carries a page."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    pause = retry_after(asked_pause)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.SERVICE_UNAVAILABLE and pause
    ):
        return RateLimited(
            f"{url} may not be asked for now: too many requests.", retry_after=pause, url=url
        )
    if status < HTTPStatus.BAD_REQUEST:
        return RedirectRefused(f"{url} redirects nowhere (status {status}).", url=url)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SiteUnavailable(f"{url} failed on the server (status {status}).", url=url)
    error, words = _BY_STATUS.get(status, (PageChanged, "is not a request the site understands"))
    return error(f"{url} {words} (status {status}).", url=url)


def problem_of(page: Page) -> SourceError | None:
    """The error a page is, as far as it can be told on every site alike."""
    return (
        challenge_problem(page)
        or status_problem(page.status, page.url, page.headers.get("retry-after"))
        or image_problem(page)
    )


def challenge_problem(page: Page) -> SourceError | None:
    """The one sign of a bot wall that is the same on every site behind Cloudflare; the rest is the spider's to know."""
    if page.headers.get("cf-mitigated") != "challenge":
        return None
    return Blocked(f"{page.url} is behind a challenge for browsers.", url=page.url)


def image_problem(page: Page) -> SourceError | None:
    if page.kind is not PageKind.IMAGE:
        return None
    if pictures.media_type(page.body) is not None:
        if pictures.is_whole(page.body):
            return None
        return PageBroken(
            f"{page.url} is an image without its end.", url=page.url, hint=_IMAGE_HINT
        )
    content_type = page.headers.get("content-type", "").split(";")[0].strip().lower()
    if not page.body:
        what = "nothing"
    elif page.body[:1024].lstrip().startswith(_DOCUMENT_STARTS):
        what = "a document that may carry scripts"
    elif content_type and not content_type.startswith("image/"):
        what = content_type
    else:
        what = "something of no known format"
    return PageBroken(f"{page.url} is not an image but {what}.", url=page.url, hint=_IMAGE_HINT)
