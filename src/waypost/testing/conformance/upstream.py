"""An upstream of one case: it answers as the case says and keeps what it saw, to the letter."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from waypost.testing.conformance.form import Behaviour
from waypost.testing.conformance.wire import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: Pairs
    body: bytes

    def lines(self, name: str) -> list[str]:
        """The values of a header, one for each line."""
        return [value for known, value in self.headers if known == name]


@dataclass
class Upstream:
    """An HTTP/1.1 server on a port of its own."""

    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End, with whatever is still open."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    @property
    def host(self) -> str:
        """Host and port as they stand in a ``Host`` header."""
        return f"127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        # Cancelled is how a run ends while an answer is being delayed.
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError, CancelledError):
            while await self._one(reader, writer):
                pass
        self._open.discard(writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        top, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        method, target, _ = top.split(" ")
        body = await _read_body(reader, dict(pairs))
        self.seen.append(Seen(method=method, target=target, headers=pairs, body=body))
        return await _answer(self._behaviour(target), method, writer)

    def _behaviour(self, target: str) -> Behaviour:
        path = target.partition("?")[0]
        return self.behaviours.get(path) or self.behaviours.get("*") or Behaviour()


async def _answer(how: Behaviour, method: str, writer: asyncio.StreamWriter) -> bool:
    """True where the connection stays open."""
    await asyncio.sleep(how.delay_ms / 1000)
    if how.fault == "reset":
        writer.transport.abort()
        return False
    if how.fault == "garbage":
        writer.write(b"This is no HTTP at all.\r\n\r\n")
        await writer.drain()
        return False
    body = b"x" * how.size if how.size is not None else how.body.encode()
    writer.write(_head(how, body))
    if method != "HEAD" and how.status not in (204, 304):
        await _write_body(how, body, writer)
    await writer.drain()
    return how.fault != "cut"


def _head(how: Behaviour, body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {how.status} X"]
    given = {"content-type": "application/json", **how.headers}
    for name, value in given.items():
        lines += [f"{name}: {one}" for one in ([value] if isinstance(value, str) else value or [])]
    if how.chunked:
        lines.append("transfer-encoding: chunked")
    elif how.status not in (204, 304):
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _write_body(how: Behaviour, body: bytes, writer: asyncio.StreamWriter) -> None:
    middle = len(body) // 2
    for number, part in enumerate((body[:middle], body[middle:])):
        if number == 1 and how.fault == "cut":
            return
        if part:
            writer.write(b"%x\r\n%s\r\n" % (len(part), part) if how.chunked else part)
        if number == 0 and how.pause_ms:
            await writer.drain()
            await asyncio.sleep(how.pause_ms / 1000)
    if how.chunked:
        writer.write(b"0\r\n\r\n")


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    while headers.get("transfer-encoding", "").lower() == "chunked":
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readexactly(2)
        if size == 0:
            break
    return body
