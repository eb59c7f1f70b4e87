"""Where upstreams lie: what every driver asks before it sends calls somewhere."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from waypost.contracts.ir import ApiIR, Upstream


def of_api(api: ApiIR) -> list[Upstream]:
    """Every upstream of an API's versions."""
    return [version.upstream for version in api.versions if version.upstream]


async def private(upstreams: Iterable[Upstream]) -> list[str]:
    """A sentence for each upstream in a loopback, link-local or private range, as far as names resolve now."""
    found = []
    for upstream in upstreams:
        parts = urlsplit(upstream.url)
        host, port = parts.hostname or "", parts.port or 80
        if any(not ipaddress.ip_address(address).is_global for address in await _resolve(host, port)):
            found.append(f"the upstream {host} is in a private range, which this gateway does not allow")
    return found


async def _resolve(host: str, port: int) -> set[str]:
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return set()
    return {str(info[4][0]).partition("%")[0] for info in infos}
