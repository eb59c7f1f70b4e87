"""``waypost serve``: the hub alone, for machines where gateways and database live elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from waypost.runtime.container import open_parts
from waypost.runtime.hub import hub_app
from waypost.runtime.ports import listen, shown
from waypost.runtime.settings import Settings

GRACE_SECONDS = 5


class ChildServer(uvicorn.Server):
    """A server that leaves signals to whoever runs it: set ``should_exit`` to end it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server_config(app: Any, settings: Settings) -> uvicorn.Config:
    """uvicorn as the hub wants it: no banner, no server header, our own access log, a bounded graceful stop."""
    return uvicorn.Config(
        app,
        server_header=False,
        access_log=False,
        log_config=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=",".join(settings.trusted_proxies) or "127.0.0.1",
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        lifespan="on",
    )


async def serve(settings: Settings) -> None:
    """Run the hub until a signal."""
    sockets = listen(settings.host, settings.port, option="--port")
    address = f"http://{shown(settings.host)}:{sockets.getsockname()[1]}"
    async with open_parts(settings, public_url=address) as parts:
        server = uvicorn.Server(server_config(hub_app(parts, settings), settings))
        await server.serve(sockets=[sockets])
