"""The access log: one line of text per call, and how a line becomes an ``AccessRecord``.

Written by the engine to a file. A call whose key is not known was redirected inside the engine, and its route, method
and path stand in one header (``filters/not_subscribed.py``). It is text and not JSON, since quoting every value costs a
tenth of what all policies of a call cost together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy import challenges
from waypost.integration.gateways.envoy.filters import access, labels, quota, units
from waypost.integration.gateways.envoy.names import (
    AMBIGUOUS_ROUTE,
    DENIED_ROUTE,
    METHOD_ROUTE,
    NOT_FOUND_ROUTE,
    PATH,
    PROBE_ROUTE,
    SCOPE,
    SPACED_ROUTE,
    TYPE,
    WAY,
    route_name,
)

CLIENT_CLOSED = 499

EARLY_ID = "%START_TIME(%s.%6f)%"
"""What stands for the decision id where the engine refused before it made one."""

# In this order, with tabs between. What callers and upstreams choose stands at the end, so that a tab in it moves
# nothing that anybody is billed by. No value holds a line break.
_FIELDS = {
    "at": EARLY_ID,
    "id": "%REQ(X-REQUEST-ID)%",
    "s": "%RESPONSE_CODE%",
    "d": "%RESPONSE_CODE_DETAILS%",
    "r": "%ROUTE_NAME%",
    "c": labels.WHOLE,
    "w": f"%REQ({WAY})%",
    "us": "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:us)%",
    "up": "%COMMON_DURATION(US_TX_BEG:US_RX_BEG:us)%",
    "in": "%BYTES_RECEIVED%",
    "out": "%BYTES_SENT%",
    "ip": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "u": units.LOGGED,
    "m": "%REQ(:METHOD)%",
    "p": f"%REQ({PATH}?{SCOPE}):1024%",
    "ua": "%REQ(USER-AGENT):256%",
}
_FORMAT = "\t".join(_FIELDS.values()) + "\n"
_NONE = "-"
_DENIED = route_name("", "", DENIED_ROUTE)
_BY_DETAILS = {
    "local_rate_limited": Refusal.RATE_LIMITED,
    "route_not_found": Refusal.NOT_FOUND,
    "request_payload_too_large": Refusal.TOO_LARGE,
    "upstream_reset_before_response_started{overflow}": Refusal.CONCURRENCY_LIMITED,
    quota.DENIAL_DETAILS: Refusal.QUOTA_EXCEEDED,
}
_BY_ROUTE = {
    NOT_FOUND_ROUTE: Refusal.NOT_FOUND,
    METHOD_ROUTE: Refusal.METHOD_NOT_ALLOWED,
    AMBIGUOUS_ROUTE: Refusal.KEY_AMBIGUOUS,
    DENIED_ROUTE: Refusal.NOT_SUBSCRIBED,
    SPACED_ROUTE: Refusal.KEY_INVALID,
}
# Answers of our own with these statuses; an upstream's and a mock's say "via_upstream" and "direct_response".
_BY_STATUS = {
    400: Refusal.BAD_REQUEST,
    431: Refusal.BAD_REQUEST,
    502: Refusal.UPSTREAM_ERROR,
    503: Refusal.UPSTREAM_UNAVAILABLE,
    504: Refusal.UPSTREAM_TIMEOUT,
}


def config(path: str) -> dict[str, Any]:
    """The engine's file access log."""
    log = {
        "@type": f"{TYPE}envoy.extensions.access_loggers.file.v3.FileAccessLog",
        "path": path,
        "log_format": {"text_format_source": {"inline_string": _FORMAT}},
    }
    return {"name": "calls", "typed_config": log}


def parse(
    line: bytes, api_of: Callable[[str], str], unit_of: Callable[[str, str], str] = lambda api_id, plan_id: ""
) -> AccessRecord | None:
    """A line as a record; None for probes and the engine's inner redirects. ValueError for what is no line of ours.

    ``api_of`` names the API that a path's first segment belongs to, or an empty string; ``unit_of`` the response
    header that a plan of an API counts by, or an empty string.
    """
    values = line.rstrip(b"\n").decode("utf-8", "replace").split("\t", len(_FIELDS) - 1)
    if len(values) != len(_FIELDS):
        raise ValueError("not a line of this access log")
    data = {name: "" if value == _NONE else value for name, value in zip(_FIELDS, values, strict=True)}
    code = _code(data)
    data |= _as_called(data)
    api_id, version_id, operation = _route(data["r"])
    if operation == PROBE_ROUTE or data["d"] == "internal_redirect":
        return None
    record = _record(data, api_id or api_of(first_segment(data["p"])), version_id, operation, code)
    if data["u"]:
        return replace(record, units=units.read(data["u"], unit_of(record.api_id, record.plan_id)))
    return record


def first_segment(path: str) -> str:
    """``weather`` for ``/weather/today``."""
    return path.removeprefix("/").partition("/")[0]


def _record(data: dict[str, str], api_id: str, version_id: str, operation: str, code: str) -> AccessRecord:
    label = labels.read_label(data["c"])
    return AccessRecord(
        at=datetime.fromtimestamp(float(data["at"]), tz=UTC),
        decision_id=data["id"] or data["at"],
        method=data["m"],
        path=data["p"],
        status=int(data["s"] or 0) or CLIENT_CLOSED,
        duration_us=int(data["us"] or 0),
        upstream_us=int(data["up"] or 0),
        bytes_in=int(data["in"] or 0),
        bytes_out=int(data["out"] or 0),
        api_id=api_id,
        version_id=version_id,
        operation_id="" if operation.startswith("~") else operation,
        app_id=label.app_id,
        subscription_id=label.subscription_id,
        plan_id=label.plan_id,
        credential_id=label.credential_id,
        code=code,
        client_ip=data["ip"],
        user_agent=data["ua"],
    )


def _as_called(data: dict[str, str]) -> dict[str, str]:
    """Route, method and path of a call that was looked up elsewhere; nothing for others, whatever they sent."""
    kept = data["p"].split(" ", 2)
    looked_up = data["d"] == challenges.UNKNOWN or data["r"] == _DENIED
    return dict(zip("rmp", kept, strict=True)) if looked_up and len(kept) == len("rmp") else {}


def _route(name: str) -> tuple[str, str, str]:
    parts = name.split("/", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", "", "")


def _code(data: dict[str, str]) -> str:
    details = data["d"]
    if details == "via_upstream":
        return ""
    found = _BY_DETAILS.get(details) or access.code(details) or challenges.code(details, data["w"])
    # What stands before a route's own answer may have refused.
    found = found or _BY_ROUTE.get(_route(data["r"])[2])
    if found is None and not details and data["s"] == "502":
        return Refusal.RESPONSE_TOO_LARGE.value
    if found is None and details != "direct_response":
        found = _BY_STATUS.get(int(data["s"] or 0))
    return found.value if found else ""
