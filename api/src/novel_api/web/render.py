"""Rendering of templates: the values and headers of every page."""

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
    """Return the page. Every template also has the path and the caller's rights."""
    caller = caller_of(request)
    known = {
        "path": request.url.path if is_page(request.url.path) else "",
        "caller": caller,
        "may_read": caller is not None,
        "may_ingest": caller is not None and Scope.INGEST in caller.scopes,
        "may_administer": caller is not None and Scope.ADMIN in caller.scopes,
    }
    html = _environment().get_template(template).render(known | values)
    return HTMLResponse(html, status, security_headers.HEADERS | (headers or {}))


def go_to(address: str) -> Response:
    """Return the redirect after a form to `address`."""
    return RedirectResponse(address, 303, security_headers.HEADERS)


def safe(html: str) -> Markup:
    """Mark HTML as safe: only what this package made or sanitised."""
    return Markup(html)  # noqa: S704 - see above
