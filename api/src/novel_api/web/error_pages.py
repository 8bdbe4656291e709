"""Errors as pages: browsers get a page where programs get a problem."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from inspect import isawaitable
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from novel_api.page_paths import is_page, prefers_html, sign_in_url
from novel_api.problems import MEDIA_TYPE
from novel_api.web import security_headers
from novel_api.web.error_texts import error_text
from novel_api.web.render import page

_Handler = Callable[[Request, Any], Response | Awaitable[Response]]
_KEPT = ("retry-after", "allow")


def render_error(request: Request, response: Response) -> Response:
    """Return the page of a problem for a browser; other responses unchanged."""
    if response.media_type != MEDIA_TYPE or not prefers_html(request.headers):
        return response
    problem = json.loads(bytes(response.body))
    ours = is_page(request.url.path)
    if response.status_code == HTTPStatus.UNAUTHORIZED and ours:
        return _to_sign_in(request)
    # Problems of the JSON API stay JSON for browsers too, except unknown paths.
    if not (ours or problem["code"] == "unknown_address"):
        return response
    kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
    return page(
        request,
        "error.html",
        status=response.status_code,
        headers=kept | {"Cache-Control": "no-store"},
        problem=problem,
        why=error_text(problem["code"], problem["detail"], problem["hint"]),
    )


def _to_sign_in(request: Request) -> Response:
    """Redirect to the sign-in page. A page is shown again after signing in, a sent form is not."""
    reading = request.method in {"GET", "HEAD"}
    target = sign_in_url(request.url.path, request.url.query) if reading else sign_in_url("/")
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": sign_in_url("/")})
    return RedirectResponse(target, 303, security_headers.HEADERS)


def install(app: FastAPI) -> None:
    """Wrap the handlers of errors that are installed already."""
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _rendering(handler))


def _rendering(handler: _Handler) -> _Handler:
    async def rendered(request: Request, error: Exception) -> Response:
        answer = handler(request, error)
        return render_error(request, await answer if isawaitable(answer) else answer)

    return rendered
