"""Questions as SQL. One shape answers all: pieces of a range, grouped by a key, with percentiles from the buckets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from waypost.information.analytics.histogram import bucket_sql
from waypost.information.analytics.ranges import Piece
from waypost.information.analytics.schema import CALL_COLUMNS, KEYS, rollup
from waypost.information.analytics.store import AnalyticsFilter, Dimension, Interval, Scope
from waypost.kit.paging import BadCursor, decode_cursor

EQUALS = ("api_id", "version_id", "operation_id", "app_id", "subscription_id", "plan_id", "gateway_id")
COLUMNS = {dimension: f"{dimension}_id" for dimension in Dimension} | {
    Dimension.STATUS: "CAST(status AS VARCHAR)",
    Dimension.CODE: "code",
}
COUNTS = {"ok": "status < 400", "client": "status // 100 = 4", "server": "status >= 500", "refused": "code <> ''"}
Statement = tuple[str, dict[str, Any]]
_FRESH = " AND serial > (SELECT rolled FROM progress)"


def grouped(
    key: str, pieces: Sequence[Piece], scope: Scope, where: AnalyticsFilter, *, limit: int, busiest: bool
) -> Statement:
    """Rows (key, calls, ok, 4xx, 5xx, refused, bytes_in, bytes_out, apps, p50, p95, p99 as bucket numbers)."""
    condition, arguments = conditions(scope, where)
    sources = []
    for number, piece in enumerate(pieces):
        arguments |= {f"start{number}": piece.start, f"end{number}": piece.end}
        sources.append(_source(piece, number, condition))
    order = "calls DESC, key" if busiest else "key"
    counts = ", ".join(f"COALESCE(SUM(calls) FILTER ({test}), 0) AS {name}" for name, test in COUNTS.items())
    ranks = ", ".join(f"MIN(bucket) FILTER (so_far >= ceil({share} * total))" for share in (0.50, 0.95, 0.99))
    sql = f"""
        WITH source AS ({" UNION ALL ".join(sources)}),
        apps AS (SELECT {key} AS key, COUNT(DISTINCT app_id) FILTER (app_id <> '') AS apps FROM source GROUP BY ALL),
        histogram AS (
          SELECT {key} AS key, bucket, SUM(calls) AS calls, {counts}, SUM(bytes_in) AS bytes_in,
            SUM(bytes_out) AS bytes_out
          FROM source GROUP BY ALL),
        ranked AS (
          SELECT *, SUM(calls) OVER (PARTITION BY key ORDER BY bucket) AS so_far,
            SUM(calls) OVER (PARTITION BY key) AS total FROM histogram)
        SELECT key, SUM(calls) AS calls, SUM(ok), SUM(client), SUM(server), SUM(refused), SUM(bytes_in), SUM(bytes_out),
          ANY_VALUE(apps), {ranks}
        FROM ranked JOIN apps USING (key) GROUP BY key ORDER BY {order} LIMIT {int(limit)}"""  # noqa: S608
    return sql, arguments


def callers(days: Piece, scope: Scope, where: AnalyticsFilter, *, limit: int) -> Statement:
    """Rows (subscription, its calls, its apps), the busiest first; before them all calls and all apps."""
    condition, arguments = conditions(scope, where)
    span = f"began >= $start0 AND began < $end0 AND {condition}"
    sql = f"""
        SELECT subscription_id AS key, SUM(calls) AS calls, COUNT(DISTINCT app_id) FILTER (app_id <> '')
        FROM (SELECT subscription_id, app_id, calls FROM {rollup(days.level)} WHERE {span}
          UNION ALL SELECT subscription_id, app_id, 1 AS calls FROM calls WHERE {span}{_FRESH})
        GROUP BY GROUPING SETS ((), subscription_id)
        ORDER BY GROUPING(subscription_id) DESC, calls DESC, key LIMIT {int(limit) + 1}"""  # noqa: S608
    return sql, arguments | {"start0": days.start, "end0": days.end}


def time_key(interval: Interval) -> str:
    """The key of a series."""
    return f"date_trunc('{interval.value}', began)"


def newest_calls(scope: Scope, where: AnalyticsFilter, *, limit: int, cursor: str | None) -> Statement:
    """Single calls, newest first, one more than ``limit``."""
    condition, arguments = conditions(scope, where)
    arguments |= {"start": where.start, "end": where.end}
    after = ""
    if cursor:
        began, decision_id = _cursor(cursor)
        arguments |= {"before": began, "last": decision_id}
        after = " AND (began < $before OR (began = $before AND decision_id < $last))"
    sql = (
        f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE began >= $start AND began < $end AND {condition}{after} "  # noqa: S608
        f"ORDER BY began DESC, decision_id DESC LIMIT {int(limit) + 1}"
    )
    return sql, arguments


def one_call(scope: Scope, decision_id: str) -> Statement:
    """The call with this decision id."""
    condition, arguments = _scoped(scope)
    sql = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE decision_id = $decision AND {condition} LIMIT 1"  # noqa: S608
    return sql, arguments | {"decision": decision_id}


def conditions(scope: Scope, where: AnalyticsFilter) -> Statement:
    """What a row must meet, apart from its time."""
    scoped, arguments = _scoped(scope)
    parts = [scoped]
    for name in EQUALS:
        if value := getattr(where, name):
            parts.append(f"{name} = ${name}")
            arguments[name] = value
    if where.status_class is not None:
        parts.append(f"status // 100 = {int(where.status_class)}")
    return " AND ".join(parts), arguments


def _scoped(scope: Scope) -> Statement:
    if scope.everything:
        return "TRUE", {}
    parts, arguments = ["FALSE"], {}
    for column, ids in (("api_id", scope.api_ids), ("app_id", scope.app_ids)):
        known = sorted(ids - {""})  # an empty id means "not known": it is nobody's
        if known:
            parts.append(f"list_contains(${column}s::VARCHAR[], {column})")
            arguments[f"{column}s"] = known
    return f"({' OR '.join(parts)})", arguments


def _source(piece: Piece, number: int, condition: str) -> str:
    span = f"began >= $start{number} AND began < $end{number} AND {condition}"
    if piece.level == "call":
        return _calls(span)
    rolled = f"SELECT began, {', '.join(KEYS)}, calls, bytes_in, bytes_out FROM {rollup(piece.level)} WHERE {span}"  # noqa: S608
    return f"{rolled} UNION ALL {_calls(span + _FRESH)}"


def _calls(span: str) -> str:
    keys = ", ".join(f"{bucket_sql('duration_us')} AS bucket" if key == "bucket" else key for key in KEYS)
    return f"SELECT began, {keys}, 1 AS calls, bytes_in, bytes_out FROM calls WHERE {span}"  # noqa: S608


def _cursor(cursor: str) -> tuple[datetime, str]:
    began, decision_id = decode_cursor(cursor, size=2)
    try:
        at = datetime.fromisoformat(began)
    except (TypeError, ValueError) as error:
        raise BadCursor from error
    if not isinstance(decision_id, str) or at.tzinfo is not None:
        raise BadCursor
    return at, decision_id
