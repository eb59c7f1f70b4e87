"""A driver with its engine's real process, and an upstream that tells what it received."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType

import httpx

from waypost.contracts.drivers import GatewayDriver, Probe
from waypost.kit.supervise import appending

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. For clients of plain HTTP: to read the list of authorities takes longer than most calls."""


_AT_ONCE = 8
_LONGEST_PAUSE = 0.32
"""Seconds. Hundreds of APIs are waited for at once; asking without a break keeps a busy machine from getting there."""


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 15.0) -> None:
    """Wait for a condition with a deadline; AssertionError when it does not come true."""
    deadline = asyncio.get_running_loop().time() + seconds
    pause = 0.02
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, "the condition did not come true in time"
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


class RunningEngine:
    """Starts driver and process, ends both. ``base_url`` is the gateway's listener."""

    def __init__(self, driver: GatewayDriver, base_url: str) -> None:
        self.driver = driver
        self.base_url = base_url
        self._process: asyncio.subprocess.Process | None = None
        self._client = httpx.AsyncClient(base_url=base_url, trust_env=False, verify=NO_TLS)
        # Hundreds who wait for a connection time out on a busy machine, and its pool gives nobody one any more.
        self._asking = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> RunningEngine:
        await self.driver.start()
        await self.start_process()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()
        await self.kill()
        await self.driver.stop()

    async def start_process(self) -> None:
        """Run the engine and wait until it is ready."""
        spec = self.driver.process()
        if spec is not None:
            env = {**os.environ, **spec.env}
            with appending(spec.stdout) as stdout:
                self._process = await asyncio.create_subprocess_exec(
                    *spec.argv, env=env, cwd=spec.cwd or None, stdout=stdout
                )
        await until(self.driver.ready)

    async def kill(self) -> None:
        """End the process without warning, as a crash would."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def proved(self, api_id: str, *, seconds: float = 5.0) -> None:
        """Wait until the data path itself proves this API's applied version."""
        probe = self.driver.probe(api_id)
        assert probe is not None, f"{api_id} is not applied"

        async def answered() -> bool:
            return await self.proves(probe)

        await until(answered, seconds=seconds)

    async def proves(self, probe: Probe) -> bool:
        """Ask once."""
        try:
            async with self._asking:
                answer = await self._client.get(probe.path, headers=dict(probe.headers))
        except httpx.HTTPError:
            return False
        told = all(answer.headers.get(name) == value for name, value in probe.expect_headers.items())
        return answer.status_code == probe.expect_status and told


class EchoUpstream:
    """An HTTP/1.1 server that answers with JSON of what it got: ``line``, ``headers`` (pairs), ``body`` length.

    Paths choose faults: ``/slow`` answers after two seconds, ``/reset`` closes without an answer,
    ``/status/503`` that status.
    """

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self.port = 0
        self.response_headers: list[tuple[str, str]] = []

    async def __aenter__(self) -> EchoUpstream:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._answer(reader, writer):
                pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:-2])]
        body = await _read_body(reader, dict(headers))
        if "/reset" in head[0]:
            writer.transport.abort()
            return False
        if "/slow" in head[0]:
            await asyncio.sleep(2)
        status = head[0].partition("/status/")[2][:3] or "200"
        payload = json.dumps({"line": head[0], "headers": headers, "body": len(body)}).encode()
        extra = "".join(f"{name}: {value}\r\n" for name, value in self.response_headers)
        top = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(payload)}\r\n{extra}\r\n"
        writer.write(top.encode("latin-1") + (b"" if head[0].startswith("HEAD") else payload))
        await writer.drain()
        return True


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    while headers.get("transfer-encoding") == "chunked":
        size = int((await reader.readline()).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readexactly(2)
        if size == 0:
            break
    return body
