"""What this engine does natively; everything else is refused by name before it is published."""

from __future__ import annotations

from waypost.contracts.drivers import Capability

_MISSING = frozenset(
    [
        Capability.JWT_EDDSA,  # not among the algorithms of `jwt_verify` in 2.8
        Capability.INTROSPECTION,  # asking another server per call has no native form
        Capability.JWT_CLAIM_NAMES,  # `jwt_payload_query` takes a JSON path without quoted names
        Capability.MOCK_LARGE,  # an answer has to fit into one buffer
        Capability.COUNTRIES,  # the build has no GeoIP module
    ]
)
CAPABILITIES = frozenset(Capability) - _MISSING
