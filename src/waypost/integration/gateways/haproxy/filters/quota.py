"""Quotas. The hub counts; a grant that it marked exhausted says so in its label, and its calls answer 429."""

from __future__ import annotations

from datetime import UTC, datetime

from waypost.contracts.vocab import Refusal, Window
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.problems import because, deny

_YEARS = 30
# Seconds to the end of a window of the calendar; the epoch began on a Thursday.
_SECONDS = {
    Window.HOUR: "%[date,mod(3600),neg,add(3600)]",
    Window.DAY: "%[date,mod(86400),neg,add(86400)]",
    Window.WEEK: "%[date,add(259200),mod(604800),neg,add(604800)]",
    Window.MONTH: "%[date,utime(%Y-%m),map_str_int({months}),sub(txn.now)]",
}


def rules(context: Context) -> list[str]:
    """Refuse where the label says so."""
    if not context.api.guarded:
        return []
    files, lines = context.files, []
    for window, expression in _SECONDS.items():
        marked = f"{{ var(txn.c) -m end ~{window.value} }}"
        seconds = expression.format(months=files.map("months"))
        if window is Window.MONTH:
            lines.append(f"http-request set-var(txn.now) date if {marked}")
        lines.append(because(f"{Refusal.QUOTA_EXCEEDED}.{window.value}", marked))
        lines.append(deny(429, ("retry-after", seconds)))
    return lines


def months() -> dict[str, str]:
    """``2026-11`` -> the second at which the month after it begins."""
    first = datetime.now(UTC).year - 1
    found = {}
    for number in range(_YEARS * 12):
        year, month = first + number // 12, number % 12 + 1
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        found[f"{year}-{month:02}"] = str(int(following.timestamp()))
    return found
