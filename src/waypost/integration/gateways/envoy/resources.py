"""The whole route configuration of an API: skeleton, probe and credentials put together as bytes.

The skeleton changes when the API does, probe and credentials when its grants do. Joining bytes instead of
building messages keeps one more key cheap also where an API holds 100,000.
"""

from __future__ import annotations

from collections.abc import Iterable

from envoy.config.route.v3 import route_components_pb2 as rc

from waypost.contracts.drivers import Probe
from waypost.contracts.ir import ApiIR
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import authentication, headers, key_auth
from waypost.integration.gateways.envoy.names import API_KEY, PROBE_ROUTE, route_name

HASH_HEADER = "x-content-hash"
REVISION_HEADER = "x-grants-revision"
_VIRTUAL_HOSTS, _PER_FILTER = 2, 16


def route_configuration(
    api: ApiIR, skeleton: bytes, credentials: Iterable[bytes], *, token: str, content_hash: str, revision: int
) -> bytes:
    """The serialised ``RouteConfiguration``; concatenating messages merges them (protobuf encoding)."""
    parts = [skeleton, wire.field(_VIRTUAL_HOSTS, _probe_host(api.id, token, content_hash, revision))]
    if api.guarded:
        guarded = key_auth.per_route(authentication.key_header(api), b"".join(credentials))
        parts.append(wire.map_entry(_PER_FILTER, API_KEY, guarded))
    return b"".join(parts)


def probe(api: ApiIR, *, token: str, content_hash: str, revision: int) -> Probe:
    """How to ask what is live. The secret host name selects the probe; without it the request is a common one."""
    expected = {HASH_HEADER: content_hash, REVISION_HEADER: str(revision)}
    return Probe(path=f"{api.base_path}/", headers={"host": probe_host(token)}, expect_headers=expected)


def probe_host(token: str) -> str:
    """The host name that leads to the probe; lower case, as hosts are compared."""
    return f"{token.lower()}.probe.invalid"


def _probe_host(api_id: str, token: str, content_hash: str, revision: int) -> bytes:
    told = [headers.option(HASH_HEADER, content_hash), headers.option(REVISION_HEADER, str(revision))]
    route = rc.Route(
        name=route_name(api_id, "", PROBE_ROUTE),
        match=rc.RouteMatch(prefix="/"),
        direct_response=rc.DirectResponseAction(status=204),
        response_headers_to_add=told,
    )
    host = rc.VirtualHost(name="probe", domains=[probe_host(token)], routes=[route])
    host.typed_per_filter_config[API_KEY].CopyFrom(wire.pack(rc.FilterConfig(disabled=True)))
    return bytes(host.SerializeToString(deterministic=True))
