"""Idempotency-Key: the response is saved in the transaction of the work itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from novel_api.errors import IdempotencyMismatch
from novel_api.rows import IdempotencyRow

#: Hours a response is kept.
_KEPT = 24
#: Expired rows deleted with each new key.
_CLEARED = 20

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A new value for each request: sent again within a day, the request has no further"
        " effect and gets the same answer.",
        examples=["5f0c1f6e-7a4e-4c1e-9f2b-1d2f3a4b5c6d"],
    ),
]


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response that can be saved and sent again."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        return JSONResponse(self.body, self.status, self.headers)


def respond_once(
    opened: Session, owner: int, key: str | None, request: str, work: Callable[[], StoredResponse]
) -> StoredResponse:
    """Return the response of `work`, or the one saved for this key.

    `request` identifies the request: the same key with another one is an IdempotencyMismatch. Of
    two requests at the same time, the second waits for the first one's transaction.
    """
    if key is None:
        return work()
    _clear(opened)
    digest = hashlib.sha256(request.encode()).hexdigest()
    mine = (IdempotencyRow.owner == owner) & (IdempotencyRow.key == key)
    is_new = opened.scalar(
        insert(IdempotencyRow)
        .values(owner=owner, key=key, digest=digest)
        .on_conflict_do_nothing()
        .returning(IdempotencyRow.owner)
    )
    if is_new is None:
        return _remembered(opened.scalars(select(IdempotencyRow).where(mine)).one(), digest)
    answer = work()
    opened.execute(
        update(IdempotencyRow)
        .where(mine)
        .values(status=answer.status, headers=answer.headers, body=answer.body)
        .execution_options(synchronize_session=False)
    )
    return answer


def _remembered(row: IdempotencyRow, digest: str) -> StoredResponse:
    if row.digest != digest:
        raise IdempotencyMismatch("This Idempotency-Key came with another request before.")
    # The transaction that made the row has written it.
    assert row.status is not None
    answer = StoredResponse(row.status, row.body, row.headers)
    return replace(answer, headers={**answer.headers, "Idempotency-Replayed": "true"})


def _clear(opened: Session) -> None:
    old = (
        select(IdempotencyRow.owner, IdempotencyRow.key)
        .where(IdempotencyRow.created_at < func.now() - timedelta(hours=_KEPT))
        .order_by(IdempotencyRow.created_at)
        .limit(_CLEARED)
        .with_for_update(skip_locked=True)
        .cte()
    )
    opened.execute(
        delete(IdempotencyRow)
        .where(tuple_(IdempotencyRow.owner, IdempotencyRow.key).in_(select(old.c.owner, old.c.key)))
        .execution_options(synchronize_session=False)
    )
