"""Conditional responses: a strong ETag, and 304 for a client that has this version already.

There is no Last-Modified: removing or renaming something leaves no time behind, so a time
cannot say that nothing has changed.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.responses import Response

from novel_api.middleware import plain

_ETAG = {"description": "Of this state.", "schema": {"type": "string"}}
HEADERS = {"ETag": _ETAG}
_REVALIDATED = "private, no-cache"


class KnownETags:
    """The ETags that the client has (If-None-Match)."""

    def __init__(
        self,
        if_none_match: Annotated[str | None, Header(description="an ETag seen before")] = None,
    ) -> None:
        given = (tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(","))
        self._tags = {plain(tag) for tag in given if tag}

    def has(self, tag: str) -> bool:
        """Whether the client has the version with this ETag."""
        return bool(self._tags & {tag, "*"})


KnownDep = Annotated[KnownETags, Depends(KnownETags)]


def json_response(model: BaseModel, known: KnownETags) -> Response:
    """Return the model as JSON, or 304."""
    return bytes_response(model.model_dump_json().encode(), "application/json", known)


def bytes_response(body: bytes, media_type: str, known: KnownETags) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = validators(tag)
    if known.has(tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def validators(tag: str, cached: str = _REVALIDATED) -> dict[str, str]:
    """Return the headers ETag and Cache-Control; `cached` is the latter's value."""
    return {"ETag": tag, "Cache-Control": cached}


def conditional(example: object) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route with this example, or 304."""
    return {
        200: {"headers": HEADERS, "content": {"application/json": {"example": example}}},
        304: {"description": "Nothing has changed since.", "headers": HEADERS},
    }
