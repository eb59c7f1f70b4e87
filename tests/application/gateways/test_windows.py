"""Calendar windows: what holds for every moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from waypost.application.grants.windows import window_end, window_start
from waypost.contracts.vocab import Window

MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(st.sampled_from(list(Window)), MOMENTS)
def test_every_moment_lies_in_exactly_one_window(window: Window, at: datetime) -> None:
    start, end = window_start(window, at), window_end(window, at)
    assert start <= at < end
    assert window_start(window, end) == end, "the next window begins where this one ends"
    assert window_start(window, end - timedelta(microseconds=1)) == start


def test_named_moments() -> None:
    leap = datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)
    assert window_end(Window.MONTH, leap) == window_end(Window.DAY, leap) == datetime(2028, 3, 1, tzinfo=UTC)
    assert window_end(Window.MONTH, datetime(2026, 12, 5, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
