"""Lists: ``limit``, ``cursor`` and ``sort`` in, ``{items, next_cursor}`` out."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from waypost.kit.paging import MAX_LIMIT, Page, PageRequest
from waypost.kit.text import shape

T = TypeVar("T")
M = TypeVar("M")
SORT = shape("^-?[a-z_]+$", "a field's name, with `-` before it to descend")


class PageRead(BaseModel, Generic[T]):
    """One page; send `next_cursor` as `cursor` for the next one."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="None on the last page")

    @classmethod
    def of(cls, page: Page[T]) -> PageRead[T]:
        """The schema of a page of reads."""
        return cls(items=page.items, next_cursor=page.next_cursor)


def page_request(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items per page")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before")] = None,
    sort: Annotated[str | None, Query(max_length=60, pattern=SORT, description="A field; `-field` descends")] = None,
) -> PageRequest:
    """What a list route is asked for; services refuse sort fields that they do not list."""
    return PageRequest(limit=limit, cursor=cursor, sort=sort)


Paging = Annotated[PageRequest, Depends(page_request)]
