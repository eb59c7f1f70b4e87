"""Templates of edits as log-format strings: literal text and what the engine knows of the call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from waypost.contracts.ir import templates
from waypost.integration.gateways.haproxy import claims, labels
from waypost.integration.gateways.haproxy.text import literal, word

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


def text(template: str) -> str:
    """The log-format string of a template; :func:`kept` has to have run. ValueError where it cannot be filled in."""
    return "".join(_piece(piece, "") for piece in templates.parse(template))


def path_text(template: str) -> str:
    """The same for a path: what a variable holds is percent-encoded, once."""
    return "".join(_piece(piece, _encoded(piece)) for piece in templates.parse(template))


def query_text(template: str) -> str:
    """The same for a query, where the text between the variables is data as well."""
    pieces = (quote(piece, safe="") if isinstance(piece, str) else piece for piece in templates.parse(template))
    return "".join(_piece(piece, _encoded(piece)) for piece in pieces)


def _encoded(piece: str | templates.Variable) -> str:
    sent_so = isinstance(piece, templates.Variable) and piece.source == "request.query"
    return ",url_dec(1),url_enc" if sent_so else ",url_enc"


def kept(given: Iterable[str]) -> list[str]:
    """Rules that keep what the templates ask of the request, before anything is edited and for the way back."""
    asked = {_kept_in(piece): _sent(piece) for template in given for piece in _of_the_request(template)}
    return [f"http-request set-var({name}) {expression}" for name, expression in asked.items()]


def asks_for_host(template: str) -> bool:
    """True where the caller's ``Host`` is asked for, which is rewritten before headers are edited."""
    pieces = templates.parse(template)
    return any(isinstance(piece, templates.Variable) and piece.source == "request.host" for piece in pieces)


def _of_the_request(template: str) -> Iterator[templates.Variable]:
    for piece in templates.parse(template):
        if isinstance(piece, templates.Variable) and piece.source in _OF_THE_REQUEST:
            yield piece


def _sent(variable: templates.Variable) -> str:
    if variable.source == "request.header":
        return f"req.fhdr({variable.name.lower()},1)"
    # The engine's own fetch takes `;` and `?` for the end of a parameter as well.
    pattern = rf"^(?:.*?&)??{re.escape(variable.name)}=([^&]*).*$|^.*$".replace("\\", "\\\\")
    return word(f'query,regsub("{pattern}","\\1")')


def _kept_in(variable: templates.Variable) -> str:
    name = variable.name.lower() if variable.source == "request.header" else variable.name
    return f"txn.kept_{variable.source[-5]}{name.encode().hex()}"


def _piece(piece: str | templates.Variable, after: str) -> str:
    return literal(piece) if isinstance(piece, str) else f"%[{_expression(piece)}{after}]"


def _expression(variable: templates.Variable) -> str:
    if variable.source in _FIELDS:
        return f"var(txn.c),field({_FIELDS[variable.source]},~)"
    if variable.source in _SIMPLE:
        return _SIMPLE[variable.source]
    if variable.source in _OF_THE_REQUEST:
        return f"var({_kept_in(variable)})"
    # A control character would end the header.
    return f"{claims.value(variable.name)},regsub([[:cntrl:]],,g)"
