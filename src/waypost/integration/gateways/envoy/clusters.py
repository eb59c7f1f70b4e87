"""Clusters: one per distinct upstream, shared by all versions that name it. No retries."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from envoy.config.cluster.v3 import cluster_pb2
from envoy.extensions.transport_sockets.tls.v3 import tls_pb2 as _tls  # noqa: F401  (registers the type)

from waypost.contracts.ir import ApiIR, Introspection, Route, Upstream, VersionIR
from waypost.contracts.vocab import LimitBy
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.names import TYPE, UNMATCHED_ROUTE

_AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_MANY = 1_000_000

UNMATCHED = Route(id=UNMATCHED_ROUTE, method="", path="/")
"""Stands for the calls of a version that no operation takes."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where calls go. Those of one ``lane`` are counted together, and ``calls`` may be in flight (0 = any number)."""

    upstream: Upstream
    lane: str = ""
    calls: int = 0

    @property
    def cluster(self) -> str:
        """The cluster's name: equal for upstreams that differ in their path only."""
        scheme, host, port = endpoint(self.upstream)
        text = f"{scheme}://{host}:{port}|{self.upstream.connect_timeout_ms}|{self.upstream.verify_tls}"
        if self.calls:
            text += f"|{self.lane}|{self.calls}"
        return f"up-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def target(api: ApiIR, version: VersionIR, route: Route) -> Target | None:
    """Where an operation's calls go, or None where it is answered here.

    ``Concurrency`` is the engine's circuit breaker: a limited API or operation has a cluster of its own.
    """
    policies = route.policies.over(version.policies)
    if policies.mock is not None or version.upstream is None:
        return None
    limit = policies.concurrency
    if limit is None:
        return Target(version.upstream)
    lane = f"{api.id}/{version.id}/{route.id}" if limit.by is LimitBy.OPERATION else api.id
    return Target(version.upstream, lane, limit.calls)


def endpoint(upstream: Upstream) -> tuple[str, str, int]:
    """Scheme, host and port of an upstream's URL; ValueError where they cannot be read."""
    parts = urlsplit(upstream.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an absolute http or https URL: {upstream.url!r}")
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def asking(introspection: Introspection) -> Target:
    """The server that is asked about opaque tokens."""
    return Target(Upstream(url=introspection.url, connect_timeout_ms=introspection.timeout_ms))


def of_api(api: ApiIR) -> dict[str, Target]:
    """What an API needs, by cluster name."""
    found = [Target(version.upstream) for version in api.versions if version.upstream]
    found += [asking(api.introspection)] if api.introspection else []
    aims = (target(api, version, route) for version in api.versions for route in (*version.routes, UNMATCHED))
    return {aim.cluster: aim for aim in (*found, *aims) if aim is not None}


def cluster(aim: Target) -> bytes:
    """The serialised cluster."""
    return bytes(wire.parse(cluster_pb2.Cluster, _data(aim)).SerializeToString(deterministic=True))


def _data(aim: Target) -> dict[str, Any]:
    upstream, name = aim.upstream, aim.cluster
    scheme, host, port = endpoint(upstream)
    address = {"socket_address": {"address": host, "port_value": port}}
    data: dict[str, Any] = {
        "name": name,
        "type": "STATIC" if _is_address(host) else "STRICT_DNS",
        "connect_timeout": f"{upstream.connect_timeout_ms / 1000:.3f}s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
        "circuit_breakers": {"thresholds": [_limits(aim.calls)]},
    }
    if not _is_address(host):
        # An unresolvable upstream must not hold up the others; its calls answer 503 meanwhile.
        data |= {"wait_for_warm_on_init": False, "respect_dns_ttl": True, "dns_lookup_family": "ALL"}
    if scheme == "https":
        data["transport_socket"] = _tls_socket(host, verify=upstream.verify_tls)
    return data


def _limits(calls: int) -> dict[str, Any]:
    return {"max_connections": _MANY, "max_pending_requests": _MANY, "max_requests": calls or _MANY}


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
