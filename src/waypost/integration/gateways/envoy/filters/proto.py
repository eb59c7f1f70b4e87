"""``X-Forwarded-Proto`` where proxies are trusted: what such a proxy says, else the connection's own.

The engine passes on whoever's it is. Only a trusted proxy has it believe another address than the connection's.
"""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.envoy.filters.mutations import put, remove
from waypost.integration.gateways.envoy.names import PEER, filter_type

_HEADER = "x-forwarded-proto"
_SAID = f"request.headers['{_HEADER}']"
_BELIEVED = f"request.headers['{PEER}'] != source.address && {_SAID} in ['http', 'https']"


def listener_filters(settings: GatewaySettings, *, secure: bool) -> list[dict[str, Any]]:
    """``secure``: the listener has TLS."""
    if not settings.trusted_proxies:
        return []
    own = "https" if secure else "http"
    steps = [
        put(PEER, "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%"),
        put(_HEADER, f"%CEL({_BELIEVED} ? {_SAID} : '{own}')%"),
        remove(PEER),
    ]
    config = {"@type": filter_type("header_mutation.v3.HeaderMutation"), "mutations": {"request_mutations": steps}}
    return [{"name": "proto", "typed_config": config}]
