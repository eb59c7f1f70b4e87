"""What engines cannot do, told before anything is sent to them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from waypost.application.gateways.errors import CapabilityMissing
from waypost.contracts.drivers import Capability, Degradation
from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.needs import left_out, needs
from waypost.information.models import GatewayRow
from waypost.kit.errors import FieldError

_PLACE = re.compile(r"versions\[(\d+)\](?:\.routes\[(\d+)\])?|plans\[(\d+)\]")
LISTENER = "tls_listener"
"""What client certificates need besides the engine: a TLS listener with an authority for callers."""


@dataclass(frozen=True, slots=True)
class Need:
    """A capability that an API asks for; ``where`` for people, ``place`` inside the API's IR."""

    capability: str
    place: str
    where: str


Lack = Need
"""One that a gateway does not have."""


def asked(api: ApiIR) -> list[Need]:
    """What ``api`` asks of whichever gateway serves it, each at the first place that asks."""
    found = [Need(item.value, place, _where(api, place)) for item, place in needs(api).items()]
    return [*found, Need(LISTENER, "mtls", _where(api, "mtls"))] if api.mtls is not None else found


def lacking(api: ApiIR, gateway: GatewayRow) -> list[Lack]:
    """What ``api`` asks of the gateway in vain; nothing where its agent has not said what it can do."""
    if gateway.capabilities is None:
        return []
    known = set(gateway.capabilities)
    # Without the engine's part a listener is of no use, and one lack is enough to name.
    listens = "mtls" not in known or bool(((gateway.settings or {}).get("tls") or {}).get("client_ca"))
    if listens:
        known.add(LISTENER)
    return [need for need in asked(api) if need.capability not in known]


def degrading(api: ApiIR, gateway: GatewayRow) -> tuple[Degradation, ...]:
    """What ``api`` would go without on the gateway; nothing where it cannot be served or has said nothing."""
    if gateway.capabilities is None or lacking(api, gateway):
        return ()
    return left_out(api, gateway.capabilities)


def require_able(api: ApiIR, gateway: GatewayRow) -> None:
    """Raises CapabilityMissing naming everything that the gateway's engine cannot do of ``api``."""
    errors = [lack_error(item, gateway) for item in lacking(api, gateway)]
    if errors:
        raise CapabilityMissing("; ".join(error.message for error in errors), errors=errors)


def lack_error(lack: Lack, gateway: GatewayRow, *, pointer: str = "") -> FieldError:
    """One thing that is missing, with the way out."""
    if lack.capability == LISTENER:
        message = f"{gateway.name} has no TLS listener that asks callers for certificates, needed at {lack.where}"
        hint = "Set one with `waypost gateway set --tls-port … --client-ca …`, or do without client certificates."
        return FieldError(pointer or f"/{lack.place}", message, hint)
    message = f"{gateway.engine} on {gateway.name} cannot do `{lack.capability}`, asked for at {lack.where}"
    hint = "Change or take away the policy that asks for it, or use a gateway whose engine can do it."
    if lack.capability == Capability.COUNTRIES:
        hint = "Use a gateway whose engine looks countries up, and give it a GeoIP database (WAYPOST_GEOIP_DATABASE)."
    return FieldError(pointer or f"/{lack.place}", message, hint)


def _where(api: ApiIR, place: str) -> str:
    found = _PLACE.match(place)
    if found is None:
        return f"the API {api.name}"
    if found[3] is not None:
        return f"the plan {api.plans[int(found[3])].name}"
    version = api.versions[int(found[1])]
    if found[2] is None:
        return f"version {version.name} of {api.name}"
    route = version.routes[int(found[2])]
    return f"{route.method} {route.path} of {api.name} {version.name}"
