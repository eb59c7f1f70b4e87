"""Start the product as a person would (``waypost up --json``) and end it; for end-to-end tests and benches."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

T = TypeVar("T")


@dataclass(slots=True)
class Product:
    """A running hub with its embedded gateway."""

    hub: str
    gateway: str
    login: str
    token: str
    process: subprocess.Popen[str]
    data: Path

    def api(self, token: str | None = None) -> httpx.Client:
        """A REST client with the administrator's token, or another."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=f"{self.hub}/api/v1", headers=headers, timeout=60)

    def family(self) -> list[psutil.Process]:
        """The process and all below it."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def stop(self, *, seconds: float = 20) -> int:
        """Ctrl-C and wait; the exit code. A tree that does not end is killed, which fails the caller."""
        family = self.family() if self.process.poll() is None else []
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(seconds)
        finally:
            for process in family:
                if process.is_running():
                    process.kill()


def command(*arguments: str) -> list[str]:
    """The command line of this checkout's ``waypost``."""
    return [sys.executable, "-m", "waypost", *arguments]


@contextmanager
def running(
    data: Path,
    *,
    empty: bool = True,
    env: dict[str, str] | None = None,
    seconds: float = 120,
    options: tuple[str, ...] = (),
) -> Iterator[Product]:
    """``waypost up`` on free ports until the block ends."""
    arguments = ["up", "--json", "--data", str(data), "--port", "0", "--gateway-port", "0", *options]
    log = (data.parent / f"{data.name}.log").open("a")
    process = subprocess.Popen(
        command(*arguments, *(["--empty"] if empty else [])),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, **(env or {})},
    )
    product: Product | None = None
    try:
        line = _first_line(process, seconds)
        if not line:
            raise RuntimeError(f"waypost up said nothing: {Path(log.name).read_text()[-4000:]}")
        product = Product(**json.loads(line), process=process, data=data)
        yield product
    finally:
        if product:
            product.stop()
        elif process.poll() is None:
            process.kill()
        log.close()


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return process.stdout.readline() if ready else ""


def until(check: Callable[[], T], *, seconds: float = 10, what: str = "it") -> T:
    """Call ``check`` until it gives something true; AssertionError after ``seconds``."""
    deadline = time.monotonic() + seconds
    last: Any = None
    while time.monotonic() < deadline:
        last = check()
        if last:
            return last  # type: ignore[no-any-return]
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s; last: {last!r}")


def promised(seconds: float, attempt: Callable[[], T]) -> T:
    """What ``attempt`` gives where it keeps to ``seconds`` in one of three tries: a machine that is busy with something
    else for a moment says nothing about the product."""
    for _ in range(3):
        began = time.monotonic()
        given = attempt()
        if time.monotonic() - began <= seconds:
            return given
    raise AssertionError(f"three times it took longer than {seconds} s")


def ok(response: httpx.Response, status: int | None = None) -> Any:
    """The JSON of a successful answer; the problem in the message otherwise."""
    good = response.status_code == status if status else response.is_success
    assert good, f"{response.request.method} {response.request.url} → {response.status_code}: {response.text[:2000]}"
    return response.json() if response.content else None
