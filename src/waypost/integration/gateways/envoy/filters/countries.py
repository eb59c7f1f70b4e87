"""Countries by a GeoIP database (MaxMind's format), looked up by the engine on operations that ask for it.

The database stands in the driver's directory under one name (``bootstrap.py`` links it), so that a route need not know
where it came from; the engine reads it anew when the file is replaced.
"""

from __future__ import annotations

from typing import Any

from envoy.extensions.filters.http.geoip.v3 import geoip_pb2
from envoy.extensions.geoip_providers.maxmind.v3 import maxmind_pb2 as _maxmind  # noqa: F401  (registers the type)

from waypost.contracts.ir import Countries
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import access, claims
from waypost.integration.gateways.envoy.names import COUNTRY, TYPE

DATABASE = "geoip.mmdb"
_PROVIDER = {
    "@type": f"{TYPE}envoy.extensions.geoip_providers.maxmind.v3.MaxMindConfig",
    "country_db_path": f"./{DATABASE}",
    "common_provider_config": {"geo_field_keys": {"country": COUNTRY}},
}


def filters(countries: Countries | None) -> list[access.Filter]:
    """Looks the caller's address up, and refuses who is denied, not allowed, or unknown where that is not taken."""
    if countries is None or not (countries.allow or countries.deny or not countries.unknown):
        return []
    lookup = {"provider": {"name": "envoy.geoip_providers.maxmind", "typed_config": _PROVIDER}}
    refused = [_one_of(countries.deny)] if countries.deny else []
    if countries.allow:
        refused.append(claims.all_of(_known(), claims.negated(_one_of(countries.allow))))
    if not countries.unknown:
        refused.append(claims.negated(_known()))
    found = [("geoip", wire.pack(wire.parse(geoip_pb2.Geoip, lookup)))]
    return [*found, *([access.refuse(Refusal.COUNTRY_DENIED, what=claims.any_of(*refused))] if refused else [])]


def _one_of(codes: tuple[str, ...]) -> access.Condition:
    return claims.any_of(*({"header": _header(string_match={"exact": code.upper()})} for code in codes))


def _known() -> access.Condition:
    return {"header": _header(present_match=True)}


def _header(**how: Any) -> dict[str, Any]:
    return {"name": COUNTRY, **how}
