"""Templates of edits as log-format strings: literal text and what the engine knows of the call."""

from __future__ import annotations

import re

from waypost.contracts.ir import templates
from waypost.integration.gateways.haproxy import claims, labels
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
    "plan.name": f"var(txn.c),field({labels.PLAN},~),concat(/,txn.api,/name),map_str(plans.map)",
}


_OF_THE_REQUEST = ("request.header", "request.query")
_NO_NAME = re.compile(r"[^a-z0-9_]")


def text(template: str) -> str:
    """The log-format string of a template. ValueError for what this engine cannot fill in."""
    return "".join(_piece(piece, "") for piece in templates.parse(template))


def path_text(template: str) -> str:
    """The same for a path or a query: what a variable holds is percent-encoded."""
    return "".join(_piece(piece, ",url_enc") for piece in templates.parse(template))


def kept(template: str) -> list[str]:
    """Rules that keep what only the request knows, for a template that is filled in on the way back."""
    variables = [piece for piece in templates.parse(template) if isinstance(piece, templates.Variable)]
    asked = [variable for variable in variables if variable.source in _OF_THE_REQUEST]
    return [f"http-request set-var({_kept_in(variable)}) {_expression(variable)}" for variable in asked]


def answer_text(template: str) -> str:
    """The log-format string of a template on the way back; :func:`kept` has to have run."""
    return "".join(
        f"%[var({_kept_in(piece)})]"
        if isinstance(piece, templates.Variable) and piece.source in _OF_THE_REQUEST
        else _piece(piece, "")
        for piece in templates.parse(template)
    )


def asks_for_host(template: str) -> bool:
    """True where the caller's ``Host`` is asked for, which is rewritten before headers are edited."""
    pieces = templates.parse(template)
    return any(isinstance(piece, templates.Variable) and piece.source == "request.host" for piece in pieces)


def _kept_in(variable: templates.Variable) -> str:
    return f"txn.kept_{_NO_NAME.sub('_', f'{variable.source}_{variable.name}'.lower())}"


def _piece(piece: str | templates.Variable, after: str) -> str:
    return literal(piece) if isinstance(piece, str) else f"%[{_expression(piece)}{after}]"


def _expression(variable: templates.Variable) -> str:
    if variable.source in _FIELDS:
        return f"var(txn.c),field({_FIELDS[variable.source]},~)"
    if variable.source in _SIMPLE:
        return _SIMPLE[variable.source]
    if variable.source == "request.header":
        return f"req.fhdr({variable.name.lower()})"
    if variable.source == "request.query":
        return f"url_param({variable.name})"
    # A control character would end the header.
    return f"{claims.value(variable.name)},regsub([[:cntrl:]],,g)"
