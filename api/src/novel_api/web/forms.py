"""Forms of the pages; forms from other sites are refused."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import Request

from novel_api.errors import OriginRefused, RequestRefused

_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 20
#: Sec-Fetch-Site of our own pages, and of requests that the user starts without a page.
_OWN = frozenset({"same-origin", "none"})


def is_own_form(headers: Headers) -> bool:
    """Whether a browser says that a form was sent from a page of this library.

    Sec-Fetch-Site decides if there is one. Browsers leave it out without TLS, except on loopback,
    and old ones always; then the form needs an Origin, which the gate has compared with the Host.

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
    """Return the fields of a form; the gate has limited the size of its body."""
    if not is_own_form(request.headers):
        raise OriginRefused(
            "The form was not sent from a page of this library.",
            hint="Send it from the library's own page, with a current browser.",
        )
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _TYPE:
        raise RequestRefused("A form was expected.")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError as error:
        raise RequestRefused("The form has too many fields.") from error


#: Dependency: the fields of a form of our own pages.
Form = Annotated[dict[str, str], Depends(_read_form)]
