"""Figure ``policies``: CPU per call of each policy alone and of a typical set, per engine.

In one run, against one upstream (nginx that answers by itself): plain nginx, each engine as a bare proxy, and each
engine as the gateway with one policy set after the other. All have one thread on the same core and take turns in short
rounds; load and upstream have another core. CPU is the engine's own, from the operating system. The typical set is a
key, a plan limit with its headers, CORS, header edits and the log, with 500 APIs and 100,000 keys loaded.
``typical_cpu_ratio`` is against the same engine bare; ``typical_rps_vs_nginx`` compares calls per second of CPU with
plain nginx.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import _load as wrk
from bench import _servers
from bench._policies import Case, cases
from bench.gateway import GATEWAY_CORE, LOAD_CORE, Round, engine, made, run_load, served, timed
from waypost.contracts.drivers import GatewayDriver
from waypost.contracts.ir import ApiIR, GatewayIR, GrantDelta
from waypost.contracts.ir.needs import missing
from waypost.integration.gateways.envoy.bootstrap import free_port
from waypost.integration.gateways.registry import factories

Plain = Callable[[Path, int, int], list[str]]
PLAIN: dict[str, Plain] = {"envoy": _servers.plain_envoy, "haproxy": _servers.plain_haproxy}
TYPICAL = "typical"


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of one case: microseconds of CPU per call, its ratio to the bare engine, its rate against nginx."""

    cpu_us: float
    cpu_ratio: float
    rps_vs_nginx: float


@dataclass(frozen=True, slots=True)
class Target:
    """A process under load."""

    pid: int
    port: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", choices=[item.value for item in factories()], default=None)
    parser.add_argument("--case", action="append", help="only cases whose name has this in it")
    parser.add_argument("--apis", type=int, default=500)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    args = parser.parse_args()
    wrk.need_wrk()
    wanted = [item for item in cases(apis=args.apis, keys=args.keys) if _wanted(item, args.case)]
    results = {name: asyncio.run(measure(name, wanted, args)) for name in args.engine or list(PLAIN)}
    report(results)


async def measure(name: str, wanted: list[Case], args: argparse.Namespace) -> dict[str, Measured]:
    """All cases on one engine; a case that the engine does not do is left out and shows as a dash."""
    found = {}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        upstream, nginx, plain = (free_port("127.0.0.1") for _ in range(3))
        stack.enter_context(engine(_servers.nginx_upstream(directory, upstream), LOAD_CORE))
        nginx_pid = stack.enter_context(engine(_servers.plain_nginx(directory, nginx, upstream), GATEWAY_CORE))
        plain_pid = stack.enter_context(engine(PLAIN[name](directory, plain, upstream), GATEWAY_CORE))
        bare = [Target(nginx_pid, nginx), Target(plain_pid, plain)]
        for number, case in enumerate(wanted):
            place = directory / str(number)
            await asyncio.to_thread(place.mkdir)
            result = await _case(name, case, place, bare, upstream, args)
            if result is not None:
                found[case.name] = result
                print(f"{name:8} {case.name:22} {result.cpu_us:7.1f} us  {result.cpu_ratio:5.2f}", file=sys.stderr)
    return found


async def _case(
    name: str, case: Case, directory: Path, bare: list[Target], upstream: int, args: argparse.Namespace
) -> Measured | None:
    apis = [case.api(number, f"http://127.0.0.1:{upstream}") for number in range(case.apis)]
    driver, port = made(name, directory)
    if missing(apis[0], driver.info.capabilities):
        return None
    async with served(driver) as pid:
        script = await load_up(driver, case, apis, directory)
        rounds = await asyncio.to_thread(_rounds, [*bare, Target(pid, port)], script, args)
    return _measured(rounds)


async def load_up(driver: GatewayDriver, case: Case, apis: list[ApiIR], directory: Path, *, delay_ms: int = 0) -> Path:
    """Publish, grant, and write the load script that cycles over APIs and callers."""
    result = await driver.apply(await driver.plan(GatewayIR(gateway_id="bench", apis=tuple(apis))))
    refused = [item.reason for item in result.outcomes if item.state != "live"]
    assert not refused, refused[0]
    count = case.keys if case.kind else 0
    made = [case.credential(number, apis[number % len(apis)]) for number in range(count)]
    await driver.apply_grants(GrantDelta(revision=1, full=True, upsert=tuple(grant for grant, _ in made)))
    bases = {api.id: api.base_path for api in apis}
    sample = [(bases[grant.api_id], sent) for grant, sent in made[:: max(1, count // 2000)]]
    called = sample or [(api.base_path, dict(case.extra)) for api in apis]
    return wrk.script(directory / "load.lua", [(f"{base}/items/7", sent) for base, sent in called], delay_ms=delay_ms)


def _rounds(targets: list[Target], script: Path, args: argparse.Namespace) -> list[list[Round]]:
    for target in targets:
        run_load(target.port, script, 1)
    return [[timed(item.pid, item.port, script, args.seconds) for item in targets] for _ in range(args.rounds)]


def _measured(rounds: list[list[Round]]) -> Measured:
    return Measured(
        cpu_us=statistics.median(full.cpu_us for _, _, full in rounds),
        cpu_ratio=statistics.median(full.cpu_us / plain.cpu_us for _, plain, full in rounds),
        rps_vs_nginx=statistics.median(nginx.cpu_us / full.cpu_us for nginx, _, full in rounds),
    )


def report(results: dict[str, dict[str, Measured]]) -> None:
    """The table and the JSON line."""
    table = Table("policy set", *(f"{name}: {what}" for name in results for what in ("us", "x bare", "of nginx")))
    for case in dict.fromkeys(case for found in results.values() for case in found):
        table.add_row(case, *(cell for found in results.values() for cell in _cells(found.get(case))))
    Console().print(table)
    print(json.dumps({"policies": {name: _figures(found) for name, found in results.items()}}))


def _cells(result: Measured | None) -> Iterator[str]:
    values = (result.cpu_us, result.cpu_ratio, result.rps_vs_nginx) if result else (None, None, None)
    yield from (f"{value:.2f}" if value is not None else "-" for value in values)


def _figures(found: dict[str, Measured]) -> dict[str, object]:
    typical = found.get(TYPICAL)
    return {
        "typical_cpu_ratio": round(typical.cpu_ratio, 3) if typical else None,
        "typical_rps_vs_nginx": round(typical.rps_vs_nginx, 3) if typical else None,
        "per_policy": {name: round(result.cpu_ratio, 3) for name, result in found.items()},
    }


def _wanted(case: Case, names: list[str] | None) -> bool:
    return not names or any(name in case.name for name in names)


if __name__ == "__main__":
    main()
