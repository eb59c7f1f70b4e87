"""Calendar windows: what holds for every moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from waypost.contracts.vocab import Window
from waypost.contracts.windows import LENGTHS, STEPS, rolling_start, step_leaves, step_start, window_end, window_start

MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(st.sampled_from(list(Window)), MOMENTS)
def test_every_moment_lies_in_exactly_one_window(window: Window, at: datetime) -> None:
    start, end = window_start(window, at), window_end(window, at)
    assert start <= at < end
    assert window_start(window, end) == end, "the next window begins where this one ends"
    assert window_start(window, end - timedelta(microseconds=1)) == start


def test_named_moments() -> None:
    leap = datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)
    assert window_end(Window.HOUR, leap) == window_end(Window.DAY, leap)
    assert window_start(Window.WEEK, leap) == datetime(2028, 2, 28, tzinfo=UTC), "a Monday"
    assert window_end(Window.MONTH, leap) == window_end(Window.DAY, leap) == datetime(2028, 3, 1, tzinfo=UTC)
    assert window_end(Window.MONTH, datetime(2026, 12, 5, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


@given(st.sampled_from(list(Window)), MOMENTS)
def test_a_rolling_window_holds_at_least_its_length_and_less_than_a_step_more(window: Window, at: datetime) -> None:
    start, step = step_start(window, at), STEPS[window]
    assert start <= at < start + step
    assert LENGTHS[window] <= at - rolling_start(window, at) < LENGTHS[window] + step
    first = rolling_start(window, at)
    leaves = step_leaves(window, first)
    assert rolling_start(window, leaves) > first >= rolling_start(window, leaves - timedelta(microseconds=1))
    assert LENGTHS[window] % step == timedelta(0) == timedelta(days=1) % step
