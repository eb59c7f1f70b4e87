"""Floods of what nobody knows, and what they do to an engine's memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable

import psutil

from waypost.testing.engine import RunningEngine

ROUND = 1000
CONNECTIONS = 16
MOST_GROWTH = 12 * 1024 * 1024
Request = Callable[[int], str]


def get(path: str, *headers: str) -> str:
    """A request as it is sent."""
    return "\r\n".join((f"GET {path} HTTP/1.1", "host: x", *headers, "", ""))


async def flood(engine: RunningEngine, request: Request, numbers: range) -> Counter[int]:
    """Sends one request per number over some connections; statuses, counted."""
    shares = (numbers[first::CONNECTIONS] for first in range(CONNECTIONS))
    port = int(engine.base_url.rpartition(":")[2])
    return sum(await asyncio.gather(*(_sent(port, map(request, share)) for share in shares)), Counter[int]())


async def bounded(engine: RunningEngine, request: Request, status: int) -> None:
    """After a first round that fills caches, three more grow nothing."""
    assert engine._process is not None
    pid = engine._process.pid
    await flood(engine, request, range(ROUND))
    before = resident(pid)
    counted = await flood(engine, request, range(ROUND, 4 * ROUND))
    assert counted == {status: 3 * ROUND}
    assert resident(pid) - before < MOST_GROWTH


def resident(pid: int) -> int:
    """The memory in bytes of a process and its children."""
    process = psutil.Process(pid)
    return sum(member.memory_info().rss for member in (process, *process.children(recursive=True)))


async def _sent(port: int, requests: Iterable[str]) -> Counter[int]:
    """One after the other: an engine closes connections on which many answers wait to be read."""
    counted = Counter[int]()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        counted[int(head.split(" ", 2)[1])] += 1
        await reader.readexactly(int(head.lower().partition("content-length: ")[2].split("\r\n")[0]))
    writer.close()
    return counted
