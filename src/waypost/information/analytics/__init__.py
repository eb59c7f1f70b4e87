"""Calls, counted and kept: the analytics port and its engines."""

from waypost.information.analytics.duckdb import DuckDbAnalytics, open_analytics
from waypost.information.analytics.store import (
    AnalyticsFilter,
    AnalyticsStore,
    Breakdown,
    Callers,
    CallPage,
    CallRecord,
    Dimension,
    Interval,
    Point,
    RangeTooLong,
    Retention,
    Scope,
    Summary,
)

__all__ = [
    "AnalyticsFilter",
    "AnalyticsStore",
    "Breakdown",
    "CallPage",
    "CallRecord",
    "Callers",
    "Dimension",
    "DuckDbAnalytics",
    "Interval",
    "Point",
    "RangeTooLong",
    "Retention",
    "Scope",
    "Summary",
    "open_analytics",
]
