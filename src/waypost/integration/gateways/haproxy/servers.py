"""Upstreams as servers of an API's backend. No retries: a call goes to the upstream once."""

from __future__ import annotations

import hashlib
import ipaddress
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from waypost.contracts.ir import ApiIR, Upstream
from waypost.integration.gateways.haproxy.text import word

_AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
RESOLVERS = "names"


def server_name(upstream: Upstream) -> str:
    """Equal for upstreams that differ in their path only."""
    scheme, host, port = endpoint(upstream)
    text = f"{scheme}://{host}:{port}|{upstream.verify_tls}"
    return f"up-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def endpoint(upstream: Upstream) -> tuple[str, str, int]:
    """Scheme, host and port of an upstream's URL; ValueError where they cannot be read."""
    parts = urlsplit(upstream.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an absolute http or https URL: {upstream.url!r}")
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def of_api(api: ApiIR) -> dict[str, Upstream]:
    """The upstreams an API needs, by server name."""
    return {server_name(version.upstream): version.upstream for version in api.versions if version.upstream}


def lines(api: ApiIR) -> list[str]:
    """``server`` lines, and how long a connection may take to come about."""
    upstreams = of_api(api)
    if not upstreams:
        return []
    longest = max(upstream.connect_timeout_ms for upstream in upstreams.values())
    return [f"timeout connect {longest}ms", *(_server(name, upstream) for name, upstream in upstreams.items())]


def _server(name: str, upstream: Upstream) -> str:
    scheme, host, port = endpoint(upstream)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    parts = ["server", name, word(address)]
    if not is_address(host):
        parts += ["init-addr", "none", "resolvers", RESOLVERS]
    if scheme == "https":
        parts += _tls(host, verify=upstream.verify_tls)
    return " ".join(parts)


def _tls(host: str, *, verify: bool) -> list[str]:
    sni = [] if is_address(host) else ["sni", word(f"str({host})")]
    if not verify:
        return ["ssl", *sni, "verify", "none"]
    return ["ssl", *sni, "verify", "required", "ca-file", word(authorities()), "verifyhost", word(host)]


@lru_cache
def authorities() -> str:
    """Path of the system's certificate authorities; ValueError where there is none (nothing is left unverified)."""
    for path in _AUTHORITIES:
        if Path(path).is_file():
            return path
    raise ValueError("no certificate authorities on this machine: install ca-certificates")


def is_address(host: str) -> bool:
    """True for an IP address, false for a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
