"""The engine's admin interface, over its unix socket only."""

from __future__ import annotations

import httpx


class Admin:
    """A client of the admin socket; every method answers quietly when the engine is not there."""

    def __init__(self, socket_path: str) -> None:
        transport = httpx.AsyncHTTPTransport(uds=socket_path)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://admin", timeout=5)

    async def ready(self) -> bool:
        """True when the engine says LIVE."""
        try:
            return (await self._client.get("/ready")).status_code == 200
        except httpx.HTTPError:
            return False

    async def version(self) -> str:
        """The engine's version, for example ``1.40.0``; empty when it does not answer."""
        try:
            text = str((await self._client.get("/server_info")).json()["version"])
        except (httpx.HTTPError, ValueError, KeyError):
            return ""
        parts = text.split("/")
        return parts[1] if len(parts) > 1 else text

    async def reopen_logs(self) -> None:
        """Open log files anew; httpx.HTTPError when the engine does not answer."""
        (await self._client.post("/reopen_logs")).raise_for_status()

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()
