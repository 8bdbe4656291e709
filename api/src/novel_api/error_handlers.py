"""From whatever was raised to a problem: our own errors, FastAPI's, Starlette's, and bugs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from novel_api.errors import InvalidRequest, MethodRefused, RequestRefused, UnknownAddress
from novel_api.gate import too_large
from novel_api.problems import problem_response
from novel_api.sources import supported_sources
from novel_core.errors import ChapterNotHeld, NovelError, UnsupportedUrl

#: How much of a path that somebody made up is repeated to them.
_SHOWN = 200
#: How many wrong fields are listed.
_LISTED = 20


def install(app: FastAPI) -> None:
    app.add_exception_handler(NovelError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _bug)


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, NovelError)
    more: dict[str, Any] = {}
    if isinstance(error, UnsupportedUrl):
        registry = request.app.state.api.runtime.registry
        more["sources"] = [source.model_dump() for source in supported_sources(registry)]
    if isinstance(error, ChapterNotHeld):
        more["state"] = error.state
    return problem_response(error, request.url.path, more=more)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # What was sent is not repeated: it may hold secrets, and characters that no answer can.
    problems = [
        {"where": _where(problem["loc"]), "message": _message(problem)}
        for problem in error.errors()[:_LISTED]
    ]
    detail = "; ".join(f"{problem['where']}: {problem['message']}" for problem in problems)
    return problem_response(
        InvalidRequest(_printable(detail)), request.url.path, more={"errors": problems}
    )


def _message(problem: dict[str, Any]) -> str:
    """What is wrong, where pydantic's own words do not say what to do."""
    match problem["type"]:
        case "json_invalid":
            place = problem["loc"][-1]
            return f"not JSON, at character {place}: {problem['ctx']['error']}"
        case "model_attributes_type" if problem["loc"] == ("body",):
            return "not a JSON object; send one, with the header Content-Type: application/json"
        case "extra_forbidden":
            return "there is no such field"
    return str(problem["msg"])


def _where(location: tuple[str | int, ...]) -> str:
    """Where in the request: a name the sender made up is cut, and shown in ASCII.

    >>> _where(("body", "recheck", 0))
    'body.recheck.0'
    """
    match location:
        case ("body", int()):
            return "body"  # where in its text, which the message tells
    return ".".join(_printable(str(part)) for part in location)


def _printable(text: str) -> str:
    return text[:_SHOWN].encode("ascii", "backslashreplace").decode()


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = _printable(request.url.path)
    headers = error.headers
    told: NovelError
    match error.status_code:
        case 404 if (place := _without_slash(request)) is not None:
            return RedirectResponse(place, 308)
        case 404:
            told = UnknownAddress(f"There is nothing at {path}.")
        case 405:
            told = MethodRefused(f"{request.method} is not possible at {path}.")
            headers = {"Allow": ", ".join(_with_head(headers or {}))}
        case 413:
            told = too_large()
        case _:
            told = RequestRefused(str(error.detail))
    return problem_response(told, request.url.path, headers=headers)


def _with_head(headers: Mapping[str, str]) -> list[str]:
    methods = [one.strip() for one in headers.get("Allow", "").split(",") if one.strip()]
    return [*methods, "HEAD"] if "GET" in methods else methods


def _without_slash(request: Request) -> str | None:
    """The same address without slashes at its end, if there is something; never one of another host."""
    path = request.url.path.rstrip("/")
    scope = {**request.scope, "path": path, "raw_path": path.encode()}
    if path == request.url.path or not path or path.startswith("//"):
        return None
    if all(route.matches(scope)[0] is Match.NONE for route in request.app.routes):
        return None
    return f"{quote(path)}?{request.url.query}" if request.url.query else quote(path)


async def _gone(_request: Request, _error: Exception) -> Response:
    """A client that breaks off in the middle of a body hears nothing more, and is no bug worth a traceback."""
    return Response(status_code=400)


async def _bug(request: Request, _error: Exception) -> Response:
    """The traceback is the server's to log, never the sender's to see."""
    told = NovelError(
        "Something went wrong here; the server's log says more.",
        hint="Report it, with the lines of the log.",
    )
    return problem_response(told, request.url.path)
