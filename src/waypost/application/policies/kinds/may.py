"""May you: what is asked of a call besides being known."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StrictBool, StrictInt

from waypost.application.policies.kinds.base import EVERYWHERE, Config, KindInfo, itself
from waypost.application.policies.kinds.fields import Claim, Country, Line, Networks, Scope, TimeOfDay
from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.kit.errors import FieldError


class ScopesConfig(Config):
    """Scopes and roles that a caller must have. At a plan: the scopes that its subscribers hold."""

    scopes: list[Scope] = Field([], max_length=50, description="Those of all places are asked for together.")
    any_of: StrictBool = Field(False, description="One of the scopes is enough.")
    roles: list[Scope] = Field([], max_length=50, description="One of them must be in the token; empty = not asked.")
    roles_claim: Claim = Field("roles", description="The claim that holds the roles.")


class IpConfig(Config):
    """Addresses and networks (CIDR, v4 and v6) that may call or may not. Deny beats allow."""

    allow: Networks = Field([], description="Empty = everybody. The nearest place that says something decides.")
    deny: Networks = Field([], description="Those of all places hold together.")


class CountriesConfig(Config):
    """Countries that may call or may not, by the gateway's GeoIP database."""

    allow: list[Country] = Field([], max_length=250, description="Empty = everybody.")
    deny: list[Country] = Field([], max_length=250, description="Those of all places hold together.")
    unknown: StrictBool = Field(True, description="Addresses without a country pass.")


class UnmatchedConfig(Config):
    """What becomes of a call that no operation of the definition takes."""

    mode: Literal["refuse", "pass"] = Field("refuse", description="Refused with 404 or 405, or passed on as it is.")


class MaintenanceConfig(Config):
    """Answer 503 to everything for a while."""

    enabled: StrictBool = Field(True, description="Off at a nearer place lets that one through.")
    message: Line = Field("", description="What callers read.")
    until: AwareDatetime | None = Field(None, description="Callers are told to come back then.")
    allow: Networks = Field([], description="These addresses pass, to try things.")


class Opening(Config):
    """One stretch of a week, in UTC."""

    days: list[Annotated[StrictInt, Field(ge=1, le=7)]] = Field(
        [1, 2, 3, 4, 5, 6, 7], min_length=1, max_length=7, description="1 = Monday … 7 = Sunday."
    )
    start: TimeOfDay = "00:00"
    end: TimeOfDay = Field("24:00", description="Excluded.")


class HoursConfig(Config):
    """When calls pass; outside of all stretches they answer 403."""

    open: list[Opening] = Field([], max_length=50, description="Empty = always.")


def _scopes(config: ScopesConfig, level: PolicyLevel) -> list[FieldError]:
    if level is PolicyLevel.PLAN:
        hint = "Set it at the API, a version or an operation."
        given = [name for name in ("any_of", "roles") if getattr(config, name)]
        return [FieldError(f"/config/{name}", "a plan only gives scopes", hint) for name in given]
    if config.any_of and len(config.scopes) < 2:
        return [FieldError("/config/any_of", "there is nothing to choose from", "Name two scopes or more.")]
    return []


def _ip(config: IpConfig, _level: PolicyLevel) -> list[FieldError]:
    return swallowed(config.allow, config.deny)


def swallowed(allow: list[str], deny: list[str]) -> list[FieldError]:
    """An allow list of which nothing is left once deny was asked: then nobody could call."""
    if allow and all(_within(item, deny) for item in allow):
        message = "everything that is allowed is denied as well, so nobody could call"
        return [FieldError("/config/allow", message, "Deny beats allow: take the network out of one of the lists.")]
    return []


def _within(item: str, networks: list[str]) -> bool:
    inner: Any = ipaddress.ip_network(item)
    others: list[Any] = [ipaddress.ip_network(network) for network in networks]
    return any(inner.version == outer.version and inner.subnet_of(outer) for outer in others)


def _countries(config: CountriesConfig, _level: PolicyLevel) -> list[FieldError]:
    if config.allow and not config.unknown and set(config.allow) <= set(config.deny):
        message = "every country that is allowed is denied as well"
        return [FieldError("/config/allow", message, "Take the countries out of one of the lists.")]
    return []


def _hours(config: HoursConfig, _level: PolicyLevel) -> list[FieldError]:
    return [
        FieldError(f"/config/open/{index}/end", "this ends before it starts", "Over midnight: write two stretches.")
        for index, item in enumerate(config.open)
        if item.end <= item.start
    ]


KINDS = (
    KindInfo(
        PolicyKind.SCOPES,
        "Scopes and roles",
        (*EVERYWHERE, PolicyLevel.PLAN),
        ScopesConfig,
        _scopes,
        unites={"scopes": itself},
    ),
    KindInfo(PolicyKind.IP, "Addresses", EVERYWHERE, IpConfig, _ip, unites={"deny": itself}),
    KindInfo(PolicyKind.COUNTRIES, "Countries", EVERYWHERE, CountriesConfig, _countries, unites={"deny": itself}),
    KindInfo(PolicyKind.UNMATCHED, "Calls that no operation takes", EVERYWHERE[:-1], UnmatchedConfig),
    KindInfo(PolicyKind.MAINTENANCE, "Maintenance", EVERYWHERE, MaintenanceConfig),
    KindInfo(PolicyKind.HOURS, "Opening hours", EVERYWHERE, HoursConfig, _hours),
)
