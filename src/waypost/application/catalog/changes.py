"""Changes to versioned rows: what differs, written with its event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from waypost.application.context import Context
from waypost.application.revisions import bump
from waypost.information.models.base import Versioned
from waypost.kit.errors import Problem
from waypost.kit.text import shorten

_SHOWN = 200


def apply_changes(ctx: Context, row: Versioned, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Set what differs and bump the revision if anything does; field -> {from, to}, long texts cut."""
    changed: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before == value:
            continue
        changed[name] = {"from": _short(before), "to": _short(value)}
        setattr(row, name, value)
    if changed:
        bump(ctx, row)
    return changed


def _short(value: Any) -> Any:
    return shorten(value, _SHOWN) if isinstance(value, str) else value


async def flush_claim(ctx: Context, taken: type[Problem]) -> None:
    """Write what is pending; ``taken`` when a unique address turns out to be somebody else's.

    On PostgreSQL another transaction may have taken it since it was checked: the constraint decides.
    """
    try:
        await ctx.session.flush()
    except IntegrityError as error:
        raise taken from error
