"""Errors as answers: RFC 9457 problems with the error's stable code. One table says which status each class is."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
    StorageError,
    StorageFull,
    UnknownAuthor,
    UnknownChapter,
    UnknownGenre,
    UnknownImage,
    UnknownJob,
    UnknownNovel,
    UnsupportedUrl,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
#: Seconds after which a request that met an outage may be tried again.
OUTAGE_PAUSE = 5
#: How a key may be sent.
_SCHEMES = ("Basic", "Bearer")

#: error -> (status, what it may say: the example in the description of the API). A subclass not listed is as its base.
ANSWERS: dict[type[NovelError], tuple[int, str]] = {
    NovelError: (500, "Something went wrong here; the server's log says more."),
    UsageError: (422, "That cannot be done."),
    InvalidUrl: (422, "The address contains a space."),
    UnsupportedUrl: (422, "No source handles novels.example."),
    AmbiguousUrl: (422, "More than one source matches https://novels.example/1: a and b."),
    InvalidSetting: (422, "Webhooks need NOVEL_WEBHOOK_SECRET: every message is signed."),
    UnknownNovel: (404, "There is no novel 'a-tale' in the library."),
    AmbiguousNovel: (
        404,
        "7 may mean more than one novel: a-tale (id:7, 'A Tale'), 7-toy (id:9, '7').",
    ),
    UnknownChapter: (404, "The novel has no chapter 42."),
    ChapterNotHeld: (404, "Chapter 3 is locked: no text is held."),
    UnknownImage: (404, "The novel's cover is not in the archive."),
    UnknownGenre: (404, "No novel of the library has the genre 'fantasy'."),
    UnknownAuthor: (404, "There is no author 42 in the library."),
    NothingToExport: (404, "The novel has no chapter with a text."),
    UnknownJob: (404, "There is no job 42."),
    JobNotOpen: (409, "Job 42 has ended already: done."),
    NothingToRetry: (409, "Job 42 is done and lacks nothing."),
    RequestRefused: (400, "There was an error parsing the body."),
    InvalidRequest: (422, "body.url: Field required"),
    UnknownAddress: (404, "There is nothing at /jobz."),
    MethodRefused: (405, "DELETE is not possible at /jobs."),
    RequestTooLarge: (413, "The body is larger than 65536 bytes."),
    AddressTooLong: (414, "The address is longer than 8192 bytes."),
    HeadersTooLarge: (431, "The headers are larger than 32768 bytes."),
    RequestTooSlow: (408, "The body of the request took over 30 s."),
    IdempotencyMismatch: (422, "This Idempotency-Key came with another request before."),
    HostRefused: (421, "The API does not answer to the name evil.example."),
    OriginRefused: (403, "Pages of https://evil.example may not use the API."),
    KeyRequired: (401, "An API key is needed."),
    ScopeMissing: (403, "The key 'reader' lacks the scope ingest."),
    LocalOnly: (403, "Without API keys, only this machine may use the API."),
    TooManyRequests: (429, "More than 600 requests within a minute."),
    TooBusy: (503, "64 event streams are open already."),
    StorageError: (503, "The database cannot be used: connection refused."),
    StorageFull: (503, "The database's disk is full."),
    PluginError: (500, "The plugin of royalroad failed in match: ValueError: …"),
}


#: What to do next, where the error's own hint is meant for somebody at the command line.
_HINTS: dict[type[NovelError], str] = {
    UnsupportedUrl: "GET /sources lists the supported sites.",
    AmbiguousNovel: "Write its slug, or its id as id:7.",
    UnknownNovel: "Submit its address with POST /ingest first.",
    UnknownChapter: "GET /novels/{slug}/chapters lists the chapters.",
    ChapterNotHeld: "Read it at the site, or POST /novels/{slug}/refresh later.",
    UnknownImage: "POST /novels/{slug}/refresh asks for images that are missing.",
    UnknownJob: "GET /jobs lists the jobs.",
    JobNotOpen: "See GET /jobs/{id}; submit the address again for an update.",
    StorageError: "Try again later; whoever runs the service finds more in its log.",
}


def status_of(error: type[NovelError]) -> int:
    """The HTTP status that means this error.

    >>> status_of(UnknownJob), status_of(NovelError)
    (404, 500)
    """
    return next(ANSWERS[base][0] for base in error.__mro__ if base in ANSWERS)


def title_of(code: str) -> str:
    """The code in words.

    >>> title_of("unknown_job")
    'Unknown job'
    """
    return code.replace("_", " ").capitalize().replace(" url", " URL")


def as_problem(error: NovelError, instance: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """The body that tells the error. `instance` is the path asked for, `more` what only this kind of error has."""
    return {
        "type": f"urn:novel-ingestion:problem:{error.code}",
        "title": title_of(error.code),
        "status": status_of(type(error)),
        "detail": error.message,
        "code": error.code,
        "hint": _hint_of(error),
        "instance": instance,
        **more,
    }


def _hint_of(error: NovelError) -> str:
    if error.hint != error.default_hint:
        return error.hint  # of this case, not of its kind
    return next((hint for kind, hint in _HINTS.items() if isinstance(error, kind)), error.hint)


def problem_response(
    error: NovelError,
    instance: str,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """The answer to a request that met `error`."""
    body = as_problem(error, instance, more or {})
    sent = {**(headers or {}), "Cache-Control": "no-store"}
    pause = pause_after(error)
    if pause is not None:
        sent["Retry-After"] = str(pause)
    response = JSONResponse(body, body["status"], sent, MEDIA_TYPE)
    if isinstance(error, KeyRequired):
        # An e-reader app asks its owner for a name and a password, which is the key.
        for scheme in _SCHEMES:
            response.headers.append("WWW-Authenticate", f'{scheme} realm="novel-ingestion"')
    return response


def pause_after(error: NovelError) -> int | None:
    """Whole seconds until a try can help; None where it cannot."""
    seconds: float | None = getattr(error, "retry_after", None)
    if seconds is not None:
        return max(1, math.ceil(seconds))
    return OUTAGE_PAUSE if isinstance(error, StorageError) else None
