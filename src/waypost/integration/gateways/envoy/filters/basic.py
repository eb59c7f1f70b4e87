"""HTTP Basic (RFC 7617): the base64 text is looked up as it is, without its padding; nothing is decoded."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from waypost.contracts.ir import BasicAuth
from waypost.integration.gateways.envoy.filters.mutations import Step, Written

KIND = "basic"
PATTERN = "basic +([^= ]*)=* *"


def looked_up(user_and_password: str) -> str:
    """What the look-up finds for ``user:password``."""
    return f"{KIND} {base64.b64encode(user_and_password.encode()).decode().rstrip('=')}"


def conclude(basic: BasicAuth | None, namespace: str, look_up: Written) -> Iterable[Step]:
    """Steps that have the password looked up, if one was sent."""
    return look_up(KIND, f"%DYNAMIC_METADATA({namespace}:basic)%") if basic else ()
