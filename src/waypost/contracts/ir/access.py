"""May you: what is asked of a caller besides being known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """What an operation asks for: all of ``scopes`` (any one with ``any_of``), and one of ``roles`` if there are any.

    Scopes are the token's, or the plan's for callers without a token. Roles stand in the token's ``roles_claim``.
    """

    scopes: tuple[str, ...] = ()
    any_of: bool = False
    roles: tuple[str, ...] = ()
    roles_claim: str = "roles"


@dataclass(frozen=True, slots=True, kw_only=True)
class IpRules:
    """Addresses and networks (CIDR, v4 and v6). Deny beats allow; an empty ``allow`` means everybody."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Countries:
    """ISO 3166-1 alpha-2 codes by the gateway's GeoIP database. ``unknown`` = addresses without a country pass."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    unknown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Everything answers 503 with ``message`` and ``Retry-After`` (until ``until``, else 60 s); ``allow`` passes."""

    enabled: bool = True
    message: str = ""
    until: datetime | None = None
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHours:
    """One stretch of a week in UTC: ISO weekdays (1 Monday … 7 Sunday), minutes since midnight, end excluded."""

    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    start_minute: int = 0
    end_minute: int = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindows:
    """When calls pass; outside of all ``open`` they answer 403. Empty = always."""

    open: tuple[OpenHours, ...] = ()
