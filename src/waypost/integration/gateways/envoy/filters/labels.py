"""The client label: one string per credential that says whose call it is and how it is limited.

``<mark>~<plan>~<policies>~<name>~<refill>~<subscription>~<app>~<credential>``, for example
``~plv_1~"pro";q=6;w=60~pro~10~sub_1~app_1~cred_1``. ``mark`` is empty or a used-up quota window
(``filters/quota.py``). The key filter sets it as a header; here it moves into metadata, which the access log and the
``RateLimit`` headers read after the header is gone. The patterns leave the engine's matcher (RE2) no choice at any
character: that runs in one pass, several times faster than one with alternatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from waypost.contracts.ir import Grant, Plan
from waypost.contracts.vocab import GrantState, Window
from waypost.integration.gateways.envoy.filters import rate_limit
from waypost.integration.gateways.envoy.names import CLIENT, HEADER_TO_METADATA, METADATA, SCOPE, filter_type


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
    mark = (grant.window or Window.DAY).value if exhausted else ""
    name, refill, policies = rate_limit.header_parts(plan)
    caller = f"{grant.subscription_id}~{grant.app_id}~{grant.credential_id}"
    return f"{mark}~{grant.plan_id}~{policies}~{name}~{refill}~{caller}"


def read_label(text: str) -> Label:
    """Plan, subscription, app and credential out of a label; empty where there is none."""
    parts = text.split("~")
    if len(parts) != 8:
        return Label()
    return Label(plan_id=parts[1], subscription_id=parts[5], app_id=parts[6], credential_id=parts[7])


def listener_filter() -> dict[str, Any]:
    """Header to metadata: the whole label, and the three pieces that response headers are made of."""
    rules = [
        _rule(SCOPE, "path"),
        _rule(CLIENT, "client"),
        _rule(CLIENT, "policies", r"^[^~]*~[^~]*~([^~]*)~.*$", r"\1"),
        _rule(CLIENT, "name", r"^[^~]*~[^~]*~[^~]*~([^~]*)~.*$", r"\1"),
        _rule(CLIENT, "refill", r"^[^~]*~[^~]*~[^~]*~[^~]*~([^~]*)~.*$", r"\1"),
    ]
    config = {"@type": filter_type("header_to_metadata.v3.Config"), "request_rules": rules}
    return {"name": HEADER_TO_METADATA, "typed_config": config}


def _rule(header: str, key: str, pattern: str = "", substitution: str = "") -> dict[str, Any]:
    pair: dict[str, Any] = {"metadata_namespace": METADATA, "key": key}
    if pattern:
        pair["regex_value_rewrite"] = {"pattern": {"regex": pattern}, "substitution": substitution}
    return {"header": header, "on_header_present": pair}
