"""Handlers that turn exceptions into problems: our errors, FastAPI's, Starlette's, and bugs."""

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

#: Characters of the client's own text that a message repeats.
_SHOWN = 200
#: Wrong fields listed at most.
_LISTED = 20


def install(app: FastAPI) -> None:
    app.add_exception_handler(NovelError, _novel_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _client_gone)
    app.add_exception_handler(Exception, _unexpected_error)


async def _novel_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, NovelError)
    more: dict[str, Any] = {}
    if isinstance(error, UnsupportedUrl):
        registry = request.app.state.api.runtime.registry
        more["sources"] = [source.model_dump() for source in supported_sources(registry)]
    if isinstance(error, ChapterNotHeld):
        more["state"] = error.state
    return problem_response(error, request.url.path, more=more)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The values are not repeated: they may hold secrets, or characters JSON cannot carry.
    problems = [
        {"where": _where(problem["loc"]), "message": _message(problem)}
        for problem in error.errors()[:_LISTED]
    ]
    detail = "; ".join(f"{problem['where']}: {problem['message']}" for problem in problems)
    return problem_response(
        InvalidRequest(_printable(detail)), request.url.path, more={"errors": problems}
    )


def _message(problem: dict[str, Any]) -> str:
    """Return what is wrong with a field; clearer than pydantic's own text where that is unclear."""
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
    """Return the place in the request; names from the client are cut and shown in ASCII.

    >>> _where(("body", "recheck", 0))
    'body.recheck.0'
    """
    match location:
        case ("body", int()):
            # The message has the position in the text.
            return "body"
    return ".".join(_printable(str(part)) for part in location)


def _printable(text: str) -> str:
    return text[:_SHOWN].encode("ascii", "backslashreplace").decode()


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = _printable(request.url.path)
    headers = error.headers
    problem: NovelError
    match error.status_code:
        case 404 if (place := _without_slash(request)) is not None:
            return RedirectResponse(place, 308)
        case 404:
            problem = UnknownAddress(f"There is nothing at {path}.")
        case 405:
            problem = MethodRefused(f"{request.method} is not possible at {path}.")
            headers = {"Allow": ", ".join(_with_head(headers or {}))}
        case 413:
            problem = too_large()
        case _:
            problem = RequestRefused(str(error.detail))
    return problem_response(problem, request.url.path, headers=headers)


def _with_head(headers: Mapping[str, str]) -> list[str]:
    methods = [one.strip() for one in headers.get("Allow", "").split(",") if one.strip()]
    return [*methods, "HEAD"] if "GET" in methods else methods


def _without_slash(request: Request) -> str | None:
    """Return the URL without slashes at the end if a route has it; never one of another host."""
    path = request.url.path.rstrip("/")
    scope = {**request.scope, "path": path, "raw_path": path.encode()}
    if path == request.url.path or not path or path.startswith("//"):
        return None
    if all(route.matches(scope)[0] is Match.NONE for route in request.app.routes):
        return None
    return f"{quote(path)}?{request.url.query}" if request.url.query else quote(path)


async def _client_gone(_request: Request, _error: Exception) -> Response:
    """The client disconnected in the middle of a body: no bug, so no traceback."""
    return Response(status_code=400)


async def _unexpected_error(request: Request, _error: Exception) -> Response:
    """An unexpected error: the traceback goes to the server's log only."""
    problem = NovelError(
        "Internal error; the server's log has the details.",
        hint="Report it with the lines of the log.",
    )
    return problem_response(problem, request.url.path)
