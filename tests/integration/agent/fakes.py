"""A driver for the fake engine, and a hub that fits in a test."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn

from waypost.contracts.drivers import (
    ApiChange,
    ApiOutcome,
    ApplyResult,
    Capability,
    Discovery,
    DriverInfo,
    DriverOptions,
    DriverPlan,
    EngineStatus,
    PermanentError,
    Probe,
    ProcessSpec,
)
from waypost.contracts.ir import (
    ApiIR,
    GatewayIR,
    GatewaySettings,
    Grant,
    GrantDelta,
    Mock,
    Route,
    RoutePolicies,
    VersionIR,
)
from waypost.contracts.ir.dump import content_hash, to_plain
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import Engine
from waypost.integration.agent.options import AgentSettings, Timing
from waypost.kit.crypto import Secret, sha256_hex

FAKE_ENGINE = Path(__file__).with_name("fake_engine.py")
QUICK = Timing(
    meter_poll=0.02,
    meter_gap=0.02,
    meter_hold=0.1,
    rotated_drain=0.1,
    health_every=0.2,
    stream_silence=2.0,
    backoff_first=0.02,
    backoff_most=0.2,
    refused_retry=0.2,
    verify_deadline=1.5,
    verify_retry=0.3,
    observe_every=0.3,
    engine_backoff_first=0.02,
    engine_ready=5.0,
    lock_wait=2.0,
    final_ship=3.0,
)


def api(name: str, *, base_path: str = "", body: str = "hello", mocked: bool = True) -> ApiIR:
    """A mocked API with one route; ``body`` makes versions differ, ``mocked=False`` makes it unsound."""
    mock = Mock(body=body) if mocked else None
    route = Route(id=f"op_{name}", method="GET", path="/hello", policies=RoutePolicies(mock=mock))
    version = VersionIR(id=f"ver_{name}", name="1", routes=(route,))
    return ApiIR(id=f"api_{name}", slug=name, name=name, base_path=base_path or f"/{name}", versions=(version,))


def grant(number: int, *, api_id: str = "api_a", expires_at: datetime | None = None) -> Grant:
    key = f"key-{number}"
    return Grant(
        id=f"grt_{number:06d}",
        api_id=api_id,
        subscription_id="sub_1",
        app_id="app_1",
        credential_id=f"crd_{number}",
        plan_id="plv_1",
        key=Secret(key),
        key_sha256=sha256_hex(key),
        expires_at=expires_at,
    )


class FakeDriver:
    """Writes ``state.json`` for the fake engine. ``refuse`` and ``disguise`` inject faults by API id."""

    info = DriverInfo(engine=Engine.ENVOY, title="Fake", tested_versions=("1",), capabilities=frozenset(Capability))

    def __init__(self, options: DriverOptions) -> None:
        self.options = options
        self.directory = Path(options.directory)
        self.served: dict[str, str] = {}
        self.grants: dict[str, Grant] = {}
        self.revision = 0
        self.refuse: Callable[[ApiIR], str] = lambda _: ""
        self.disguise: set[str] = set()
        self.errors: list[Exception] = []
        self.grant_errors: list[Exception] = []
        self.applies: list[list[str]] = []
        self.deltas: list[GrantDelta] = []
        self.settings = GatewaySettings()

    async def start(self) -> None:
        self._write()

    async def stop(self) -> None:
        pass

    def process(self) -> ProcessSpec:
        return ProcessSpec(argv=(sys.executable, str(FAKE_ENGINE), str(self.directory), str(self.options.listen_port)))

    async def ready(self) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.options.listen_port)
            writer.close()
            return True
        return False

    async def plan(self, ir: GatewayIR) -> DriverPlan:
        wanted = {item.id: content_hash(item) for item in ir.apis}
        changes = [
            ApiChange(api_id=key, action="update" if key in self.served else "create", content_hash=value)
            for key, value in wanted.items()
            if self.served.get(key) != value
        ]
        changes += [ApiChange(api_id=key, action="delete") for key in self.served if key not in wanted]
        return DriverPlan(ir=ir, changes=tuple(changes), settings_changed=ir.settings != self.settings)

    async def apply(self, plan: DriverPlan) -> ApplyResult:
        if self.errors:
            raise self.errors.pop(0)
        self.applies.append([change.api_id for change in plan.changes])
        self.settings = plan.ir.settings
        outcomes = tuple(self._apply_one(change, plan.ir) for change in plan.changes)
        self._write()
        return ApplyResult(outcomes=outcomes)

    def _apply_one(self, change: ApiChange, ir: GatewayIR) -> ApiOutcome:
        if change.action == "delete":
            del self.served[change.api_id]
            return ApiOutcome(api_id=change.api_id, content_hash="", state="removed")
        item = ir.api(change.api_id)
        assert item is not None
        reason = self.refuse(item)
        if reason == "permanent":
            raise PermanentError("the engine said no")
        if reason:
            return ApiOutcome(api_id=item.id, content_hash=change.content_hash, state="quarantined", reason=reason)
        self.served[item.id] = change.content_hash
        return ApiOutcome(api_id=item.id, content_hash=change.content_hash, state="live")

    async def apply_grants(self, delta: GrantDelta) -> None:
        if self.grant_errors:
            raise self.grant_errors.pop(0)
        if any(item.id == "grt_poison" for item in delta.upsert):
            raise PermanentError("that grant cannot be")
        self.deltas.append(delta)
        if delta.full:
            self.grants = {}
        for key in delta.remove:
            self.grants.pop(key, None)
        self.grants.update({item.id: item for item in delta.upsert})
        self.revision = max(self.revision, delta.revision)

    async def observe(self) -> EngineStatus:
        return EngineStatus(running=True, version="fake 1", applied=dict(self.served), grants_revision=self.revision)

    async def discover(self) -> Discovery:
        return Discovery(status="complete", api_ids=tuple(self.served))

    def probe(self, api_id: str) -> Probe | None:
        if api_id not in self.served:
            return None
        expected = {"x-hash": self.served[api_id]}
        return Probe(path=f"/_probe/{api_id}", headers={}, expect_headers=expected)

    def access_log(self) -> str:
        return str(self.directory / "access.log")

    def parse_record(self, line: bytes) -> AccessRecord | None:
        return parse_record(line)

    async def reopen_log(self) -> None:
        pass

    def _write(self) -> None:
        shown = {key: ("other" if key in self.disguise else value) for key, value in self.served.items()}
        draft = self.directory / "state.json.new"
        draft.write_text(json.dumps({"served": shown}))
        draft.replace(self.directory / "state.json")


def parse_record(line: bytes) -> AccessRecord | None:
    call = json.loads(line)
    if call["path"] == "/health":
        return None
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return AccessRecord(at=at, decision_id=call["id"], method="GET", path=call["path"], status=200, duration_us=1200)


def settings(root: Path, hub_url: str, drivers: list[FakeDriver], **changes: Any) -> AgentSettings:
    """Settings of a quick agent; the driver it makes is added to ``drivers``."""

    def factory(options: DriverOptions) -> FakeDriver:
        driver = FakeDriver(options)
        drivers.append(driver)
        return driver

    given: dict[str, Any] = {
        "hub_url": hub_url,
        "data_dir": root / "gateway",
        "driver_factory": factory,
        "token": Secret("enrol-me"),
        "health_port": None,
        "timing": QUICK,
    }
    return AgentSettings(**{**given, **changes})


@dataclass
class FakeHub:
    """The agent's four endpoints over real HTTP. Desired state is set by tests; what arrives is kept."""

    port: int = 0
    token: str = "enrol-me"
    credential: str = "gateway-credential"
    gateway_id: str = "gtw_1"
    desired: dict[str, ApiIR] = field(default_factory=dict)
    settings: GatewaySettings = field(default_factory=GatewaySettings)
    generation: int = 1
    confirmed: bool = False
    grants: dict[str, Grant] = field(default_factory=dict)
    changes: list[tuple[int, str]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    streams: list[dict[str, Any]] = field(default_factory=list)
    batches: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    arrivals: list[int] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    usage_status: int = 200
    raw: list[bytes] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None
    _closing: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def revision(self) -> int:
        return len(self.changes)

    def publish(self, *apis: ApiIR) -> None:
        self.generation += 1
        self.desired.update({item.id: item for item in apis})
        self.tell()

    def withdraw(self, *api_ids: str, confirmed: bool = False) -> None:
        self.generation += 1
        self.confirmed = confirmed
        for api_id in api_ids:
            self.desired.pop(api_id, None)
        self.tell()

    def give(self, *grants: Grant) -> None:
        for item in grants:
            self.grants[item.id] = item
            self.changes.append((len(self.changes) + 1, item.id))
        self.tell()

    def revoke(self, *grant_ids: str) -> None:
        for grant_id in grant_ids:
            self.grants.pop(grant_id, None)
            self.changes.append((len(self.changes) + 1, grant_id))
        self.tell()

    def tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def last(self, api_id: str) -> dict[str, Any]:
        """The newest receipt of this API, or an empty dict."""
        found = [item for receipt in self.receipts for item in receipt["apis"] if item["api_id"] == api_id]
        return found[-1] if found else {}

    def state(self, api_id: str) -> str:
        return str(self.last(api_id).get("state", ""))

    @property
    def grants_in_force(self) -> int:
        return max((receipt["grants_revision"] for receipt in self.receipts), default=0)

    @property
    def dropped(self) -> int:
        return sum(batch["dropped"] for batch in self.batches.values())

    async def start(self) -> None:
        self._closing = False
        config = uvicorn.Config(
            self._app,
            host="127.0.0.1",
            port=self.port,
            log_config=None,
            interface="asgi3",
            lifespan="off",
            timeout_graceful_shutdown=0,
        )
        socket = config.bind_socket()
        self.port = socket.getsockname()[1]
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
        self._task = asyncio.create_task(self._server.serve(sockets=[socket]))

    async def stop(self) -> None:
        self._closing = True
        self.tell()
        assert self._server is not None and self._task is not None
        self._server.should_exit = self._server.force_exit = True
        await self._task

    async def _app(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        body = await _body(receive)
        if headers.get(b"content-encoding") == b"gzip":
            body = gzip.decompress(body)
        path = scope["path"].removeprefix("/api/v1/agent")
        if path != "/enrol" and headers.get(b"authorization") != f"Bearer {self.credential}".encode():
            await _answer(send, 401, {"code": "unauthenticated", "detail": "unknown credential"})
            return
        data = orjson.loads(body)
        if path == "/stream":
            await self._stream(data, send)
        elif path == "/enrol":
            await self._enrol(data, send)
        elif path == "/receipts":
            self.receipts.append(data)
            await _answer(send, 204, None)
        else:
            await self._usage(data, send)

    async def _enrol(self, data: dict[str, Any], send: Any) -> None:
        if data["token"] != self.token:
            await _answer(send, 401, {"code": "unauthenticated", "detail": "that token is not known or was used"})
            return
        self.token = ""
        await _answer(send, 200, {"gateway_id": self.gateway_id, "credential": self.credential})

    async def _usage(self, data: dict[str, Any], send: Any) -> None:
        if self.usage_status != 200:
            await _answer(send, self.usage_status, {"code": "nope", "detail": "not now"})
            return
        self.arrivals.append(data["number"])
        if (data["spool"], data["number"]) not in self.batches:
            self.batches[data["spool"], data["number"]] = data
            self.decisions += [record["decision_id"] for record in data["records"]]
        await _answer(send, 200, {"spool": data["spool"], "number": data["number"]})

    async def _stream(self, held: dict[str, Any], send: Any) -> None:
        self.streams.append(held)
        has, revision, generation = dict(held["apis"]), held["grants_revision"], 0
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not self._closing:
            news = self._news
            for line in self._lines(has, revision, generation):
                await send({"type": "http.response.body", "body": line + b"\n", "more_body": True})
            if generation != self.generation:
                has = self._hashes()
            revision, generation = self.revision, self.generation
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), 0.2)
        await send({"type": "http.response.body", "body": b""})

    def _lines(self, has: dict[str, str], revision: int, generation: int) -> list[bytes]:
        lines = [b'{"kind":"ping","at":0.0}', *self.raw]
        self.raw = []
        if generation != self.generation:
            lines.append(orjson.dumps(self._apis_message(has)))
        if revision != self.revision:
            lines.append(orjson.dumps({"kind": "grants", "delta": self._delta(revision)}))
        return lines

    def _hashes(self) -> dict[str, str]:
        return {key: content_hash(item) for key, item in self.desired.items()}

    def _apis_message(self, has: dict[str, str]) -> dict[str, Any]:
        upsert = [item for key, item in self.desired.items() if has.get(key) != content_hash(item)]
        return {
            "kind": "apis",
            "generation": self.generation,
            "settings": to_plain(self.settings),
            "upsert": to_plain(upsert),
            "remove": sorted(set(has) - set(self.desired)),
            "published_at": 0.0,
            "guard_confirmed": self.confirmed,
        }

    def _delta(self, since: int) -> dict[str, Any]:
        touched = {grant_id for number, grant_id in self.changes if number > since}
        upsert = [item for key, item in self.grants.items() if key in touched]
        remove = sorted(touched - set(self.grants))
        delta = GrantDelta(
            revision=self.revision, since=since, full=since == 0, upsert=tuple(upsert), remove=tuple(remove)
        )
        plain: dict[str, Any] = to_plain(delta, reveal=True)
        return plain


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def _answer(send: Any, status: int, body: Any) -> None:
    data = b"" if body is None else orjson.dumps(body)
    headers = [(b"content-length", str(len(data)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})


async def until(check: Callable[[], Any], *, seconds: float = 30.0, what: str = "") -> None:
    """Wait for ``check`` to hold; AssertionError when it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not check():
        assert asyncio.get_running_loop().time() < deadline, what or "it did not happen in time"
        await asyncio.sleep(0.01)


async def call(port: int, path: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code


@contextlib.asynccontextmanager
async def running(given: AgentSettings) -> AsyncIterator[asyncio.Event]:
    """An agent in this loop; ended gracefully. Yields its stop event."""
    from waypost.integration.agent.app import run_agent

    stop = asyncio.Event()
    task = asyncio.create_task(run_agent(given, stop=stop))
    try:
        yield stop
        if task.done():
            task.result()
    finally:
        stop.set()
        await task


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
