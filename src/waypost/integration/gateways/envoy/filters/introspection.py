"""Opaque tokens, asked for at the server that made them (RFC 7662): a Lua filter, since the engine has none for it.

By its nature this asks another server. Answers are remembered for ``cache_seconds`` and never beyond the token's own
end. What cannot be asked, or answers anything but an introspection, lets nobody in.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import quote, urlsplit

from envoy.extensions.filters.http.lua.v3 import lua_pb2

from waypost.contracts.ir import ApiIR, Introspection
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.clusters import asking
from waypost.integration.gateways.envoy.filters.introspection_script import SCRIPT
from waypost.integration.gateways.envoy.names import INTROSPECTION, filter_type


def listener_filter() -> dict[str, Any]:
    """The script, off unless an API asks for it."""
    config = {
        "@type": filter_type("lua.v3.Lua"),
        "clear_route_cache": False,
        "default_source_code": {"inline_string": SCRIPT},
    }
    return {"name": INTROSPECTION, "disabled": True, "typed_config": config}


def config(api: ApiIR) -> dict[str, Any]:
    """Per-filter configuration of an API."""
    asked = api.introspection
    if asked is None:
        return {}
    url = urlsplit(asked.url)
    message = lua_pb2.LuaPerRoute()
    message.filter_context.update(
        {
            "cluster": asking(asked).cluster,
            "path": (url.path or "/") + (f"?{url.query}" if url.query else ""),
            "authority": url.netloc.rpartition("@")[2],
            "authorization": _credentials(asked),
            "issuer": asked.issuer,
            "scope_claim": api.jwt.scope_claim if api.jwt else "scope",
            "timeout_ms": asked.timeout_ms,
            "cache_seconds": asked.cache_seconds,
            "cache": hashlib.sha256(f"{asked.url} {asked.issuer} {asked.client_id}".encode()).hexdigest()[:16] + " ",
        }
    )
    return {INTROSPECTION: wire.pack(message)}


def _credentials(asked: Introspection) -> str:
    """RFC 6749, 2.3.1: both parts are form-encoded first."""
    pair = f"{quote(asked.client_id, safe='')}:{quote(asked.client_secret.reveal(), safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
