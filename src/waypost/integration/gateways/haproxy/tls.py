"""The second listener, with TLS. A client certificate is asked for and never demanded."""

from __future__ import annotations

from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.haproxy.text import word

_PAIR, _CALLERS = "listener.pem", "callers.pem"


def bind(settings: GatewaySettings, host: str) -> list[str]:
    """The line of the listener, where there is one."""
    if settings.tls is None:
        return []
    callers = ["ca-file", _CALLERS, "verify", "optional"] if settings.tls.client_ca else []
    pair = ["ssl", "crt", _PAIR, "alpn", "h2,http/1.1", "ssl-min-ver", "TLSv1.2"]
    return [" ".join(["bind", word(f"{host}:{settings.tls.port}"), *pair, *callers])]


def files(settings: GatewaySettings) -> dict[str, str]:
    """Certificate and key, and the authority of callers' certificates."""
    if settings.tls is None:
        return {}
    found = {_PAIR: f"{settings.tls.certificate.rstrip()}\n{settings.tls.key.reveal().rstrip()}\n"}
    return {**found, _CALLERS: settings.tls.client_ca} if settings.tls.client_ca else found
