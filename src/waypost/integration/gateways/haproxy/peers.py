"""Stick tables outlive a reload: the leaving worker teaches them to its successor, as its local peer.

Its successor serves from its first moment on, so calls that a limit counts wait until it was taught (``actions.lua``);
the driver tells it that it was. A worker teaches only after it has learnt itself, or has waited some seconds for
somebody to learn from. The first worker has nobody, so that reloads right after the start would lose what was counted.
Its successor is therefore told by the driver, in the peers protocol (doc/peers-v2.0.txt, 2.1), that there is nothing to
learn.
"""

from __future__ import annotations

import asyncio
import re

import structlog

from waypost.contracts.drivers import TemporaryError
from waypost.integration.gateways.haproxy.names import LOCAL_PEER, PEERS
from waypost.integration.gateways.haproxy.runtime import Runtime

log = structlog.get_logger("gateways.haproxy")
_FLAGS = re.compile(rf"id={PEERS} \S+ flags=0x([0-9a-f]+)")
_LEARNT = 0x3
_HELLO = f"HAProxyS 2.1\n{LOCAL_PEER}\n{LOCAL_PEER} 1 1\n".encode()
_ACCEPTED = b"200"
_RESYNC_FINISHED = b"\x00\x01"
_DEADLINE = 0.8
_PAUSE = 0.003


async def has_learnt(runtime: Runtime, worker: int) -> bool:
    """True where the worker can teach its successor."""
    try:
        told = _FLAGS.search(await runtime.tell(worker, "show peers"))
    except TemporaryError:
        return False
    return told is not None and int(told[1], 16) & _LEARNT == _LEARNT


async def learnt(runtime: Runtime, worker: int) -> None:
    """Wait until a worker has learnt what its predecessor counted."""
    deadline = asyncio.get_running_loop().time() + _DEADLINE
    while not await has_learnt(runtime, worker):
        if asyncio.get_running_loop().time() > deadline:
            log.warning("engine.limits_not_learnt", worker=worker)
            return
        await asyncio.sleep(_PAUSE)


async def let_through(runtime: Runtime, worker: int) -> None:
    """Let calls through that wait for that, now and from now on."""
    told = await runtime.command(f"experimental-mode on; @!{worker} set var proc.taught bool(true)")
    if told.strip():
        raise TemporaryError(f"the engine was not told that it has learnt: {told.strip()[:200]}", delay=0.2)


async def nothing_to_learn(socket: str) -> None:
    """Tell the worker that has just begun. Failing is no harm: it then waits by itself."""
    try:
        async with asyncio.timeout(_DEADLINE):
            reader, writer = await asyncio.open_unix_connection(socket)
            try:
                writer.write(_HELLO)
                if (await reader.readline()).startswith(_ACCEPTED):
                    writer.write(_RESYNC_FINISHED)
                    await reader.readexactly(2)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return
