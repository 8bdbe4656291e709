"""Forms that a browser sends: read, and refused where they come from another site's page."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import Request

from novel_api.errors import OriginRefused, RequestRefused

_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 20
#: Values of Sec-Fetch-Site for our own pages, and for what the person at the browser did without any page.
_OWN = frozenset({"same-origin", "none"})


def is_own_form(headers: Headers) -> bool:
    """Whether a browser says that a form was sent from a page of this library.

    Sec-Fetch-Site decides where there is one: it also tells other ports of the same machine apart. Browsers leave it out
    without TLS, and old ones always; then the form needs an Origin, which the gate has compared with the request's Host.
    What says neither is refused.

    >>> is_own_form(Headers({"sec-fetch-site": "same-origin"}))
    True
    >>> is_own_form(Headers({"sec-fetch-site": "same-site", "origin": "http://localhost:8000"}))
    False
    >>> is_own_form(Headers({"origin": "http://localhost:8000"})), is_own_form(Headers())
    (True, False)
    """
    site = headers.get("sec-fetch-site")
    return "origin" in headers if site is None else site in _OWN


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form of our own pages; the gate has bounded the size of its body."""
    if not is_own_form(request.headers):
        raise OriginRefused(
            "The form was not sent from a page of this library.",
            hint="Send it from the library's own page, with a browser that says where a form comes from.",
        )
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _TYPE:
        raise RequestRefused("A form was expected.")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError as error:
        raise RequestRefused("The form has too many fields.") from error


#: The parameter of a route that takes a form.
Form = Annotated[dict[str, str], Depends(_read_form)]
