"""Load by wrk. It has no option for a rate: where one is wanted, every connection waits before each of its calls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_SCRIPT = """\
local calls, at = {{}}, 0
function init(args)
  for line in io.lines("{calls}") do
    local path, rest = line:match("^([^\\t]+)(.*)$")
    local headers = {{}}
    for name, value in rest:gmatch("\\t([^\\t:]+):([^\\t]*)") do headers[name] = value end
    calls[#calls + 1] = wrk.format("GET", path, headers)
  end
end
function request()
  at = at % #calls + 1
  return calls[at]
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. Latencies in milliseconds; ``refused`` were not answered 2xx or 3xx, ``lost`` not at all."""

    calls: int
    refused: int
    lost: int
    p50: float
    p99: float

    @property
    def failed(self) -> int:
        """All that did not succeed."""
        return self.refused + self.lost


def need_wrk() -> None:
    """End where wrk is not installed."""
    if shutil.which("wrk") is None:
        sys.exit("this figure needs wrk: apt-get install wrk")


def pinned(core: int, command: list[str]) -> list[str]:
    """The command on one core, where there are so many."""
    cores = len(os.sched_getaffinity(0))
    return ["taskset", "-c", str(core), *command] if cores > core and shutil.which("taskset") else command


def script(path: Path, calls: Iterable[tuple[str, Mapping[str, str]]], *, delay_ms: int = 0) -> Path:
    """A script that cycles over calls: a path and headers each."""
    listed = path.with_suffix(".calls")
    listed.write_text("".join("\t".join((target, *_lines(headers))) + "\n" for target, headers in calls))
    waiting = f"function delay() return {delay_ms} end\n" if delay_ms else ""
    path.write_text(_SCRIPT.format(calls=listed) + waiting)
    return path


def begun(script: Path, url: str, *, seconds: int, connections: int, core: int | None = None) -> subprocess.Popen[str]:
    """wrk with a script, in a session of its own.

    Of two sessions on one core Linux (sched_autogroup) starves one for up to a second where the other has a busy
    process on another core as well.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    argv = command if core is None else pinned(core, command)
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)


def finished(load: subprocess.Popen[str]) -> Load:
    """Wait for it."""
    output, _ = load.communicate()
    calls = re.search(r"(\d+) requests in", output)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    assert calls, output
    return Load(
        calls=int(calls[1]),
        refused=int(refused[1]) if refused else 0,
        lost=sum(map(int, lost.groups())) if lost else 0,
        p50=_percentile(output, 50),
        p99=_percentile(output, 99),
    )


def _percentile(output: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output)
    assert found, output
    return round(float(found[1]) * _MS[found[2]], 3)


def _lines(headers: Mapping[str, str]) -> Iterable[str]:
    return (f"{name}:{value}" for name, value in headers.items())
