"""Cheap checks before anything is sent: what Envoy would refuse, or worse, accept in another sense."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable

from waypost.contracts.ir import ApiIR, Cors, HeaderEdit, Mock, RoutePolicies, Upstream
from waypost.integration.gateways.envoy import clusters

# RFC 9110, 5.6.2 (token); names are lower-case in the IR.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_SEGMENT = re.compile(r"/[A-Za-z0-9._~-]+")
_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[A-Za-z0-9._:\[\]-]+")
_MOUNT = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_FORBIDDEN_HEADERS = frozenset({"host", "connection", "transfer-encoding", "content-length", "upgrade", "te"})


def reasons(api: ApiIR) -> list[str]:
    """Why this API cannot be brought onto the engine; empty when nothing speaks against it."""
    found = [] if _SEGMENT.fullmatch(api.base_path) else [f"base path {api.base_path!r} is not one plain segment"]
    found += [f"mount {v.mount!r} is not a plain path" for v in api.versions if not _MOUNT.fullmatch(v.mount)]
    found += _key_reasons(api)
    found += [
        f"plan {plan.name!r} has a limit that is not positive" for plan in api.plans if _bad_limits(plan.rate_limits)
    ]
    for version in api.versions:
        found += _policy_reasons(version.policies, f"version {version.name}")
        found += _upstream_reasons(version.upstream)
        for route in version.routes:
            found += _policy_reasons(route.policies, f"{route.method} {route.path}")
            if version.upstream is None and not (route.policies.mock or version.policies.mock):
                found.append(f"{route.method} {route.path} has neither an upstream nor a mock")
    return found + _cors_reasons(api.cors)


async def private_upstreams(api: ApiIR) -> list[str]:
    """Upstreams of an API that lie in loopback, link-local or private ranges, as far as names resolve now."""
    found = []
    for upstream in {target.upstream for target in clusters.of_api(api).values()}:
        _, host, port = clusters.endpoint(upstream)
        if any(not ipaddress.ip_address(address).is_global for address in await _resolve(host, port)):
            found.append(f"the upstream {host} is in a private range, which this gateway does not allow")
    return found


async def _resolve(host: str, port: int) -> set[str]:
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return set()
    return {str(info[4][0]).partition("%")[0] for info in infos}


def _key_reasons(api: ApiIR) -> list[str]:
    auth = api.key_auth
    if auth is None:
        return []
    if not (auth.header or auth.query or auth.cookie):
        return ["key authentication names no place for the key"]
    if auth.header and not _TOKEN.fullmatch(auth.header.lower()):
        return [f"key header {auth.header!r} is not a header name"]
    return []


def _cors_reasons(cors: Cors | None) -> list[str]:
    if cors is None:
        return []
    found = [f"{origin!r} is not an origin" for origin in cors.origins if not _ORIGIN.fullmatch(origin)]
    names = [*cors.headers, *cors.expose, *(method.lower() for method in cors.methods)]
    found += [f"{name!r} in CORS is not a name" for name in names if not _TOKEN.fullmatch(name.lower())]
    if cors.credentials and "*" in cors.origins:
        found.append("CORS for every origin may not allow credentials")
    return found


def _bad_limits(limits: Iterable[object]) -> bool:
    return any(getattr(limit, "requests", 0) < 1 or getattr(limit, "seconds", 0) < 1 for limit in limits)


def _upstream_reasons(upstream: Upstream | None) -> list[str]:
    if upstream is None:
        return []
    try:
        scheme, _, _ = clusters.endpoint(upstream)
        if scheme == "https" and upstream.verify_tls:
            clusters.authorities()
    except ValueError as error:
        return [str(error)]
    return [] if upstream.connect_timeout_ms > 0 else ["the upstream's connect timeout is not positive"]


def _policy_reasons(policies: RoutePolicies, where: str) -> list[str]:
    found = _mock_reasons(policies.mock) + _header_reasons(policies.headers)
    if policies.timeout and policies.timeout.request_ms < 0:
        found.append("the timeout is negative")
    if policies.rewrite and not policies.rewrite.prefix.startswith("/"):
        found.append(f"the rewritten prefix {policies.rewrite.prefix!r} does not begin with a slash")
    return [f"{where}: {reason}" for reason in found]


def _mock_reasons(mock: Mock | None) -> list[str]:
    if mock is None:
        return []
    found = [] if 200 <= mock.status <= 599 else [f"a mock cannot answer {mock.status}"]
    return found + [f"header name {name!r}" for name, _ in mock.headers if not _TOKEN.fullmatch(name.lower())]


def _header_reasons(edit: HeaderEdit | None) -> list[str]:
    if edit is None:
        return []
    written = (*edit.request_set, *edit.request_add, *edit.response_set, *edit.response_add)
    names = [name for name, _ in written] + [*edit.request_remove, *edit.response_remove]
    found = [f"{name!r} is not a header name" for name in names if not _TOKEN.fullmatch(name.lower())]
    found += [f"header {name!r} is the gateway's own" for name in names if name.lower() in _FORBIDDEN_HEADERS]
    broken = [name for name, value in written if any(char < " " and char != "\t" for char in value)]
    return found + [f"the value of {name!r} has control characters" for name in broken]
