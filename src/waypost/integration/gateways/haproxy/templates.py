"""Templates of edits as log-format strings: literal text and what the engine knows of the call."""

from __future__ import annotations

from waypost.contracts.ir import templates
from waypost.integration.gateways.haproxy import labels
from waypost.integration.gateways.haproxy.text import literal

_FIELDS = {
    "app.id": labels.APP,
    "subscription.id": labels.SUBSCRIPTION,
    "credential.id": labels.CREDENTIAL,
    "plan.id": labels.PLAN,
}
_SIMPLE = {
    "request.id": "unique-id",
    "request.method": "var(txn.m)",
    "request.path": "var(txn.path)",
    "request.host": "var(txn.host)",
    "request.ip": "src",
    "plan.name": "var(txn.planname)",
}


def text(template: str) -> str:
    """The log-format string of a template. ValueError for what this engine cannot fill in."""
    return "".join(_piece(piece) for piece in templates.parse(template))


def _piece(piece: str | templates.Variable) -> str:
    if isinstance(piece, str):
        return literal(piece)
    if piece.source in _FIELDS:
        return f"%[var(txn.c),field({_FIELDS[piece.source]},~)]"
    if piece.source in _SIMPLE:
        return f"%[{_SIMPLE[piece.source]}]"
    if piece.source == "request.header":
        return f"%[req.fhdr({piece.name.lower()})]"
    raise ValueError(f"this engine cannot fill in `{piece.source}`")
