"""What a database says when it cannot, told as problems that a caller can act on."""

from __future__ import annotations

import socket

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from waypost.kit.errors import Invalid, Problem, Unavailable

NO_CONNECTION = (ConnectionError, socket.gaierror)
UNSTORABLE = (OverflowError, UnicodeEncodeError)
BUSY = ("40001", "40P01", "55P03")  # serialization failure, deadlock, lock not available
DOWN = ("08", "53", "57", "58")  # connection, resources (disk full), operator intervention, system error


class StoreUnavailable(Unavailable):
    """The database is not reachable, or its disk is full."""

    code = "store_unavailable"
    title = "The hub's database does not answer as it should"
    hint = "Nothing was changed. Try again; see whether the disk is full and the database server runs."


class StoreBusy(Unavailable):
    """Others were writing the same things for too long."""

    code = "store_busy"
    title = "Too much is being changed at once"
    hint = "Nothing was changed. Try again in a moment."


class NotStorable(Invalid):
    """A value that no database takes: a NUL character, half a surrogate pair, a number or a time out of range."""

    code = "not_storable"
    title = "A value holds something that cannot be stored"
    hint = "Remove control characters from texts; keep numbers within their range."


def as_problem(error: Exception) -> Problem | None:
    """The problem that ``error`` stands for; None for what is a mistake of ours or has a meaning to the caller."""
    if isinstance(error, UNSTORABLE) or isinstance(getattr(error, "orig", None), UNSTORABLE):
        return NotStorable()
    if isinstance(error, PoolTimeoutError):
        return StoreBusy()
    if isinstance(error, NO_CONNECTION):
        return StoreUnavailable(type(error).__name__)
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return None
    return _of_database(error)


def _of_database(error: DBAPIError) -> Problem | None:
    state = str(getattr(error.orig, "sqlstate", None) or "")
    text = str(error.orig).lower()
    if state in BUSY or "database is locked" in text:
        return StoreBusy()
    if state.startswith("22") or "invalid input for query argument" in text:
        return NotStorable()
    if error.connection_invalidated or state.startswith(DOWN):
        return StoreUnavailable()
    sqlite_fault = any(word in text for word in ("full", "i/o error", "readonly", "unable to open", "malformed"))
    if isinstance(error, OperationalError | InterfaceError) and (not state and (sqlite_fault or "connection" in text)):
        return StoreUnavailable()
    return None
