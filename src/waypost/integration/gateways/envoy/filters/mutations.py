"""Steps that write headers inside the engine, one after the other.

A value is a format string, and one that comes out empty writes nothing: so "set, if there is something" and "put a
word before it, if it is there" are two steps, and no expression has to be evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from envoy.extensions.filters.http.header_mutation.v3 import header_mutation_pb2

from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.names import KEY, SENT, WAY

Step = dict[str, Any]
Written = Callable[..., Iterable[Step]]
"""How a credential is written where it is looked up: :func:`look_up` or :func:`look_up_only`."""


def put(name: str, value: str) -> Step:
    """Set a header; nothing where the value is empty."""
    return _step(name, value, "OVERWRITE_IF_EXISTS_OR_ADD")


def replace(name: str, value: str) -> Step:
    """Set a header that is there already."""
    return _step(name, value, "OVERWRITE_IF_EXISTS")


def append(name: str, value: str) -> Step:
    """Add a header beside those of that name."""
    return _step(name, value, "APPEND_IF_EXISTS_OR_ADD")


def remove(name: str) -> Step:
    """Take a header away."""
    return {"remove": name}


def look_up(kind: str, value: str, whole: str = "") -> Iterable[Step]:
    """Have ``<kind> <value>`` looked up where ``value`` is not empty (``whole``: the text after the kind, if another).

    The kind's first four letters become ``WAY``.
    """
    yield remove(SENT)
    yield put(SENT, value)
    yield replace(SENT, f"{kind} {whole or value}")
    yield put(KEY, f"%REQ({SENT})%")
    yield put(WAY, f"%REQ({SENT}):4%")


def look_up_only(kind: str, value: str, whole: str = "") -> Iterable[Step]:
    """The same where this is the only way: there is nothing to overwrite, and no doubt what was sent."""
    yield put(KEY, value)
    yield replace(KEY, f"{kind} {whole or value}")


def on_request(steps: Iterable[Step]) -> Any:
    """The filter's configuration."""
    data = {"mutations": {"request_mutations": list(steps)}}
    return wire.pack(wire.parse(header_mutation_pb2.HeaderMutation, data))


def _step(name: str, value: str, action: str) -> Step:
    return {"append": {"header": {"key": name, "value": value}, "append_action": action}}
