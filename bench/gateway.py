"""Figure ``gateway``: CPU per call of plain Envoy and of the full policy Envoy, against the same upstream in one run.

Full means: 500 APIs and 100,000 keys loaded; key look-up, plan limit with headers, quota check, problem
answers, access log. Both engines take turns in short rounds on one core; load and upstream have another.
CPU is the engine's own, from the operating system. The ratio is the median over pairs of rounds, so that a
neighbour on the machine disturbs one pair and not the figure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from bench import _load as wrk
from waypost.contracts.drivers import DriverOptions, GatewayDriver
from waypost.contracts.ir import ApiIR, GatewayIR, Grant, GrantDelta, Plan, RateLimit, Route, Upstream, VersionIR
from waypost.contracts.vocab import Engine
from waypost.integration.gateways.envoy import bootstrap
from waypost.integration.gateways.registry import make_driver
from waypost.kit.crypto import Secret, random_token, sha256_hex
from waypost.testing.engine import until

TYPE = "type.googleapis.com/"
HCM = f"{TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ROUTER = f"{TYPE}envoy.extensions.filters.http.router.v3.Router"
PLAN = Plan(id="plv_bench", name="bench", rate_limits=(RateLimit(requests=100_000_000, seconds=60),))
GATEWAY_CORE, LOAD_CORE = 0, 1
BODY = "x" * 200


@dataclass(frozen=True, slots=True)
class Round:
    """One round of load: microseconds of engine CPU per call, calls per second, calls per second of engine CPU."""

    cpu_us: float
    rps: float

    @property
    def rps_per_core(self) -> float:
        """What one core of the engine's CPU would answer."""
        return 1e6 / self.cpu_us


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apis", type=int, default=500)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=2)
    asyncio.run(measure(parser.parse_args()))


async def measure(args: argparse.Namespace) -> None:
    """The whole figure."""
    wrk.need_wrk()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        upstream, plain = bootstrap.free_port("127.0.0.1"), bootstrap.free_port("127.0.0.1")
        stack.enter_context(engine(_static(directory, "upstream", upstream, _answer()), LOAD_CORE))
        plain_pid = stack.enter_context(engine(_static(directory, "plain", plain, _proxy(upstream)), GATEWAY_CORE))
        driver, full = made(Engine.ENVOY, directory)
        async with served(driver) as full_pid:
            script = await load_up(driver, args, f"http://127.0.0.1:{upstream}", directory)
            for port in (plain, full):
                await asyncio.to_thread(run_load, port, script, 1)
            pairs = []
            for _ in range(args.rounds):
                one = await asyncio.to_thread(timed, plain_pid, plain, script, args.seconds)
                two = await asyncio.to_thread(timed, full_pid, full, script, args.seconds)
                pairs.append((one, two))
    report(pairs, args)


def made(name: str, directory: Path) -> tuple[GatewayDriver, int]:
    """A driver of an engine with one thread, not started yet, and the port that it will serve."""
    port = bootstrap.free_port("127.0.0.1")
    options = DriverOptions(
        gateway_id="bench",
        directory=str(directory / "gateway"),
        concurrency=1,
        probe_token=random_token("prb"),
        listen_port=port,
    )
    return make_driver(name, options), port


@asynccontextmanager
async def served(driver: GatewayDriver) -> AsyncIterator[int]:
    """The driver started, with its engine ready on the gateway's core; the engine's process id."""
    await driver.start()
    try:
        spec = driver.process()
        assert spec is not None
        with engine(spec.argv, GATEWAY_CORE, cwd=spec.cwd, stdout=spec.stdout, env=spec.env) as pid:
            await until(driver.ready)
            yield pid
    finally:
        await driver.stop()


