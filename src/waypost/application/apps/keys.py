"""What a key looks like: ``k_`` + two base32 characters + 43 URL-safe ones (256 random bits).

The two characters after the prefix are random too; engines may use them to spread keys over 1,024 small buckets. The
prefix names no vendor: it stands in consumers' code.
"""

from __future__ import annotations

import secrets

from waypost.kit.crypto import Secret

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
VISIBLE = 10


def new_key() -> Secret:
    """A fresh key."""
    shard = secrets.choice(BASE32) + secrets.choice(BASE32)
    return Secret(f"k_{shard}{secrets.token_urlsafe(32)}")


def visible_prefix(key: Secret) -> str:
    """The part that people may see to tell keys apart (36 of its 266 random bits)."""
    return key.reveal()[:VISIBLE]
