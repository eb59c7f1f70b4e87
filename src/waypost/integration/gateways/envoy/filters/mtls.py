"""Client certificates: the listener verifies them, an API looks up the fingerprint and may narrow who they are."""

from __future__ import annotations

from collections.abc import Iterable

from waypost.contracts.ir import MutualTls
from waypost.integration.gateways.envoy.filters.mutations import Step, look_up

KIND = "cert"


def looked_up(fingerprint: str) -> str:
    """What the look-up finds for a certificate with this SHA-256 (hex)."""
    return f"{KIND} {fingerprint.lower()}"


def conclude(mtls: MutualTls | None) -> Iterable[Step]:
    """Steps that have the certificate's fingerprint looked up, if there is one."""
    return look_up(KIND, "%DOWNSTREAM_PEER_FINGERPRINT_256%") if mtls else ()
