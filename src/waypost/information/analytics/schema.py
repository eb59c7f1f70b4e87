"""Tables of the analytics file.

``began`` is UTC without a zone. Every call is in ``calls``; those up to the serial ``rolled`` in ``progress`` are in
all three rollups too. Rolling up many batches at once costs a fraction of doing so for each, and queries read the rest
from ``calls``: nobody sees the difference.
"""

from __future__ import annotations

TEXTS = (
    "decision_id",
    "method",
    "path",
    "api_id",
    "version_id",
    "operation_id",
    "app_id",
    "subscription_id",
    "plan_id",
    "credential_id",
    "code",
    "client_ip",
    "user_agent",
)
NUMBERS = ("status", "duration_us", "upstream_us", "bytes_in", "bytes_out")
DOUBLES = ("units",)
CALL_COLUMNS = ("began", "gateway_id", *TEXTS, *NUMBERS, *DOUBLES)
KEYS = (
    "api_id",
    "version_id",
    "operation_id",
    "app_id",
    "subscription_id",
    "plan_id",
    "gateway_id",
    "status",
    "code",
    "bucket",
)
SUMS = ("calls", "bytes_in", "bytes_out")
MAKE = "CREATE TABLE IF NOT EXISTS"
BEGAN = "began TIMESTAMP NOT NULL"
LEVELS = ("minute", "hour", "day")


def rollup(level: str) -> str:
    """The table of a level."""
    return f"rollup_{level}"


def statements() -> list[str]:
    """What makes the tables where they are missing."""
    numbers = ", ".join(f"{name} {'SMALLINT' if name == 'status' else 'BIGINT'} NOT NULL" for name in NUMBERS)
    texts = ", ".join(f"{name} VARCHAR NOT NULL" for name in TEXTS)
    keys = ", ".join(f"{name} {'SMALLINT' if name in ('status', 'bucket') else 'VARCHAR'} NOT NULL" for name in KEYS)
    sums = ", ".join(f"{name} BIGINT NOT NULL" for name in SUMS)
    made = [
        f"{MAKE} compacted(level VARCHAR NOT NULL, until TIMESTAMP NOT NULL)",
        f"{MAKE} progress(rolled BIGINT NOT NULL)",
        "INSERT INTO progress SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM progress)",
        f"{MAKE} ledger(gateway_id VARCHAR NOT NULL, spool VARCHAR NOT NULL, number BIGINT NOT NULL)",
        f"{MAKE} calls({BEGAN}, serial BIGINT NOT NULL, gateway_id VARCHAR NOT NULL, {texts}, {numbers})",
    ]
    # Files of an earlier release lack them.
    made += [f"ALTER TABLE calls ADD COLUMN IF NOT EXISTS {name} DOUBLE DEFAULT 0" for name in DOUBLES]
    made += [f"{MAKE} {rollup(level)}({BEGAN}, {keys}, {sums})" for level in LEVELS]
    return made
