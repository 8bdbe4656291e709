"""Forms that a browser sends: read, and refused where they were not made here."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.requests import Request

from novel_api.errors import RequestRefused
from novel_api.web import visitors

_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20


async def _guarded(request: Request) -> dict[str, str]:
    """The fields of a form whose token is right; the gate has bounded the size of its body."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _TYPE:
        raise RequestRefused("A form was expected.")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise RequestRefused("The form has too many fields.") from error
    visitors.check_form(request, fields.get(visitors.FIELD, ""))
    return fields


#: A route's parameter.
Form = Annotated[dict[str, str], Depends(_guarded)]
