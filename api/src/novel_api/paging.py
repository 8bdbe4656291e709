"""Pages of a list: the same fields for numbered pages, pages by cursor, and whole lists."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

T = TypeVar("T")

#: The largest page number.
LAST_PAGE = 100_000


#: The fields of an example beside `items`.
PAGE: dict[str, Any] = {
    "total": 1,
    "page": 1,
    "page_size": 50,
    "total_pages": 1,
    "next": None,
}


class PageQuery(BaseModel):
    page: int = Field(default=1, ge=1, le=LAST_PAGE)
    page_size: int = Field(default=50, ge=1, le=200)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


class Page(BaseModel, Generic[T]):
    """A page of a list. `total` counts all items; a page after the last one is empty."""

    items: list[T]
    total: int = Field(examples=[1])
    page: int | None = Field(description="from 1; null for pages by cursor", examples=[1])
    page_size: int = Field(examples=[50])
    total_pages: int = Field(examples=[1])
    next: str | None = Field(
        description="the cursor of the next page; null on the last one, and for numbered pages"
    )

    @classmethod
    def of(cls, items: list[T], total: int, asked: PageQuery) -> Page[T]:
        """Return the page with the requested number."""
        return cls._cut(items, total, asked.page_size, page=asked.page)

    @classmethod
    def before_cursor(
        cls, items: list[T], total: int, page_size: int, following: str | None
    ) -> Page[T]:
        """Return a page by cursor; `following` is the cursor of the next one."""
        return cls._cut(items, total, page_size, following=following)

    @classmethod
    def whole(cls, items: list[T]) -> Page[T]:
        """Return a short list as one page."""
        return cls._cut(items, len(items), max(1, len(items)), page=1)

    @classmethod
    def _cut(
        cls,
        items: list[T],
        total: int,
        page_size: int,
        page: int | None = None,
        following: str | None = None,
    ) -> Page[T]:
        return cls(
            items=items,
            total=total,
            page=page,
            page_size=page_size,
            total_pages=math.ceil(total / page_size),
            next=following,
        )


_WRONG = PydanticCustomError("cursor", "Not a cursor of this API")
#: Every number with so many digits fits a bigint.
_MAX_DIGITS = 18


def cursor_of(row_id: int) -> str:
    """Return the cursor of the position after this row.

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


#: A cursor in a query; its value is the id of the row.
Cursor = Annotated[
    int,
    BeforeValidator(_row_behind),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 24}),
]
