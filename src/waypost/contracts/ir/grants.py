"""Grants: credential -> subscription -> plan, on one gateway. They travel as deltas by revision number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from waypost.contracts.vocab import CredentialKind, GrantState, Window
from waypost.kit.crypto import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One credential on one API. ``state`` is ``live`` or ``exhausted`` (``window``: which quota window is used up).

    ``resets_at`` (aware UTC) is when an exhausted grant is expected to be live again: ``Retry-After`` counts to it. The
    hub says when it is; until then the grant stays exhausted, also after that moment. None = the end of the calendar's
    window.

    ``key`` is the value that engines compare, by ``kind``: KEY the key; BASIC ``user:password``; CLIENT
    ``<issuer URL> <client id>`` with one space; CERTIFICATE the lower-case hex SHA-256 of its DER. A value counts only
    where its kind is asked for: a fingerprint is no key. ``key_sha256`` is the value's lower-case hex SHA-256.
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
    kind: CredentialKind = CredentialKind.KEY
    state: GrantState = GrantState.LIVE
    window: Window | None = None
    resets_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDelta:
    """Changes after ``since`` up to and with ``revision``. With ``full`` the upserts are all there are.

    ``mark`` says in which history the hub counted to ``revision``: one that was restored from a backup counts on from
    an earlier number. Whoever holds the grants hands it back.
    """

    revision: int
    mark: str = ""
    since: int = 0
    full: bool = False
    upsert: tuple[Grant, ...] = ()
    remove: tuple[str, ...] = ()
