"""Checks of a response: is it the page that was requested, and if not, which error is it?"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from scrapy.http import Response

from novel_core.content import pictures
from novel_core.crawl.spider import NovelSpider
from novel_core.crawl.walls import is_challenge
from novel_core.errors import (
    Blocked,
    LoginRequired,
    Maintenance,
    NotFound,
    PageBroken,
    PageChanged,
    RateLimited,
    RedirectRefused,
    SiteUnavailable,
    SourceError,
)
from novel_core.page import Follow, Page, Parser
from novel_core.source import PageKind

_BY_STATUS: dict[int, tuple[type[SourceError], str]] = {
    401: (LoginRequired, "is for members only"),
    402: (LoginRequired, "is for paying members only"),
    403: (Blocked, "was refused by the site"),
    404: (NotFound, "does not exist"),
    408: (SiteUnavailable, "timed out on the server"),
    410: (NotFound, "does not exist any more"),
    451: (NotFound, "is withheld for legal reasons"),
}
#: Seconds; a longer Retry-After is taken for a mistake.
_LONGEST_PAUSE = 86400.0
_IMAGE_HINT = "The text is complete without it."
#: How a document begins that is served as a picture (SVG can carry scripts).
_DOCUMENT_STARTS = (b"<", b"\xef\xbb\xbf<")


def page_of(follow: Follow, response: Response) -> Page:
    headers = {
        name.decode("latin-1").lower(): header_text(b", ".join(values))
        for name, values in response.headers.items()
        if name != b"Set-Cookie"
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
        context=follow.context,
        method=follow.method,
        request_body=follow.body,
        is_optional=follow.is_optional,
    )


def header_text(value: bytes) -> str:
    """A header's value as text: UTF-8 if valid, else Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def retry_after(value: str | None) -> float:
    """Seconds of a Retry-After header in either of its two forms; 0 when it is missing or invalid."""
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
    """The error for an HTTP status; None for a success."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    pause = retry_after(asked_pause)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.SERVICE_UNAVAILABLE and pause
    ):
        return RateLimited(f"{url}: the site is rate-limiting us.", retry_after=pause, url=url)
    if status < HTTPStatus.BAD_REQUEST:
        return RedirectRefused(f"{url} redirects without an address (status {status}).", url=url)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SiteUnavailable(f"{url} failed on the server (status {status}).", url=url)
    error, words = _BY_STATUS.get(status, (PageChanged, "was not accepted by the site"))
    return error(f"{url} {words} (status {status}).", url=url)


def check_page(page: Page, spider: NovelSpider, parser: Parser) -> None:
    """Raise what the spider says of a page, or the parser of one with the status of an error."""
    spider.check(page)
    is_refused = page.status >= HTTPStatus.BAD_REQUEST
    if is_refused and not is_challenge(page, has_content=True):
        parser.check(page)


def with_pause(error: SourceError, page: Page) -> SourceError:
    """The error, with the pause that the page's Retry-After asks for, if it names none itself."""
    if isinstance(error, Maintenance) and not error.retry_after:
        error.retry_after = retry_after(page.headers.get("retry-after"))
    return error


def problem_of(page: Page) -> SourceError | None:
    """The error that a page is, by the signs that are the same on every site."""
    # Cloudflare's header of a challenge page; spiders recognise other bot walls.
    if is_challenge(page, has_content=True):
        return Blocked(f"{page.url} is behind a challenge for browsers.", url=page.url)
    problem = status_problem(page.status, page.url, page.headers.get("retry-after"))
    return problem or _image_problem(page)


def _image_problem(page: Page) -> SourceError | None:
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
