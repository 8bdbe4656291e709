"""Templates to answers: what every page has, and the headers it is sent with."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from novel_api import __version__
from novel_api.gate import caller_of
from novel_api.keys import Scope
from novel_api.page_paths import is_page
from novel_api.web import formatting, security_headers
from novel_api.web.assets import asset_url


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("novel_api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= formatting.FILTERS
    environment.globals |= {"asset": asset_url, "version": __version__}
    return environment


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page. Its template also knows who reads it."""
    caller = caller_of(request)
    known = {
        "path": request.url.path if is_page(request.url.path) else "",
        "caller": caller,
        "may_read": caller is not None,
        "may_ingest": caller is not None and Scope.INGEST in caller.scopes,
    }
    html = _environment().get_template(template).render(known | values)
    return HTMLResponse(html, status, security_headers.HEADERS | (headers or {}))


def go_to(address: str) -> Response:
    """The answer to a form that did what was asked: the browser looks at `address` next."""
    return RedirectResponse(address, 303, security_headers.HEADERS)


def safe(html: str) -> Markup:
    """HTML that is known to be harmless: made by `chapter_html` or here, never as a site sent it."""
    return Markup(html)  # noqa: S704 - see above
