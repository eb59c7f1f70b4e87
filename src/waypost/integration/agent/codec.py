"""Bytes on the wire and on disk, both ways. Grants and records have a path of their own: there may be many."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from waypost.contracts.ir import ApiIR, GatewaySettings, Grant, GrantDelta
from waypost.contracts.ir.dump import from_plain, to_plain
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import CredentialKind, GrantState, Window
from waypost.kit.crypto import Secret

T = TypeVar("T")
_STATES = {state.value: state for state in GrantState}
_KINDS = {kind.value: kind for kind in CredentialKind}
_WINDOWS: dict[str | None, Window | None] = {None: None, **{window.value: window for window in Window}}
_GRANT_TEXT = ("id", "api_id", "subscription_id", "app_id", "credential_id", "plan_id", "key", "key_sha256")


@dataclass(frozen=True, slots=True)
class Undecodable:
    """An API of a newer hub that this agent does not understand; it alone is refused."""

    api_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApisNews:
    """An ApisMessage whose APIs were read one by one."""

    generation: int
    settings: GatewaySettings
    upsert: tuple[ApiIR, ...] = ()
    undecodable: tuple[Undecodable, ...] = ()
    remove: tuple[str, ...] = ()
    published_at: float = 0.0
    guard_confirmed: bool = False


def encode(value: Any) -> bytes:
    """A contract dataclass as JSON with its secrets: for the hub and for sealing, for nothing else."""
    return orjson.dumps(to_plain(value, reveal=True))


def decode(kind: type[T], data: bytes) -> T:
    """The inverse of :func:`encode`; ValueError says where it does not fit."""
    return from_plain(kind, orjson.loads(data))


def encode_record(record: AccessRecord) -> bytes:
    """One access record as one line of JSON (no line feed inside)."""
    return orjson.dumps(record)


def apis_news(message: dict[str, Any]) -> ApisNews:
    """Read an ``apis`` message; ValueError when the message itself makes no sense."""
    read = [_api(item) for item in message.get("upsert") or ()]
    return ApisNews(
        generation=_expect(message, "generation", int),
        settings=from_plain(GatewaySettings, message.get("settings")),
        upsert=tuple(item for item in read if isinstance(item, ApiIR)),
        undecodable=tuple(item for item in read if isinstance(item, Undecodable)),
        remove=tuple(str(item) for item in message.get("remove") or ()),
        published_at=float(message.get("published_at") or 0.0),
        guard_confirmed=message.get("guard_confirmed") is True,
    )


def _api(item: Any) -> ApiIR | Undecodable:
    try:
        return from_plain(ApiIR, item)
    except ValueError as error:
        api_id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(api_id, str):
            raise
        return Undecodable(api_id, f"this agent does not understand the API ({error}); update the agent")


def grant_delta(data: dict[str, Any]) -> GrantDelta:
    """A GrantDelta from its plain form; ValueError without any secret in it."""
    return GrantDelta(
        revision=_expect(data, "revision", int),
        mark=str(data.get("mark") or ""),
        since=int(data.get("since") or 0),
        full=data.get("full") is True,
        upsert=tuple(grant_from_plain(item) for item in data.get("upsert") or ()),
        remove=tuple(data.get("remove") or ()),
    )


def grant_from_plain(item: dict[str, Any]) -> Grant:
    """One grant; about a tenth of the general decoder's time."""
    try:
        wrong = next((name for name in _GRANT_TEXT if type(item[name]) is not str), None)
        if wrong:
            raise ValueError(f"grant: {wrong} is not text")
        return _grant(item)
    except (KeyError, TypeError) as error:
        raise ValueError(f"grant: {type(error).__name__}") from None


def _grant(item: dict[str, Any]) -> Grant:
    until, resets = item.get("expires_at"), item.get("resets_at")
    return Grant(
        id=item["id"],
        api_id=item["api_id"],
        subscription_id=item["subscription_id"],
        app_id=item["app_id"],
        credential_id=item["credential_id"],
        plan_id=item["plan_id"],
        key=Secret(item["key"]),
        key_sha256=item["key_sha256"],
        kind=_KINDS[item.get("kind", "key")],
        state=_STATES[item.get("state", "live")],
        window=_WINDOWS[item.get("window")],
        resets_at=_instant(resets) if resets else None,
        expires_at=_instant(until) if until else None,
    )


@functools.lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def grants_plain(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Grants with their keys, ready for JSON: for sealing only."""
    return [
        {
            "id": grant.id,
            "api_id": grant.api_id,
            "subscription_id": grant.subscription_id,
            "app_id": grant.app_id,
            "credential_id": grant.credential_id,
            "plan_id": grant.plan_id,
            "key": grant.key.reveal(),
            "key_sha256": grant.key_sha256,
            "kind": grant.kind.value,
            "state": grant.state.value,
            "window": grant.window.value if grant.window else None,
            "resets_at": grant.resets_at.isoformat() if grant.resets_at else None,
            "expires_at": grant.expires_at.isoformat() if grant.expires_at else None,
        }
        for grant in grants
    ]


def _expect(data: dict[str, Any], name: str, kind: type[T]) -> T:
    value = data.get(name)
    if not isinstance(value, kind):
        raise ValueError(f"{name}: expected {kind.__name__}")
    return value
