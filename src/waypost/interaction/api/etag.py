"""``If-Match``: updates and deletes of versioned objects name the revision they were made for (RFC 9110, 13.1.1)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from waypost.kit.errors import PreconditionFailed, PreconditionRequired

IF_MATCH_DESCRIPTION = "The ETag that was read"
_ETAG = re.compile(r'^(?:W/)?"(\d{1,18})"$')


def if_match(
    value: Annotated[str | None, Header(alias="If-Match", description=IF_MATCH_DESCRIPTION, examples=['"3"'])] = None,
) -> int:
    """The revision; PreconditionRequired without the header, PreconditionFailed for what no object here has."""
    if value is None:
        raise PreconditionRequired
    found = _ETAG.match(value.strip())
    if found is None:
        raise PreconditionFailed('`If-Match` takes one ETag as it was read, such as "3".')
    return int(found[1])


def optional_if_match(
    value: Annotated[str | None, Header(alias="If-Match", description="The ETag that was read, to be safe")] = None,
) -> int | None:
    """The revision if one was sent: for PUTs that also create."""
    return None if value is None else if_match(value)


IfMatch = Annotated[int, Depends(if_match)]
OptionalIfMatch = Annotated[int | None, Depends(optional_if_match)]
