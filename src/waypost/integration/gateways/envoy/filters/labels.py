"""The client label: one string per credential that says whose call it is and how it is limited.

The key filter sets it as a header; here it moves into metadata, which the access log and the ``RateLimit`` headers read
after the header is gone. It is a ``google.protobuf.Value`` in base64, which the engine unpacks natively: a structure
with ``c`` (``plan~subscription~app~credential``), ``s`` (the subscription, which buckets are counted by) and, where the
plan has limits, ``n`` (policy name), ``p`` (``RateLimit-Policy``) and ``t`` (refill seconds). A used-up quota adds
``x``, the second (since 1970) at which it starts anew.

Before the structure stands a field that ``Value`` does not have: a mark and a digest of the plan, of fixed length, so
that labels of one plan begin with the same characters and filters match them by prefix.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from waypost.contracts.ir import Grant, Plan
from waypost.contracts.vocab import GrantState
from waypost.contracts.windows import resets_at
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import rate_limit
from waypost.integration.gateways.envoy.names import CLIENT, HEADER_TO_METADATA, METADATA, SCOPE, filter_type

CALLER = "caller"
RESETS = "x"
_LIVE = b"-"
_EXHAUSTED = b"x"
_PREFIX_FIELD, _STRUCT, _FIELDS, _STRING = 15, 5, 1, 3
_DIGEST_BYTES = 9


@dataclass(frozen=True, slots=True)
class Label:
    """The part of a label that names a caller."""

    plan_id: str = ""
    subscription_id: str = ""
    app_id: str = ""
    credential_id: str = ""


def client_label(grant: Grant, plan: Plan | None) -> str:
    """The label of one grant; a plan the API does not have means no limits."""
    exhausted = grant.state is GrantState.EXHAUSTED
    mark = _EXHAUSTED if exhausted else _LIVE
    name, refill, policies = rate_limit.header_parts(plan)
    caller = f"{grant.plan_id}~{grant.subscription_id}~{grant.app_id}~{grant.credential_id}"
    pieces = {"c": caller, "n": name, "p": policies, "s": grant.subscription_id if name else "", "t": refill}
    if exhausted:
        pieces[RESETS] = str(int(resets_at(grant).timestamp()))
    struct = b"".join(_entry(key, text) for key, text in pieces.items() if text)
    return base64.b64encode(_head(mark, grant.plan_id) + wire.field(_STRUCT, struct)).decode()


def plan_prefix(plan_id: str) -> str:
    """What every live label of a plan begins with."""
    return base64.b64encode(_head(_LIVE, plan_id)).decode()


def piece(key: str) -> str:
    """The format command for one piece of the caller's label."""
    return f"%DYNAMIC_METADATA({METADATA}:{CALLER}:{key})%"


def read_label(text: str) -> Label:
    """Plan, subscription, app and credential out of a label's ``c``; empty where there is none."""
    parts = text.split("~")
    return Label(*parts) if len(parts) == 4 else Label()


def listener_filter() -> dict[str, Any]:
    """Header to metadata: the path and the caller."""
    label = {"metadata_namespace": METADATA, "key": CALLER, "type": "PROTOBUF_VALUE", "encode": "BASE64"}
    rules = [
        {"header": SCOPE, "on_header_present": {"metadata_namespace": METADATA, "key": "path"}},
        {"header": CLIENT, "on_header_present": label},
    ]
    config = {"@type": filter_type("header_to_metadata.v3.Config"), "request_rules": rules}
    return {"name": HEADER_TO_METADATA, "typed_config": config}


def _head(mark: bytes, plan_id: str) -> bytes:
    digest = hashlib.blake2b(plan_id.encode(), digest_size=_DIGEST_BYTES).digest()
    return wire.field(_PREFIX_FIELD, mark + digest)


def _entry(key: str, text: str) -> bytes:
    """One entry of ``Struct.fields``."""
    value = wire.field(_STRING, text.encode())
    return wire.field(_FIELDS, wire.field(1, key.encode()) + wire.field(2, value))


EXHAUSTED_PREFIX = base64.b64encode(_head(_EXHAUSTED, "")[:3]).decode()
"""What every label of a used-up quota begins with: three bytes are four characters."""
