"""The one listener: connection settings, the filter chain, scoped routes, local replies and the access log."""

from __future__ import annotations

from typing import Any

from envoy.config.listener.v3 import listener_pb2
from envoy.extensions.access_loggers.file.v3 import file_pb2 as _file_log  # noqa: F401  (registers the type)
from envoy.extensions.access_loggers.filters.cel.v3 import cel_pb2 as _cel  # noqa: F401
from envoy.extensions.filters.http.api_key_auth.v3 import api_key_auth_pb2 as _key  # noqa: F401
from envoy.extensions.filters.http.buffer.v3 import buffer_pb2 as _buffer  # noqa: F401
from envoy.extensions.filters.http.cors.v3 import cors_pb2 as _cors  # noqa: F401
from envoy.extensions.filters.http.custom_response.v3 import custom_response_pb2 as _custom  # noqa: F401
from envoy.extensions.filters.http.fault.v3 import fault_pb2 as _fault  # noqa: F401
from envoy.extensions.filters.http.local_ratelimit.v3 import local_rate_limit_pb2 as _limit  # noqa: F401
from envoy.extensions.filters.http.lua.v3 import lua_pb2 as _lua  # noqa: F401
from envoy.extensions.filters.http.router.v3 import router_pb2 as _router  # noqa: F401
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2 as _hcm  # noqa: F401
from envoy.extensions.http.early_header_mutation.header_mutation.v3 import header_mutation_pb2 as _early  # noqa: F401
from envoy.extensions.http.original_ip_detection.xff.v3 import xff_pb2 as _xff  # noqa: F401
from envoy.type.matcher.v3 import http_inputs_pb2 as _inputs  # noqa: F401

from waypost.contracts.ir import GatewaySettings
from waypost.contracts.vocab import BELIEVED_HEADERS
from waypost.integration.gateways.envoy import access_log, problems, tls, wire
from waypost.integration.gateways.envoy.filters import chain
from waypost.integration.gateways.envoy.names import INTERNAL, SCOPE, TYPE

LISTENER_NAME = "gateway"
TLS_LISTENER_NAME = "gateway-tls"
_HCM = f"{TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_EARLY = f"{TYPE}envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
_XFF = f"{TYPE}envoy.extensions.http.original_ip_detection.xff.v3.XffConfig"
# A request has to be complete in time, its body too; the answer's time is the route's. A timer that is set anew with
# every piece of a request or answer (the engine's idle timeout) costs much and ends nothing else, except that an answer
# is read too slowly: that is the flush timeout.
_TIME_LIMITS = {"request_timeout": "120s", "stream_idle_timeout": "0s", "stream_flush_timeout": "60s"}
# What is meant for this hop, and what upstreams believe of the proxy before them.
_ENDS_HERE = ("proxy", "proxy-authorization", "x-request-id", *BELIEVED_HEADERS)
_ADS = {"ads": {}, "resource_api_version": "V3"}


def of_settings(settings: GatewaySettings, *, host: str, port: int, log_path: str) -> dict[str, bytes]:
    """The serialised listeners by name: the plain one, and one with TLS where it is wanted.

    Each counts for itself: a limit holds once per listener.
    """
    found = {LISTENER_NAME: listener(settings, host=host, port=port, log_path=log_path)}
    if settings.tls is not None:
        chain = {"transport_socket": tls.socket(settings.tls)}
        found[TLS_LISTENER_NAME] = listener(
            settings, host=host, port=settings.tls.port, log_path=log_path, name=TLS_LISTENER_NAME, more=chain
        )
    return found


def listener(
    settings: GatewaySettings, *, host: str, port: int, log_path: str, name: str = LISTENER_NAME, more: Any = None
) -> bytes:
    """One serialised listener."""
    filters = [{"name": "http", "typed_config": connection_manager(settings, log_path, secure=bool(more))}]
    data = {
        "name": name,
        "address": {"socket_address": {"address": host, "port_value": port}},
        "filter_chains": [{"filters": filters, **(more or {})}],
        "per_connection_buffer_limit_bytes": 1024 * 1024,
    }
    return bytes(wire.parse(listener_pb2.Listener, data).SerializeToString(deterministic=True))


def connection_manager(settings: GatewaySettings, log_path: str, *, secure: bool) -> dict[str, Any]:
    """The HTTP connection manager. No ``server`` header, no engine headers, request ids of our own making."""
    return {
        "@type": _HCM,
        "stat_prefix": "gateway",
        "server_header_transformation": "PASS_THROUGH",
        **_caller_address(settings),
        "internal_address_config": {"cidr_ranges": []},
        "normalize_path": True,
        "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
        "generate_request_id": True,
        "always_set_request_id_in_response": True,
        "common_http_protocol_options": {"idle_timeout": "300s", "headers_with_underscores_action": "DROP_HEADER"},
        **_TIME_LIMITS,
        "early_header_mutation_extensions": [{"name": "entry", "typed_config": _entry()}],
        "scoped_routes": _scoped_routes(),
        "http_filters": chain(settings, secure=secure),
        "local_reply_config": problems.local_reply_config(settings),
        "access_log": [access_log.config(log_path)],
    }


def _caller_address(settings: GatewaySettings) -> dict[str, Any]:
    """The connection's address, or what trusted proxies say of it."""
    if not settings.trusted_proxies:
        return {"use_remote_address": True}
    trusted = {"cidrs": wire.cidrs(settings.trusted_proxies)}
    config = {"@type": _XFF, "xff_trusted_cidrs": trusted, "skip_xff_append": False}
    return {"use_remote_address": False, "original_ip_detection_extensions": [{"name": "xff", "typed_config": config}]}


def _entry() -> dict[str, Any]:
    """On entry: nothing a client sends may look like ours, and the scope is the path without its query.

    The engine runs this once per call, not again when a refusal is redirected inside (``not_subscribed.py``).
    """
    foreign = [{"remove_on_match": {"key_matcher": {"prefix": prefix}}} for prefix in (INTERNAL, "x-envoy-")]
    scope = {"header": {"key": SCOPE, "value": "%PATH(NQ:PATH)%"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    return {
        "@type": _EARLY,
        "mutations": [
            *foreign,
            *({"remove": name} for name in _ENDS_HERE),
            {"append": scope},
        ],
    }


def _scoped_routes() -> dict[str, Any]:
    """Each API its own route configuration, chosen by the first segment of the path."""
    first_segment = {"name": SCOPE, "element_separator": "/", "index": 1}
    return {
        "name": "apis",
        "scope_key_builder": {"fragments": [{"header_value_extractor": first_segment}]},
        "rds_config_source": _ADS,
        "scoped_rds": {"scoped_rds_config_source": _ADS},
    }
