"""Where a page of a list ended, as an opaque word."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_WRONG = PydanticCustomError("cursor", "Not a cursor of this API")
#: Every number of so many digits fits a bigint.
_MAX_DIGITS = 18


def cursor_of(row_id: int) -> str:
    """The cursor behind this row.

    >>> cursor_of(42)
    'NDI'
    """
    return base64.urlsafe_b64encode(str(row_id).encode()).decode().rstrip("=")


def _row_behind(cursor: object) -> object:
    if not isinstance(cursor, str):
        return cursor
    try:
        text = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _WRONG from error
    if not text.isdecimal() or len(text) > _MAX_DIGITS:
        raise _WRONG
    return int(text)


#: Read from a query as the id of the row it stands for.
Cursor = Annotated[
    int,
    BeforeValidator(_row_behind),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 24}),
]
