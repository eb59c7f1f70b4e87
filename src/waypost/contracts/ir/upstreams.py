"""Upstreams: where a version's requests go."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An absolute ``http`` or ``https`` URL; its path is put before the request's (without a double slash).

    ``connect_timeout_ms`` bounds the TCP and TLS set-up. TLS is verified against the system's authorities unless
    ``verify_tls`` is off. The ``Host`` header becomes the URL's.
    """

    url: str
    connect_timeout_ms: int = 5_000
    verify_tls: bool = True
