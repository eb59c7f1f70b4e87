"""A plain HTTP/1.1 client on a socket: it sends what it is given to the letter, and keeps every header line."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. ``status`` 0 = the connection ended without an answer; names of headers are lower-case."""

    status: int
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    complete: bool = True
    took_ms: float = 0.0

    def lines(self, name: str) -> list[str]:
        """The values of a header, one for each line."""
        return [value for known, value in self.headers if known == name]

    def json(self) -> Any:
        """The body as JSON; ValueError where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to connect, and how."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    source: str = ""


def written(method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes, *, chunked: bool) -> bytes:
    """A request as bytes; framing headers are added."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    if chunked:
        lines.append("transfer-encoding: chunked")
        middle = len(body) // 2
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:middle], body[middle:]) if part)
        body += b"0\r\n\r\n"
    elif body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def exchange(address: Address, request: bytes, *, head: bool = False, seconds: float = 8.0) -> Answer:
    """Send ``request`` on a connection of its own and read one answer. ``head`` = the answer has no body."""
    began = time.monotonic()
    local = (address.source, 0) if address.source else None
    try:
        reader, writer = await asyncio.open_connection(
            address.host, address.port, ssl=address.tls, local_addr=local, limit=1 << 20
        )
    except (OSError, ssl.SSLError):
        return Answer(status=0, complete=False)
    sending = asyncio.create_task(_send(writer, request))
    try:
        async with asyncio.timeout(seconds):
            answer = await _read(reader, head=head)
    except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        answer = Answer(status=0, complete=False)
    finally:
        sending.cancel()
        writer.transport.abort()
    took = (time.monotonic() - began) * 1000
    return Answer(
        status=answer.status, headers=answer.headers, body=answer.body, complete=answer.complete, took_ms=took
    )


async def _send(writer: asyncio.StreamWriter, request: bytes) -> None:
    """Beside the reading: a gateway may answer before it has read everything."""
    with suppress(OSError):
        writer.write(request)
        await writer.drain()


async def _read(reader: asyncio.StreamReader, *, head: bool) -> Answer:
    status, headers = await _head(reader)
    while 100 <= status < 200 and status != 101:
        status, headers = await _head(reader)
    if head or status in (204, 304):
        return Answer(status=status, headers=headers)
    body, complete = await _body(reader, headers)
    return Answer(status=status, headers=headers, body=body, complete=complete)


async def _head(reader: asyncio.StreamReader) -> tuple[int, Pairs]:
    top, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    pairs = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return int(top.split(" ")[1]), pairs


async def _body(reader: asyncio.StreamReader, headers: Pairs) -> tuple[bytes, bool]:
    known = dict(headers)
    body = bytearray()
    try:
        if known.get("transfer-encoding", "").lower() == "chunked":
            await _chunks(reader, body)
        elif "content-length" in known:
            await _exactly(reader, body, int(known["content-length"]))
        else:
            body += await reader.read()
    except (OSError, asyncio.IncompleteReadError, ValueError):
        return bytes(body), False
    return bytes(body), True


async def _chunks(reader: asyncio.StreamReader, body: bytearray) -> None:
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        await _exactly(reader, body, size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass


async def _exactly(reader: asyncio.StreamReader, body: bytearray, size: int) -> None:
    while size:
        part = await reader.read(min(size, 1 << 16))
        if not part:
            raise asyncio.IncompleteReadError(b"", size)
        body += part
        size -= len(part)
