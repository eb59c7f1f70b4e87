"""Grants: credential -> subscription -> plan, on one gateway. They travel as deltas by revision number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from waypost.contracts.vocab import GrantState, Window
from waypost.kit.crypto import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One key on one API. ``state`` is ``live`` or ``exhausted`` (then ``window`` says which quota window is used up).

    ``key`` is the value itself for engines that compare it, ``key_sha256`` its lower-case hex hash for those that hash.
    ``plan_id`` is a plan version's id. ``expires_at`` (aware UTC) ends it without a message; the agent drops it then.
    """

    id: str
    api_id: str
    subscription_id: str
    app_id: str
    credential_id: str
    plan_id: str
    key: Secret
    key_sha256: str
    state: GrantState = GrantState.LIVE
    window: Window | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDelta:
    """Changes after ``since`` up to and with ``revision``. With ``full`` the upserts are all there are."""

    revision: int
    since: int = 0
    full: bool = False
    upsert: tuple[Grant, ...] = ()
    remove: tuple[str, ...] = ()
