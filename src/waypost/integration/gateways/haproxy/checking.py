"""Asking the engine whether a configuration is sound, and whose fault it is where it is not."""

from __future__ import annotations

import asyncio
import re

from waypost.integration.gateways.haproxy.bootstrap import binary
from waypost.integration.gateways.haproxy.config import Configuration

CONFIG = "engine.cfg"
_ALERT = re.compile(r"\[ALERT\]\s+\(\d+\) : (?:config : )?(.*)")
_LINE = re.compile(rf"\[{re.escape(CONFIG)}:(\d+)\]")
_NAMED = re.compile(r"'api:([^']+)'|templates-([A-Za-z0-9_.:~-]+)\.map")
_DEADLINE = 60


async def check(directory: str) -> list[str]:
    """What the engine says against the configuration in ``directory``; empty where it is sound."""
    process = await asyncio.create_subprocess_exec(
        *(binary(), "-c", "-f", CONFIG),
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(_DEADLINE):
        _, told = await process.communicate()
    if process.returncode == 0:
        return []
    alerts = _ALERT.findall(told.decode(errors="replace"))
    return alerts or [f"the engine ended with {process.returncode}"]


def blame(alerts: list[str], configuration: Configuration) -> dict[str, str]:
    """API id -> what is wrong with it, as far as the alerts name a line or a section."""
    found: dict[str, str] = {}
    for alert in alerts:
        for api_id in _culprits(alert, configuration):
            found.setdefault(api_id, _LINE.sub("", alert).strip(" :"))
    return found


def _culprits(alert: str, configuration: Configuration) -> tuple[str, ...]:
    line = _LINE.search(alert)
    if line:
        return configuration.at(int(line[1]))
    named = _NAMED.search(alert)
    if named is None:
        return ()
    return configuration.named(named[1]) if named[1] else (named[2],)
