"""Answers that need not be sent again: ETag and Last-Modified, and 304 for who has them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.responses import Response

_ETAG = {"description": "Of this state.", "schema": {"type": "string"}}
_MODIFIED = {"description": "When it changed last.", "schema": {"type": "string"}}
HEADERS = {"ETag": _ETAG, "Last-Modified": _MODIFIED}


class Known:
    """What the sender has: its validators, as it sent them."""

    def __init__(
        self,
        if_none_match: Annotated[str | None, Header(description="an ETag seen before")] = None,
        if_modified_since: Annotated[str | None, Header(description="a time seen before")] = None,
    ) -> None:
        self._tags = {
            tag.strip().removeprefix("W/")
            for tag in (if_none_match or "").split(",")
            if tag.strip()
        }
        self._since = if_modified_since

    def has(self, tag: str, modified: datetime | None) -> bool:
        """Whether this is what the sender has. A tag counts more than a time, as RFC 9110 wants it."""
        if self._tags:
            return bool(self._tags & {tag, "*"})
        if self._since is None or modified is None:
            return False
        try:
            since = parsedate_to_datetime(self._since)
        except (ValueError, OverflowError):
            return False
        if since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        return modified.replace(microsecond=0) <= since


TheKnown = Annotated[Known, Depends(Known)]


def answer(model: BaseModel, known: Known, modified: datetime | None = None) -> Response:
    """The model as JSON, or 304."""
    body = model.model_dump_json().encode()
    return answer_bytes(body, "application/json", known, modified)


def answer_bytes(
    body: bytes, media_type: str, known: Known, modified: datetime | None = None
) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = validators(tag, modified)
    if known.has(tag, modified):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def validators(tag: str, modified: datetime | None) -> dict[str, str]:
    """The headers that name a state of something."""
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if modified is not None:
        headers["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
    return headers


def conditional(example: object) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that answers like this, or with 304."""
    return {
        200: {"headers": HEADERS, "content": {"application/json": {"example": example}}},
        304: {"description": "Nothing has changed since.", "headers": HEADERS},
    }
