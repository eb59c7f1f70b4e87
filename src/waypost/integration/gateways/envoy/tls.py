"""TLS towards callers. A client certificate is asked for where there is an authority, and never demanded."""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import ListenerTls
from waypost.integration.gateways.envoy.names import TYPE

_CONTEXT = f"{TYPE}envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"


def socket(tls: ListenerTls) -> dict[str, Any]:
    """The transport socket of a filter chain. A certificate that the authority did not sign ends the handshake."""
    pair = {"certificate_chain": {"inline_string": tls.certificate}, "private_key": {"inline_string": tls.key.reveal()}}
    common: dict[str, Any] = {"tls_certificates": [pair], "alpn_protocols": ["h2", "http/1.1"]}
    if tls.client_ca:
        common["validation_context"] = {"trusted_ca": {"inline_string": tls.client_ca}}
    config = {"@type": _CONTEXT, "common_tls_context": common, "require_client_certificate": False}
    return {"name": "envoy.transport_sockets.tls", "typed_config": config}
