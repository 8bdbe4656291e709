"""Pages of a list: the question and the answer are the same everywhere."""

from __future__ import annotations

import math
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")

#: The last page that can be asked for: more of a list nobody turns over.
LAST_PAGE = 100_000


#: Of an example, what is beside its items.
PAGE = {"total": 1, "page": 1, "page_size": 50, "total_pages": 1}


class PageQuery(BaseModel):
    page: int = Field(default=1, ge=1, le=LAST_PAGE)
    page_size: int = Field(default=50, ge=1, le=200)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


class Page(BaseModel, Generic[T]):
    """`total` counts all items of the list; a page beyond the last one is empty."""

    items: list[T]
    total: int = Field(examples=[1])
    page: int = Field(examples=[1])
    page_size: int = Field(examples=[50])
    total_pages: int = Field(examples=[1])

    @classmethod
    def of(cls, items: list[T], total: int, asked: PageQuery) -> Page[T]:
        return cls(
            items=items,
            total=total,
            page=asked.page,
            page_size=asked.page_size,
            total_pages=math.ceil(total / asked.page_size),
        )
