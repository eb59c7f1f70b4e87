"""The access log: a line of text per call on the engine's standard output, and how it becomes an ``AccessRecord``.

Every value is a string, since the engine writes ``-`` for what is not there. The engine counts bytes with heads; bodies
are what a length announces, as far as so much was sent at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address

from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.labels import read_label
from waypost.integration.gateways.haproxy.problems import OWN

CLIENT_CLOSED = 499
_NONE = "-"
# What a worker says of itself when it leaves.
_NO_CALL = b"Proxy "

# The call's microsecond, and chance enough that no two are alike. Much cheaper than a UUID.
_BEGAN = 16
DECISION = "%[date(0,us)]%[rand]%[rand]"

CAPTURED = {"content-length": 20, "user-agent": 256}
"""Headers that the engine keeps for the log, and how much of each: bytes."""
LENGTH = "capture.req.hdr(0)"

# In this order, with tabs between. No value holds a tab but the last one may.
_FIELDS = {
    "id": "%[unique-id]",
    "end": "%[date(0,us)]",
    "up": "%[var(txn.t2)]",
    "m": "%[var(txn.m)]",
    "s": "%ST",
    "e": "%ts",
    "api": "%[var(txn.api)]",
    "o": "%[var(txn.op)]",
    "c": "%[var(txn.c)]",
    "w": "%[var(txn.why)]",
    "in": "%U",
    "il": f"%[{LENGTH}]",
    "out": "%B",
    "ol": "%[var(txn.ol)]",
    "n": "%[var(txn.units)]",
    "ip": "%[src,hex]",
    "p": "%[var(txn.path),bytes(0,1024)]",
    "ua": "%[capture.req.hdr(1)]",
}
FORMAT = "\t".join(_FIELDS.values())


def parse(line: bytes, api_of: Callable[[str], str]) -> AccessRecord | None:
    """A line as a record, None for what is no call; ValueError for what is no line of ours.

    ``api_of`` names the API that a path's first segment belongs to, or an empty string.
    """
    if line.startswith(_NO_CALL):
        return None
    values = line.rstrip(b"\n").decode("utf-8", "ignore").split("\t", len(_FIELDS) - 1)
    if len(values) != len(_FIELDS):
        raise ValueError("not a line of this access log")
    return _record({name: "" if value == _NONE else value for name, value in zip(_FIELDS, values, strict=True)}, api_of)


def _record(data: dict[str, str], api_of: Callable[[str], str]) -> AccessRecord:
    _, version_id, operation = _operation(data["o"])
    label = read_label(data["c"])
    status = int(data["s"] or 0)
    end = int(data["end"])
    begin = int(data["id"][:_BEGAN] or end)
    return AccessRecord(
        at=datetime.fromtimestamp(begin / 1e6, tz=UTC),
        decision_id=data["id"],
        method=data["m"],
        path=data["p"],
        status=status if status > 0 else CLIENT_CLOSED,
        duration_us=max(end - begin, 0),
        upstream_us=max(int(data["up"] or begin) - begin, 0),
        bytes_in=_body(data["in"], data["il"]),
        bytes_out=0 if data["m"] == "HEAD" else _body(data["out"], data["ol"]),
        api_id=data["api"] or api_of(data["p"].removeprefix("/").partition("/")[0]),
        version_id=version_id,
        operation_id="" if operation.startswith("~") else operation,
        app_id=label.app_id,
        subscription_id=label.subscription_id,
        plan_id=label.plan_id,
        credential_id=label.credential_id,
        code=_code(data, status),
        client_ip=str(ip_address(bytes.fromhex(data["ip"]))) if data["ip"] else "",
        user_agent=data["ua"],
        units=_number(data["n"]),
    )


def _number(text: str) -> float:
    """A finite number that is not negative, else 0."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and value > 0 else 0.0


def _operation(text: str) -> tuple[str, str, str]:
    parts = text.split("~", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", "", "")


def _body(total: str, announced: str) -> int:
    return min(int(announced), int(total or 0)) if announced else int(total or 0)


def _code(data: dict[str, str], status: int) -> str:
    if data["w"]:
        return data["w"].partition(".")[0]
    ended_by = data["e"][:1]
    own: Refusal | None = OWN.get(status) if ended_by not in ("", _NONE, "L") else None
    return own.value if own else ""
