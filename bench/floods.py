"""``make bench NAME=floods``: what a flood of what nobody knows does to those who call other APIs.

One engine with the typical set of ``policies`` on twenty APIs; a constant load calls them with good keys, first alone,
then beside one flood after the other: unknown keys, unknown paths, wrong passwords, forged tokens, about 1,200 calls a
second. The engine has one core; load, floods and upstream have the other. Latencies in milliseconds, of those who have
no part in the flood; growth is the engine's memory in MiB, after a first such flood has filled its caches.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tests.live.floods import resident

from bench import _load as wrk
from bench import _servers
from bench._policies import Case, cases
from bench.gateway import LOAD_CORE, engine, made, served
from bench.policies import TYPICAL, load_up
from waypost.contracts.drivers import GatewayDriver
from waypost.contracts.ir import ApiIR, GatewayIR
from waypost.contracts.vocab import Engine
from waypost.integration.gateways.envoy.bootstrap import free_port

CONNECTIONS, DELAY_MS = 8, 20
FLOOD_CONNECTIONS, FLOOD_DELAY_MS = 32, 25
DIFFERENT = 20_000
MIB = 1024 * 1024
CASES = {case.name: case for case in cases(apis=20, keys=2000)}
Calls = Iterator[tuple[str, dict[str, str]]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", choices=[item.value for item in Engine])
    parser.add_argument("--seconds", type=int, default=20)
    args = parser.parse_args()
    wrk.need_wrk()
    results = {name: asyncio.run(measure(name, args.seconds)) for name in args.engine or ("envoy", "haproxy")}
    table = Table("engine", "flood", "calls refused", "others: p50", "p99", "times p99 alone", "failed", "growth, MiB")
    for name, found in results.items():
        for flood, figures in found.items():
            table.add_row(name, flood, *(str(value) for value in figures.values()))
    Console().print(table)
    sys.stdout.write(json.dumps({"floods": results}) + "\n")


async def measure(name: str, seconds: int) -> dict[str, dict[str, float]]:
    """One engine beside each flood."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        upstream = free_port("127.0.0.1")
        stack.enter_context(engine(_servers.nginx_upstream(directory, upstream), LOAD_CORE))
        driver, port = made(name, directory)
        async with served(driver) as pid:
            load = await _load_up(driver, f"http://127.0.0.1:{upstream}", directory)
            return await asyncio.to_thread(_beside_each, load, f"http://127.0.0.1:{port}", pid, directory, seconds)


async def _load_up(driver: GatewayDriver, upstream: str, directory: Path) -> Path:
    """The others' load. Last come an API of tokens and one of passwords, which only floods call."""
    case = CASES[TYPICAL]
    apis = [case.api(number, upstream) for number in range(case.apis)]
    load = await load_up(driver, case, apis, directory, delay_ms=DELAY_MS)
    result = await driver.apply(await driver.plan(GatewayIR(gateway_id="bench", apis=(*apis, *_flooded(upstream)))))
    assert all(outcome.state == "live" for outcome in result.outcomes), result
    return load


def _flooded(upstream: str) -> tuple[ApiIR, ApiIR]:
    return CASES["jwt"].api(100, upstream), CASES["basic"].api(101, upstream)


def _beside_each(load: Path, url: str, pid: int, directory: Path, seconds: int) -> dict[str, dict[str, float]]:
    def others(seconds: int) -> subprocess.Popen[str]:
        return wrk.begun(load, url, seconds=seconds, connections=CONNECTIONS, core=LOAD_CORE)

    def flood(script: Path) -> subprocess.Popen[str]:
        return wrk.begun(script, url, seconds=seconds, connections=FLOOD_CONNECTIONS, core=LOAD_CORE)

    wrk.finished(others(2))
    alone = wrk.finished(others(seconds))
    found = {"none": _figures(alone, alone, 0, 0)}
    for name, calls in _floods().items():
        script = wrk.script(directory / f"{name}.lua", calls, delay_ms=FLOOD_DELAY_MS)
        wrk.finished(flood(script))
        before = resident(pid)
        flooding = flood(script)
        meanwhile = wrk.finished(others(seconds - 1))
        flooded = wrk.finished(flooding)
        assert flooded.refused == flooded.calls, f"not all of {name} were refused: {flooded}"
        found[name] = _figures(meanwhile, alone, flooded.refused, (resident(pid) - before) / MIB)
    return found


def _figures(meanwhile: wrk.Load, alone: wrk.Load, refused: int, growth: float) -> dict[str, float]:
    return {
        "refused": refused,
        "p50_ms": meanwhile.p50,
        "p99_ms": meanwhile.p99,
        "p99_ratio": round(meanwhile.p99 / alone.p99, 2),
        "failed": meanwhile.failed,
        "growth_mib": round(growth, 1),
    }


def _floods() -> dict[str, Calls]:
    numbers = range(DIFFERENT)
    return {
        "keys": (("/api0/items/7", {"x-api-key": f"k_{number:032d}"}) for number in numbers),
        "paths": ((f"/none{number}/{number}", {}) for number in numbers),
        "passwords": (("/api101/items/7", _sent(CASES["basic"], number)) for number in numbers),
        "tokens": (("/api100/items/7", _forged(number)) for number in numbers),
    }


def _sent(case: Case, number: int) -> dict[str, str]:
    return case.credential(number, _flooded("http://127.0.0.1:1")[0])[1]


_SIGNED = _sent(CASES["jwt"], 0)["authorization"].rpartition(".")


def _forged(number: int) -> dict[str, str]:
    head, _, signature = _SIGNED
    return {"authorization": f"{head}.{number:06d}{signature[6:]}"}


if __name__ == "__main__":
    main()
