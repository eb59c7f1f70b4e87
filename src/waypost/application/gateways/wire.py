"""Agent messages as bytes, both ways. Grants have a writer of their own: there may be hundreds of thousands."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from waypost.application.gateways.reading import CompiledApi
from waypost.application.grants.kinds import GRANT_KINDS
from waypost.application.words import field_error
from waypost.contracts.agent import EnrolRequest, PingMessage, Receipts, StreamRequest
from waypost.contracts.ir import GatewaySettings
from waypost.contracts.ir.dump import to_plain
from waypost.contracts.telemetry import UsageBatch
from waypost.contracts.vocab import GrantState
from waypost.kit.clock import aware
from waypost.kit.errors import Malformed, TooLarge

T = TypeVar("T")
MAX_USAGE_BYTES = 64 * 1024 * 1024
_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (EnrolRequest, StreamRequest, Receipts, UsageBatch)
}


def read_message(kind: type[T], body: bytes) -> T:
    """A message of an agent; fields of newer agents are passed over. Raises Malformed naming what does not fit."""
    try:
        message: T = _ADAPTERS[kind].validate_json(body)
    except ValidationError as error:
        wrong = [field_error(item) for item in error.errors()]
        raise Malformed(f"This is not a {kind.__name__}.", errors=wrong[:5]) from None
    return message


def read_usage(body: bytes, *, encoding: str) -> UsageBatch:
    """A usage batch, packed or not; times are aware. Raises Malformed, TooLarge."""
    batch = read_message(UsageBatch, _unpacked(body) if encoding == "gzip" else body)
    if batch.number < 1 or not batch.spool or len(batch.spool) > 64:
        raise Malformed("A batch has a spool and a number from 1.")
    return replace(batch, records=tuple(replace(item, at=aware(item.at)) for item in batch.records))


def _unpacked(body: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            data = packed.read(MAX_USAGE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Malformed("The body is not gzip.") from error
    if len(data) > MAX_USAGE_BYTES:
        raise TooLarge("This batch unpacks to more than a batch may have.")
    return data


def apis_line(
    *,
    generation: int,
    settings: GatewaySettings,
    upsert: Iterable[CompiledApi],
    remove: Iterable[str],
    published_at: float,
    guard_confirmed: bool,
    requests: Sequence[str],
) -> bytes:
    """An ApisMessage; the APIs are spliced in as the JSON they were compiled to."""
    head = {
        "kind": "apis",
        "generation": generation,
        "settings": to_plain(settings, reveal=True),
        "remove": list(remove),
        "published_at": published_at,
        "guard_confirmed": guard_confirmed,
        "requests": requests,
    }
    apis = b",".join(item.json for item in upsert)
    return orjson.dumps(head)[:-1] + b',"upsert":[' + apis + b"]}\n"


def ping_line(at: float) -> bytes:
    """A PingMessage."""
    return orjson.dumps(to_plain(PingMessage(at=at))) + b"\n"


def grants_head(*, since: int, full: bool, requests: Sequence[str]) -> bytes:
    """How a GrantsMessage begins; grants follow, separated by commas, then :func:`grants_tail`."""
    start = orjson.dumps({"kind": "grants", "requests": requests, "delta": {"since": since, "full": full}})[:-2]
    return start + b',"upsert":['


def grants_tail(*, revision: int, mark: str, remove: list[str]) -> bytes:
    """How it ends."""
    return b"]," + orjson.dumps({"remove": remove, "revision": revision, "mark": mark})[1:] + b"}\n"


def grant_json(row: Any, key: str) -> bytes:
    """One Grant of a row with its key in clear: for the gateway that compares it, over its own stream only."""
    exhausted = row.window is not None
    return orjson.dumps(
        {
            "id": row.id,
            "api_id": row.api_id,
            "subscription_id": row.subscription_id,
            "app_id": row.app_id,
            "credential_id": row.credential_id,
            "plan_id": row.plan_version_id,
            "key": key,
            "key_sha256": row.key_sha256,
            "kind": GRANT_KINDS[row.kind].value,
            "state": GrantState.EXHAUSTED.value if exhausted else GrantState.LIVE.value,
            "window": row.window,
            "resets_at": row.window_ends_at.isoformat() if row.window_ends_at else None,
            "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        }
    )
