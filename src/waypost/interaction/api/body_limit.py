"""How much a request may send. Counted while it is read, so that a missing or false length changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bytes by path: a megabyte, more for definitions (JSON escapes: up to twice as long) and for agents."""

    definition_bytes: int = 64 * MIB
    agent_bytes: int = 32 * MIB

    def of(self, path: str) -> int:
        """The largest body for ``path``."""
        if path.startswith(("/api/v1/apis", "/api/v1/versions")):
            return 2 * self.definition_bytes + MIB
        return self.agent_bytes if path.startswith("/api/v1/agent/") else MIB


def limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """``receive`` that raises 413 as soon as more than ``limit`` bytes are announced or have come."""
    length = Headers(scope=scope).get("content-length", "")
    announced = int(length) if length.isdecimal() else 0
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        if announced > limit:
            raise HTTPException(413)
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413)
        return message

    return counted
