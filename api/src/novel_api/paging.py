"""Pages of a list: one envelope, whether the page is requested by number, by cursor, or the list is whole."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

T = TypeVar("T")

#: The last page that can be asked for: more of a list nobody turns over.
LAST_PAGE = 100_000


#: Of an example, what is beside its items.
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
    """A part of a list. `total` counts all items of the list; a page beyond the last one is empty."""

    items: list[T]
    total: int = Field(examples=[1])
    page: int | None = Field(description="from 1; null where a cursor leads on", examples=[1])
    page_size: int = Field(examples=[50])
    total_pages: int = Field(examples=[1])
    next: str | None = Field(
        description="the cursor of the following page; null on the last one, and where pages have numbers"
    )

    @classmethod
    def of(cls, items: list[T], total: int, asked: PageQuery) -> Page[T]:
        """The page asked for by its number."""
        return cls._cut(items, total, asked.page_size, page=asked.page)

    @classmethod
    def before_cursor(
        cls, items: list[T], total: int, page_size: int, following: str | None
    ) -> Page[T]:
        """A page that a cursor led to; `following` leads to the next one."""
        return cls._cut(items, total, page_size, following=following)

    @classmethod
    def whole(cls, items: list[T]) -> Page[T]:
        """A list that is short enough to be one page."""
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
