"""Calls, counted and kept: the analytics port and its engines."""

from waypost.information.analytics.store import (
    AnalyticsFilter,
    AnalyticsStore,
    Breakdown,
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
    "Dimension",
    "Interval",
    "Point",
    "RangeTooLong",
    "Retention",
    "Scope",
    "Summary",
]
