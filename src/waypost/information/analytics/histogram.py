"""Latency as counts per logarithmic bucket: any sets of counts add up, so percentiles of any range come from rollups.

Bucket ``b`` holds durations in (GAMMA^(b-1), GAMMA^b] microseconds and stands for the value that is at most
``(GAMMA - 1) / (GAMMA + 1)``, 1.96 %, off (the mapping of DDSketch, Masson et al., VLDB 2019). Bucket 0 is up to 1 us.
"""

from __future__ import annotations

import math

GAMMA = 1.04
LOG_GAMMA = math.log(GAMMA)
MAX_US = 24 * 3600 * 1_000_000
RELATIVE_ERROR = (GAMMA - 1) / (GAMMA + 1)


def bucket_of(duration_us: int) -> int:
    """The bucket of a duration."""
    return max(0, math.ceil(math.log(min(max(duration_us, 1), MAX_US)) / LOG_GAMMA))


def value_of(bucket: int | None) -> int:
    """The duration in microseconds that a bucket stands for; 0 for no bucket at all."""
    if bucket is None:
        return 0
    return max(1, round(2 * GAMMA**bucket / (GAMMA + 1)))


def bucket_sql(column: str) -> str:
    """The same as :func:`bucket_of` in SQL."""
    return f"CAST(greatest(0, ceil(ln(least(greatest({column}, 1), {MAX_US})) / {LOG_GAMMA!r})) AS SMALLINT)"
