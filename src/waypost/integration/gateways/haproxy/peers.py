"""Stick tables outlive a reload: the leaving worker teaches them to its successor, as its local peer.

A worker teaches only after it has learnt itself, or has waited ten seconds for somebody to learn from. The first worker
has nobody, so that reloads right after the start would lose what was counted. Its successor is therefore told by the
driver, in the peers protocol (doc/peers-v2.0.txt, 2.1), that there is nothing to learn.
"""

from __future__ import annotations

import asyncio
import re

from waypost.contracts.drivers import TemporaryError
from waypost.integration.gateways.haproxy.names import LOCAL_PEER, PEERS
from waypost.integration.gateways.haproxy.runtime import Runtime

_FLAGS = re.compile(rf"id={PEERS} \S+ flags=0x([0-9a-f]+)")
_LEARNT = 0x3
_HELLO = f"HAProxyS 2.1\n{LOCAL_PEER}\n{LOCAL_PEER} 1 1\n".encode()
_ACCEPTED = b"200"
_RESYNC_FINISHED = b"\x00\x01"
_DEADLINE = 2.0


async def has_learnt(runtime: Runtime, worker: int) -> bool:
    """True where the worker can teach its successor."""
    try:
        told = _FLAGS.search(await runtime.tell(worker, "show peers"))
    except TemporaryError:
        return False
    return told is not None and int(told[1], 16) & _LEARNT == _LEARNT


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
