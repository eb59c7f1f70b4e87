"""Last known good on disk: who this gateway is, its settings, and per API what is wanted and what last worked.

One sealed file per API, so that one change writes one file. ``grantlog`` keeps the grants.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from waypost.contracts.ir import ApiIR, GatewaySettings
from waypost.contracts.ir.dump import content_hash
from waypost.integration.agent.codec import decode, encode
from waypost.integration.agent.failures import AlreadyRunning
from waypost.integration.agent.sealing import Sealer, load_or_make_key, write_atomic
from waypost.kit.crypto import random_token, sha256_hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the agent is to its hub. ``token_sha256`` is of the token that was spent for it."""

    gateway_id: str
    credential: str = field(repr=False)
    token_sha256: str = ""
    probe_token: str = field(default="", repr=False)
    listen_port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiState:
    """One API: ``desired`` as the hub wants it, ``good`` as it last worked (None = never did)."""

    desired: ApiIR
    desired_hash: str
    good: ApiIR | None = None
    good_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ApiFile:
    desired: ApiIR
    good: ApiIR | None = None
    good_is_desired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What belongs to no single API."""

    generation: int = 0
    settings: GatewaySettings = field(default_factory=GatewaySettings)
    good_settings: GatewaySettings | None = None


class DataDirectory:
    """The agent's directory: mode 0700, held by one agent at a time through a lock file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for part in (root, root / "apis", root / "engine", root / "spool"):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.chmod(0o700)
        self._lock: int | None = None

    async def lock(self, *, wait: float) -> None:
        """Take the directory; AlreadyRunning when another agent still holds it after ``wait`` seconds."""
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = asyncio.get_running_loop().time() + wait
        while not _try_lock(handle):
            if asyncio.get_running_loop().time() >= deadline:
                os.close(handle)
                raise AlreadyRunning(f"{self.root} is held by another agent")
            await asyncio.sleep(0.1)
        self._lock = handle

    def unlock(self) -> None:
        """Give the directory free."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def sealer(self) -> Sealer:
        """The sealer under this directory's key."""
        return Sealer(load_or_make_key(self.root / "agent.key"))


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class StateStore:
    """Reads and writes the sealed files. Blocking; call writes through ``asyncio.to_thread``."""

    def __init__(self, directory: DataDirectory, sealer: Sealer) -> None:
        self._root = directory.root
        self._sealer = sealer

    def identity(self) -> Identity | None:
        """Who the agent is, or None before the first enrolment."""
        data = self._read("identity.sealed")
        return decode(Identity, data) if data else None

    def save_identity(self, identity: Identity) -> Identity:
        """Keep it, with a probe token of its own if it has none yet."""
        kept = identity if identity.probe_token else replace(identity, probe_token=random_token("prb"))
        self._write("identity.sealed", encode(kept))
        return kept

    def overview(self) -> Overview:
        """Settings and generation; defaults before the first message."""
        data = self._read("overview.sealed")
        return decode(Overview, data) if data else Overview()

    def save_overview(self, overview: Overview) -> None:
        """Keep settings and generation."""
        self._write("overview.sealed", encode(overview))

    def apis(self) -> dict[str, ApiState]:
        """Every API that was kept, by id."""
        files = sorted((self._root / "apis").glob("*.sealed"))
        states = [self._load(path) for path in files]
        return {state.desired.id: state for state in states}

    def save_apis(self, states: Iterable[ApiState]) -> None:
        """Keep these APIs, each atomically."""
        for state in states:
            same = state.good is not None and state.good_hash == state.desired_hash
            kept = _ApiFile(desired=state.desired, good=None if same else state.good, good_is_desired=same)
            self._write(_api_file(state.desired.id), encode(kept))

    def forget_apis(self, api_ids: Iterable[str]) -> None:
        """Delete what is kept of these APIs."""
        for api_id in api_ids:
            (self._root / _api_file(api_id)).unlink(missing_ok=True)

    def _load(self, path: Path) -> ApiState:
        kept = decode(_ApiFile, self._sealer.open(path.read_bytes(), f"apis/{path.name}"))
        wanted = content_hash(kept.desired)
        if kept.good_is_desired:
            return ApiState(desired=kept.desired, desired_hash=wanted, good=kept.desired, good_hash=wanted)
        good_hash = content_hash(kept.good) if kept.good else ""
        return ApiState(desired=kept.desired, desired_hash=wanted, good=kept.good, good_hash=good_hash)

    def _read(self, name: str) -> bytes | None:
        path = self._root / name
        return self._sealer.open(path.read_bytes(), name) if path.exists() else None

    def _write(self, name: str, plain: bytes) -> None:
        write_atomic(self._root / name, self._sealer.seal(plain, name))


def _api_file(api_id: str) -> str:
    """Ids come from outside: their hash is safe as a file name."""
    return f"apis/{sha256_hex(api_id)[:32]}.sealed"
