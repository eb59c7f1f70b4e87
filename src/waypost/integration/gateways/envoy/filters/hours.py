"""Opening hours (UTC): the time of week as a number (weekday, hour, minute: 11430 is Monday 14:30) within ranges."""

from __future__ import annotations

from waypost.contracts.ir import OpenHours, TimeWindows
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy.filters import access
from waypost.integration.gateways.envoy.filters.mutations import on_request, put
from waypost.integration.gateways.envoy.names import NOW


def filters(windows: TimeWindows | None) -> list[access.Filter]:
    """Refuses calls outside of all windows."""
    if windows is None or not windows.open:
        return []
    ranges = [{"header": {"name": NOW, "range_match": found}} for item in windows.open for found in _ranges(item)]
    outside = {"not_rule": {"or_rules": {"rules": ranges}}}
    return [("now", on_request([put(NOW, "%START_TIME(%u%H%M)%")])), access.refuse(Refusal.CLOSED, what=outside)]


def _ranges(hours: OpenHours) -> list[dict[str, int]]:
    start, end = _clock(hours.start_minute), _clock(hours.end_minute)
    return [{"start": day * 10_000 + start, "end": day * 10_000 + end} for day in hours.days]


def _clock(minute: int) -> int:
    return minute // 60 * 100 + minute % 60
