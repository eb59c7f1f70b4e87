"""Secrets that do not leak, random values, and hashes for comparison."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class Secret:
    """A value that prints as ``[redacted]`` everywhere; ``reveal()`` is the one way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it only where an engine or a person must have it."""
        return self._value

    def __repr__(self) -> str:
        return "[redacted]"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(("secret", self._value))

    def __bool__(self) -> bool:
        return bool(self._value)


def random_token(prefix: str, *, bits: int = 256) -> str:
    """``<prefix>_<url-safe random>`` with at least ``bits`` of entropy from the operating system."""
    return f"{prefix}_{secrets.token_urlsafe((bits + 7) // 8)}"


def sha256_hex(value: str | bytes) -> str:
    """Lower-case hex SHA-256 of UTF-8 text or bytes."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
