"""Client certificates: the listener verifies them, an API looks up the fingerprint and may narrow who they are."""

from __future__ import annotations

from collections.abc import Iterable

from waypost.contracts.ir import MutualTls
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy.filters import access, claims
from waypost.integration.gateways.envoy.filters.mutations import Step, Written, put
from waypost.integration.gateways.envoy.names import KEY, SUBJECT

KIND = "cert"


def looked_up(fingerprint: str) -> str:
    """What the look-up finds for a certificate with this SHA-256 (hex)."""
    return f"{KIND} {fingerprint.lower()}"


def conclude(mtls: MutualTls | None, look_up: Written) -> Iterable[Step]:
    """Steps that have the certificate's fingerprint looked up, if there is one."""
    if mtls is not None:
        yield from look_up(KIND, "%DOWNSTREAM_PEER_FINGERPRINT_256%")
        yield put(SUBJECT, "%DOWNSTREAM_PEER_SUBJECT%")


def filters(mtls: MutualTls | None) -> list[access.Filter]:
    """Refuses certificates outside of the API's own lists."""
    if mtls is None or not (mtls.fingerprints or mtls.subjects):
        return []
    wanted = [_one_of(KEY, [looked_up(item) for item in mtls.fingerprints]), _one_of(SUBJECT, list(mtls.subjects))]
    narrow = claims.all_of(*(item for item in wanted if item))
    certificate = {"header": {"name": KEY, "string_match": {"prefix": f"{KIND} "}}}
    sent = claims.all_of(certificate, claims.negated(narrow))
    return [access.refuse(Refusal.CERTIFICATE_INVALID, what=sent)]


def _one_of(name: str, values: list[str]) -> access.Condition:
    return claims.any_of(*(_header(name, value) for value in values)) if values else {}


def _header(name: str, value: str) -> access.Condition:
    return {"header": {"name": name, "string_match": {"exact": value}}}
