"""`/sign-in` and `/sign-out`: an API key begins a session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from novel_api.context import ApiDep
from novel_api.hosts import is_loopback
from novel_api.keys import KeyRing, digest_of
from novel_api.page_paths import SIGN_IN, SIGN_OUT, safe_target
from novel_api.sessions import set_cookie
from novel_api.web.forms import Form
from novel_api.web.render import go_to, page

router = APIRouter(include_in_schema=False)

_LONGEST = 200
Next = Annotated[str, Query(max_length=4000)]


@router.get(SIGN_IN)
def show_form(
    request: Request, api: ApiDep, next_page: Annotated[Next, Query(alias="next")] = ""
) -> Response:
    """The form to sign in; a redirect if there are no keys."""
    found = KeyRing(api.runtime.database).lookup(None)
    if not found.locked and is_loopback(request.client.host if request.client else None):
        return go_to(safe_target(next_page))
    return page(request, "sign_in.html", next=safe_target(next_page), wrong=False)


@router.post(SIGN_IN)
def sign_in(request: Request, api: ApiDep, form: Form) -> Response:
    """Begin a session with a valid key; the key itself is not stored."""
    secret = form.get("key", "").strip()
    target = safe_target(form.get("next"))
    caller = None
    if 0 < len(secret) <= _LONGEST:
        caller = KeyRing(api.runtime.database).lookup(secret).caller
    if caller is None:
        return page(request, "sign_in.html", status=403, next=target, wrong=True)
    response = go_to(target)
    token = api.sessions.begin(caller.key_id, digest_of(secret))
    set_cookie(request, response, token)
    return response


@router.post(SIGN_OUT)
def sign_out(request: Request, _form: Form) -> Response:
    """Delete the session's cookie."""
    response = go_to(SIGN_IN)
    set_cookie(request, response, "", max_age=0)
    return response
