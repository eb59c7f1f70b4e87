"""The query that analytics and call lists share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime

from waypost.application.analytics.scope import CallQuery
from waypost.application.subscriptions.schemas import Side
from waypost.kit.text import shape

ID = shape(r"^[A-Za-z0-9_-]*$", "an id: letters, digits, `_` and `-` only")
Id = Annotated[str, Query(max_length=64, pattern=ID)]


def call_query(
    start: Annotated[AwareDatetime | None, Query(alias="from", description="24 hours before `to` if left out")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="Now if left out")] = None,
    api_id: Id = "",
    app_id: Id = "",
    version_id: Id = "",
    operation_id: Id = "",
    subscription_id: Id = "",
    gateway_id: Id = "",
    status_class: Annotated[int | None, Query(ge=1, le=5, description="4 for 4xx")] = None,
    role: Annotated[Side | None, Query(description="Calls of my apps, or calls to my APIs")] = None,
) -> CallQuery:
    """Which calls."""
    return CallQuery(
        start=start,
        end=end,
        api_id=api_id,
        app_id=app_id,
        version_id=version_id,
        operation_id=operation_id,
        subscription_id=subscription_id,
        gateway_id=gateway_id,
        status_class=status_class,
        side=role,
    )


Calls = Annotated[CallQuery, Depends(call_query)]
