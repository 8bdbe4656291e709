"""Errors as responses: RFC 9457 problems. One table has the status and hint of each class."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse

from novel_api.errors import (
    AddressTooLong,
    HeadersTooLarge,
    HostRefused,
    IdempotencyMismatch,
    InvalidRequest,
    KeyRequired,
    LocalOnly,
    MethodRefused,
    OriginRefused,
    RequestRefused,
    RequestTooLarge,
    RequestTooSlow,
    ScopeMissing,
    TooBusy,
    TooManyRequests,
    UnknownAddress,
)
from novel_core.errors import (
    AddressRefused,
    AmbiguousNovel,
    AmbiguousUrl,
    ChapterNotHeld,
    InvalidSetting,
    InvalidUrl,
    JobNotOpen,
    NothingToExport,
    NothingToRetry,
    NovelError,
    PluginError,
    SiteKnown,
    SiteRefused,
    StorageError,
    StorageFull,
    UnknownAuthor,
    UnknownChapter,
    UnknownGenre,
    UnknownImage,
    UnknownJob,
    UnknownNovel,
    UnknownSource,
    UnsupportedUrl,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
#: Retry-After of an outage, in seconds.
OUTAGE_PAUSE = 5
#: Authentication schemes for a key.
_SCHEMES = ("Basic", "Bearer")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """The HTTP status of a class of errors, an example of its message, and a hint.

    The hint is for clients of the API; empty: the error's own hint fits too.
    """

    status: int
    example: str
    hint: str = ""


#: The problem of each class of error; an unlisted subclass has its base's.
PROBLEMS: dict[type[NovelError], ProblemKind] = {
    NovelError: ProblemKind(500, "Internal error; the server's log has the details."),
    UsageError: ProblemKind(422, "That cannot be done."),
    InvalidUrl: ProblemKind(422, "The address contains a space."),
    UnsupportedUrl: ProblemKind(
        422, "No source handles novels.example.", "GET /sources lists the supported sites."
    ),
    SiteRefused: ProblemKind(
        422,
        "novels.example is not read: its robots.txt closes the pages that are needed.",
        "Nothing was requested; the verdict is in `detail`.",
    ),
    SiteKnown: ProblemKind(
        409, "Stories is read already, as stories-example.", "Submit the URL with POST /ingest."
    ),
    AddressRefused: ProblemKind(
        422,
        "stories.example has the private address 10.0.0.7.",
        "Use a site with a public address.",
    ),
    AmbiguousUrl: ProblemKind(
        422, "More than one source matches https://novels.example/1: a and b."
    ),
    InvalidSetting: ProblemKind(
        422, "Webhooks need NOVEL_WEBHOOK_SECRET: every message is signed."
    ),
    UnknownNovel: ProblemKind(
        404, "There is no novel 'a-tale' in the library.", "Submit its URL with POST /ingest first."
    ),
    AmbiguousNovel: ProblemKind(
        404,
        "7 may mean more than one novel: a-tale (id:7, 'A Tale'), 7-toy (id:9, '7').",
        "Write its slug, or its id as id:7.",
    ),
    UnknownChapter: ProblemKind(
        404, "The novel has no chapter 42.", "GET /novels/{slug}/chapters lists the chapters."
    ),
    ChapterNotHeld: ProblemKind(
        404,
        "Chapter 3 is locked: no text is held.",
        "Read it at the site, or POST /novels/{slug}/refresh later.",
    ),
    UnknownImage: ProblemKind(
        404,
        "The novel's cover is not in the archive.",
        "POST /novels/{slug}/refresh requests missing images again.",
    ),
    UnknownGenre: ProblemKind(
        404,
        "No novel of the library has the genre 'fantasy'.",
        "GET /genres lists the genres of the library.",
    ),
    UnknownSource: ProblemKind(
        404,
        "No source called 'wattpad' is installed.",
        "GET /sources lists the sources and families.",
    ),
    UnknownAuthor: ProblemKind(
        404,
        "There is no author 42 in the library.",
        "GET /authors lists the authors of the library.",
    ),
    NothingToExport: ProblemKind(
        404,
        "The novel has no chapter with a text.",
        "GET /novels/{slug}/chapters lists the chapters.",
    ),
    UnknownJob: ProblemKind(404, "There is no job 42.", "GET /jobs lists the jobs."),
    JobNotOpen: ProblemKind(
        409,
        "Job 42 has ended already: done.",
        "See GET /jobs/{id}; submit the URL again for an update.",
    ),
    NothingToRetry: ProblemKind(409, "Job 42 is done and lacks nothing."),
    RequestRefused: ProblemKind(400, "There was an error parsing the body."),
    InvalidRequest: ProblemKind(422, "body.url: Field required"),
    UnknownAddress: ProblemKind(404, "There is nothing at /jobz."),
    MethodRefused: ProblemKind(405, "DELETE is not possible at /jobs."),
    RequestTooLarge: ProblemKind(413, "The body is larger than 65536 bytes."),
    AddressTooLong: ProblemKind(414, "The address is longer than 8192 bytes."),
    HeadersTooLarge: ProblemKind(431, "The headers are larger than 32768 bytes."),
    RequestTooSlow: ProblemKind(408, "The body of the request took over 30 s."),
    IdempotencyMismatch: ProblemKind(422, "This Idempotency-Key came with another request before."),
    HostRefused: ProblemKind(421, "The API does not answer to the name evil.example."),
    OriginRefused: ProblemKind(403, "Pages of https://evil.example may not use the API."),
    KeyRequired: ProblemKind(401, "An API key is needed."),
    ScopeMissing: ProblemKind(403, "The key 'reader' lacks the scope ingest."),
    LocalOnly: ProblemKind(403, "Without API keys, only this machine may use the API."),
    TooManyRequests: ProblemKind(429, "More than 600 requests within a minute."),
    TooBusy: ProblemKind(503, "64 event streams are open already."),
    StorageError: ProblemKind(
        503,
        "The database cannot be used: connection refused.",
        "Try again later; the service's log says more.",
    ),
    StorageFull: ProblemKind(
        503,
        "The database's disk is full.",
        "The service's operator must free disk space; nothing saved was changed.",
    ),
    PluginError: ProblemKind(
        500,
        "The plugin of royalroad failed in match: ValueError: …",
        "Report it to the plugin's author; GET /sources lists the sources.",
    ),
}


def kind_of(error: type[NovelError]) -> ProblemKind:
    """Return the kind of problem of a class of errors.

    >>> kind_of(UnknownJob).status, kind_of(NovelError).status
    (404, 500)
    """
    return next(PROBLEMS[base] for base in error.__mro__ if base in PROBLEMS)


def title_of(code: str) -> str:
    """Return the title of a code.

    >>> title_of("unknown_job")
    'Unknown job'
    """
    return code.replace("_", " ").capitalize().replace(" url", " URL")


def as_problem(error: NovelError, instance: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body. `instance` is the path, `more` has this error's own fields."""
    kind = kind_of(type(error))
    is_specific = error.hint != error.default_hint
    return {
        "type": f"urn:novel-ingestion:problem:{error.code}",
        "title": title_of(error.code),
        "status": kind.status,
        "detail": error.message,
        "code": error.code,
        "hint": error.hint if is_specific else kind.hint or error.hint,
        "instance": instance,
        **more,
    }


def problem_response(
    error: NovelError,
    instance: str,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Return the response for an error."""
    body = as_problem(error, instance, more or {})
    sent = {**(headers or {}), "Cache-Control": "no-store"}
    pause = pause_after(error)
    if pause is not None:
        sent["Retry-After"] = str(pause)
    response = JSONResponse(body, body["status"], sent, MEDIA_TYPE)
    if isinstance(error, KeyRequired):
        # E-reader apps ask for a name and a password, which is the key.
        for scheme in _SCHEMES:
            response.headers.append("WWW-Authenticate", f'{scheme} realm="novel-ingestion"')
    return response


def pause_after(error: NovelError) -> int | None:
    """Return Retry-After in whole seconds; None if trying again does not help."""
    seconds: float | None = getattr(error, "retry_after", None)
    if seconds is not None:
        return max(1, math.ceil(seconds))
    return OUTAGE_PAUSE if isinstance(error, StorageError) else None