async def load_up(driver: GatewayDriver, args: argparse.Namespace, upstream: str, directory: Path) -> Path:
    """Publish, grant, and write the load script that cycles over APIs and keys."""
    apis = [_api(number, upstream) for number in range(args.apis)]
    await driver.apply(await driver.plan(GatewayIR(gateway_id="bench", apis=tuple(apis))))
    grants = [_grant(number, apis[number % len(apis)]) for number in range(args.keys)]
    await driver.apply_grants(GrantDelta(revision=1, full=True, upsert=tuple(grants)))
    sample = grants[:: max(1, len(grants) // 2000)]
    bases = {api.id: api.base_path for api in apis}
    calls = [(f"{bases[grant.api_id]}/items/7", {"x-api-key": grant.key.reveal()}) for grant in sample]
    return wrk.script(directory / "load.lua", calls)


def timed(pid: int, port: int, script: Path, seconds: int) -> Round:
    """One round."""
    before = cpu_seconds(pid)
    calls = run_load(port, script, seconds)
    cpu = cpu_seconds(pid) - before
    return Round(cpu_us=cpu / calls * 1e6, rps=calls / seconds)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that still run (an engine's workers)."""
    process = psutil.Process(pid)
    times = [item.cpu_times() for item in (process, *process.children(recursive=True))]
    return float(sum(item.user + item.system for item in times))


def run_load(port: int, script: Path, seconds: int) -> int:
    """Run wrk; the number of calls, all of them answered 200."""
    done = wrk.finished(wrk.begun(script, f"http://127.0.0.1:{port}/", seconds=seconds, connections=32, core=LOAD_CORE))
    if done.failed:
        sys.exit(f"the load was not answered as it should be: {done}")
    return done.calls


def report(pairs: list[tuple[Round, Round]], args: argparse.Namespace) -> None:
    """The table and the JSON line."""
    plain, full = [one for one, _ in pairs], [two for _, two in pairs]
    ratio = statistics.median(two.cpu_us / one.cpu_us for one, two in pairs)
    print(f"{args.apis} APIs, {args.keys} keys, {args.rounds} pairs of {args.seconds} s; one core each\n")
    print(f"{'':14}{'CPU per call':>14}{'calls/s':>12}{'calls/s per core':>18}")
    for name, rounds in (("plain Envoy", plain), ("full policy", full)):
        cpu, rps = statistics.median(r.cpu_us for r in rounds), statistics.median(r.rps for r in rounds)
        print(f"{name:14}{cpu:>11.1f} us{rps:>12.0f}{1e6 / cpu:>18.0f}")
    print(f"{'CPU ratio':14}{ratio:>11.3f}\n")
    figures = {
        "cpu_ratio": round(ratio, 3),
        "plain_rps_per_core": round(statistics.median(item.rps_per_core for item in plain)),
        "full_rps_per_core": round(statistics.median(item.rps_per_core for item in full)),
        "apis": args.apis,
        "keys": args.keys,
    }
    print(json.dumps(figures))


@contextmanager
def engine(
    argv: Sequence[str], core: int, *, cwd: str = "", stdout: str = "", env: Mapping[str, str] | None = None
) -> Iterator[int]:
    """An engine on one core, its output in a file if one is named; its process id."""
    with Path(stdout or os.devnull).open("ab") as output:
        process = subprocess.Popen(
            wrk.pinned(core, list(argv)),
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=cwd or None,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        for worker in family:
            with suppress(psutil.NoSuchProcess):
                worker.kill()


def _api(number: int, upstream: str) -> ApiIR:
    routes = tuple(Route(id=f"op_{n}", method="GET", path=path) for n, path in enumerate(("/items", "/items/{id}")))
    version = VersionIR(id=f"ver_{number}", name="1", upstream=Upstream(url=upstream), routes=routes)
    api = ApiIR(id=f"api_{number}", slug=f"api{number}", name=f"API {number}", base_path=f"/api{number}")
    return replace(api, plans=(PLAN,), versions=(version,))


def _grant(number: int, api: ApiIR) -> Grant:
    key = random_token("k")
    return Grant(
        id=f"grn_{number}",
        api_id=api.id,
        subscription_id=f"sub_{number}",
        app_id=f"app_{number}",
        credential_id=f"crd_{number}",
        plan_id=PLAN.id,
        key=Secret(key),
        key_sha256=sha256_hex(key),
    )


def _answer() -> dict[str, Any]:
    route = {"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": BODY}}}
    return {"routes": [route], "clusters": []}


def _proxy(port: int) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(port)}}
    cluster = {
        "name": "up",
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": "up", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return {"routes": [{"match": {"prefix": "/"}, "route": {"cluster": "up"}}], "clusters": [cluster]}


def _static(directory: Path, name: str, port: int, what: dict[str, Any]) -> list[str]:
    """The command line of an engine with a fixed configuration: no policy, no log."""
    hosts = [{"name": "all", "domains": ["*"], "routes": what["routes"]}]
    filters = [{"name": "router", "typed_config": {"@type": ROUTER}}]
    http = {"@type": HCM, "stat_prefix": name, "route_config": {"virtual_hosts": hosts}, "http_filters": filters}
    chain = {"filters": [{"name": "http", "typed_config": http}]}
    listener = {"name": name, "address": _address(port), "filter_chains": [chain]}
    path = directory / f"{name}.json"
    path.write_text(json.dumps({"static_resources": {"listeners": [listener], "clusters": what["clusters"]}}))
    return [bootstrap.binary(), "-c", str(path), "--disable-hot-restart", "--concurrency", "1", "-l", "error"]


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


if __name__ == "__main__":
    main()
