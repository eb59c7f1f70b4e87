"""Sections that APIs' own sections continue: rules written once, run before an API's own (``defaults … from``).

``engine`` holds timeouts and error bodies, ``served`` what every answer of an upstream needs, ``limited`` what limits
say of themselves; ``common1`` and ``common2`` enforce a plan's one or two windows for APIs that need no other limits.
"""

from __future__ import annotations

from collections.abc import Iterator

from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.filters import rate_limit

ENGINE, _SERVED, _LIMITED, _COMMON = "engine", "served", "limited", "common"


def name(windows: int | None, *, limited: bool) -> str:
    """Which one an API continues; ``windows`` are a common API's, None for one that has its rules itself."""
    if not limited:
        return _SERVED
    return _LIMITED if windows is None else f"{_COMMON}{windows}"


def sections(settings: GatewaySettings, files: Files) -> Iterator[tuple[str, list[str]]]:
    """Name and rules of each."""
    yield _SERVED, _served()
    yield _LIMITED, [*_served(), *rate_limit.response_rules(settings)]
    for windows in range(1, len(rate_limit.COMMON) + 1):
        limits = rate_limit.common_rules(windows, settings, files)
        yield f"{_COMMON}{windows}", [*limits, *_served(), *rate_limit.response_rules(settings)]


def _served() -> list[str]:
    return [
        "http-response set-var(txn.t2) date(0,us)",
        "http-response del-header keep-alive",
        "http-response del-header proxy-connection",
    ]
