"""Clusters: one per distinct upstream, shared by all versions that name it. No retries, no circuit in the way."""

from __future__ import annotations

import hashlib
import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from envoy.config.cluster.v3 import cluster_pb2
from envoy.extensions.transport_sockets.tls.v3 import tls_pb2 as _tls  # noqa: F401  (registers the type)

from waypost.contracts.ir import ApiIR, Upstream
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.names import TYPE

_AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_MANY = 1_000_000


def cluster_name(upstream: Upstream) -> str:
    """The cluster's name: equal for upstreams that differ in their path only."""
    scheme, host, port = endpoint(upstream)
    text = f"{scheme}://{host}:{port}|{upstream.connect_timeout_ms}|{upstream.verify_tls}"
    return f"up-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def endpoint(upstream: Upstream) -> tuple[str, str, int]:
    """Scheme, host and port of an upstream's URL; ValueError where they cannot be read."""
    parts = urlsplit(upstream.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an absolute http or https URL: {upstream.url!r}")
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def of_api(api: ApiIR) -> dict[str, Upstream]:
    """The upstreams an API needs, by cluster name."""
    found = [version.upstream for version in api.versions if version.upstream]
    return {cluster_name(upstream): upstream for upstream in found}


def cluster(upstream: Upstream) -> bytes:
    """The serialised cluster."""
    return bytes(wire.parse(cluster_pb2.Cluster, _data(upstream)).SerializeToString(deterministic=True))


def _data(upstream: Upstream) -> dict[str, Any]:
    scheme, host, port = endpoint(upstream)
    name = cluster_name(upstream)
    address = {"socket_address": {"address": host, "port_value": port}}
    data: dict[str, Any] = {
        "name": name,
        "type": "STATIC" if _is_address(host) else "STRICT_DNS",
        "connect_timeout": f"{upstream.connect_timeout_ms / 1000:.3f}s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
        "circuit_breakers": {"thresholds": [_no_limit()]},
    }
    if not _is_address(host):
        # An unresolvable upstream must not hold up the others; its calls answer 503 meanwhile.
        data |= {"wait_for_warm_on_init": False, "respect_dns_ttl": True, "dns_lookup_family": "ALL"}
    if scheme == "https":
        data["transport_socket"] = _tls_socket(host, verify=upstream.verify_tls)
    return data


def _no_limit() -> dict[str, Any]:
    return dict.fromkeys(("max_connections", "max_pending_requests", "max_requests"), _MANY)


def _tls_socket(host: str, *, verify: bool) -> dict[str, Any]:
    context: dict[str, Any] = {"@type": f"{TYPE}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"}
    if not _is_address(host):
        context["sni"] = host
    if verify:
        trust = {"trusted_ca": {"filename": authorities()}, "match_typed_subject_alt_names": [_subject(host)]}
        context["common_tls_context"] = {"validation_context": trust}
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _subject(host: str) -> dict[str, Any]:
    kind = "IP_ADDRESS" if _is_address(host) else "DNS"
    return {"san_type": kind, "matcher": {"exact": host}}


@lru_cache
def authorities() -> str:
    """Path of the system's certificate authorities; ValueError where there is none (nothing is left unverified)."""
    for path in _AUTHORITIES:
        if Path(path).is_file():
            return path
    raise ValueError("no certificate authorities on this machine: install ca-certificates")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
