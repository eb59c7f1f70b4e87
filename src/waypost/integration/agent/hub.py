"""The agent's HTTP client for its hub: four calls (``contracts.agent``), credentials, one kind of error each way."""

from __future__ import annotations

import gzip
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import orjson

from waypost import __version__
from waypost.contracts.agent import EnrolRequest, EnrolResponse, Receipts, StreamRequest
from waypost.contracts.telemetry import UsageAck
from waypost.integration.agent.codec import decode, encode
from waypost.integration.agent.failures import HubUntrusted
from waypost.integration.agent.options import AgentSettings
from waypost.kit.crypto import Secret

T = TypeVar("T")
BASE = "/api/v1/agent"
# A full set of a million grants is one line; anything longer is no hub of ours.
MAX_LINE_BYTES = 1024 * 1024 * 1024
JSON = {"content-type": "application/json"}


class HubError(Exception):
    """The hub did not do what was asked. ``status`` 0 = not reached; ``retry_after`` in seconds where it named one."""

    def __init__(self, message: str, *, status: int = 0, code: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @property
    def refused(self) -> bool:
        """True when the hub does not know or no longer trusts this credential."""
        return self.status in (401, 403, 404, 410)


class HubClient:
    """Talks to one hub. ``credential`` is set after enrolment."""

    def __init__(self, settings: AgentSettings) -> None:
        require_protected(settings.hub_url, allowed=settings.insecure_hub)
        self.credential: Secret | None = None
        self._timing = settings.timing
        # The hub's address was chosen by whoever runs the agent: proxies and netrc of the environment stay out.
        self._http = httpx.AsyncClient(
            base_url=settings.hub_url.rstrip("/") + BASE,
            verify=ssl.create_default_context(cafile=str(settings.hub_ca) if settings.hub_ca else None),
            trust_env=False,
            follow_redirects=False,
            headers={"user-agent": f"gateway-agent/{__version__}"},
            timeout=httpx.Timeout(10.0, connect=5.0),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def enrol(self, request: EnrolRequest) -> EnrolResponse:
        """Spend the one-time token."""
        answer = await self._post("/enrol", encode(request), authorized=False)
        return _decoded(EnrolResponse, answer)

    async def send_receipts(self, receipts: Receipts) -> None:
        """Report what became of things."""
        await self._post("/receipts", encode(receipts))

    async def send_usage(self, batch: bytes) -> UsageAck:
        """Ship one batch (the JSON of a UsageBatch); HubError with the status when the hub does not want it."""
        packed = gzip.compress(batch, compresslevel=5)
        answer = await self._post(
            "/usage", packed, headers={"content-encoding": "gzip"}, timeout=self._timing.ship_timeout
        )
        return _decoded(UsageAck, answer)

    @asynccontextmanager
    async def stream(self, request: StreamRequest) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The hub's messages, one dict per line, until either side ends it or nothing came for too long."""
        timeout = httpx.Timeout(self._timing.stream_silence, connect=5.0)
        try:
            async with self._http.stream(
                "POST", "/stream", content=encode(request), headers=self._headers(), timeout=timeout
            ) as answer:
                if answer.status_code != 200:
                    await answer.aread()
                    raise _refusal(answer)
                yield _messages(answer)
        except httpx.HTTPError as error:
            raise HubError(f"{type(error).__name__}: {error}") from error

    async def _post(
        self,
        path: str,
        body: bytes,
        *,
        headers: dict[str, str] | None = None,
        authorized: bool = True,
        timeout: float = 10.0,
    ) -> bytes:
        merged = {**(self._headers() if authorized else JSON), **(headers or {})}
        try:
            answer = await self._http.post(path, content=body, headers=merged, timeout=timeout)
        except httpx.HTTPError as error:
            raise HubError(f"{type(error).__name__}: {error}") from error
        if not answer.is_success:
            raise _refusal(answer)
        return answer.content

    def _headers(self) -> dict[str, str]:
        if self.credential is None:
            return dict(JSON)
        return {**JSON, "authorization": f"Bearer {self.credential.reveal()}"}


def require_protected(url: str, *, allowed: bool) -> None:
    """HubUntrusted for plain http to another machine, and for what is no web address."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not parts.hostname:
        raise HubUntrusted(f"{url!r} is not an http or https address", hint="Give the hub's address with `--hub`.")
    if not allowed and not _is_local(parts.hostname):
        raise HubUntrusted(f"{parts.hostname} would be spoken to without TLS")


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _decoded(kind: type[T], data: bytes) -> T:
    try:
        return decode(kind, data)
    except (ValueError, orjson.JSONDecodeError) as error:
        raise HubError(f"the hub's answer makes no sense: {error}") from error


def _refusal(answer: httpx.Response) -> HubError:
    problem: Any = {}
    try:
        problem = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        pass
    problem = problem if isinstance(problem, dict) else {}
    detail = str(problem.get("detail") or problem.get("title") or answer.reason_phrase)[:500]
    after = answer.headers.get("retry-after", "")
    return HubError(
        f"{answer.status_code} {detail}",
        status=answer.status_code,
        code=str(problem.get("code") or ""),
        retry_after=float(after) if after.isdigit() else 0.0,
    )


async def _messages(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Lines end at a line feed only; JSON text may hold the other separators that ``splitlines`` knows."""
    parts: list[bytes] = []
    held = 0
    async for piece in answer.aiter_bytes():
        *whole, rest = piece.split(b"\n")
        for line in whole:
            yield _message(b"".join([*parts, line]))
            parts, held = [], 0
        parts.append(rest)
        held += len(rest)
        if held > MAX_LINE_BYTES:
            raise HubError("the hub's message is too long")


def _message(line: bytes) -> dict[str, Any]:
    if not line.strip():
        return {}
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise HubError("the hub sent a line that is not JSON") from error
    if not isinstance(message, dict):
        raise HubError("the hub sent a line that is not a message")
    return message
