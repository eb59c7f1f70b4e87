"""Every answer the gateway makes itself, as RFC 9457 problem+json with a stable code, a way out and a decision id.

A rule that refuses sets the variable ``why``; the next ``deny`` answers. One body serves all refusals: title, status
and hint come out of a map by ``why``. What the engine refuses by itself (a broken request, a server that is not
there) has a body per status. The decision id is the engine's unique id; callers cannot choose it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from waypost.contracts.ir import GatewaySettings
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.names import REFUSED
from waypost.integration.gateways.haproxy.text import literal, word
from waypost.integration.gateways.refusals import TEXTS

TYPE = "application/problem+json"
BODY_FILE = "problem.json"
TITLES_FILE = "titles.map"
# Statuses with which the engine answers by itself, and what they mean here.
OWN = {
    400: Refusal.BAD_REQUEST,
    408: Refusal.BAD_REQUEST,
    413: Refusal.TOO_LARGE,
    500: Refusal.UPSTREAM_ERROR,
    502: Refusal.UPSTREAM_ERROR,
    503: Refusal.UPSTREAM_UNAVAILABLE,
    504: Refusal.UPSTREAM_TIMEOUT,
}


def because(code: str, condition: str) -> str:
    """A rule that notes a refusal."""
    return f"http-request set-var(txn.why) str({code}) if {condition}"


def deny(status: int, *headers: tuple[str, str], when: str = "") -> str:
    """The rule that answers when one before it noted a refusal. Header values are log-format strings."""
    added = "".join(f" hdr {name} {word(value)}" for name, value in headers)
    body = f"content-type {TYPE} lf-file {BODY_FILE}"
    return f"http-request deny deny_status {status} {body}{added} if {REFUSED}{' ' if when else ''}{when}"


def challenge(scheme: str, settings: GatewaySettings) -> tuple[str, str]:
    """``WWW-Authenticate``; the realm is a quoted-string (RFC 9110, 5.6.4), passwords are UTF-8 (RFC 7617, 2.1)."""
    printable = "".join(char for char in settings.realm if " " <= char <= "~")
    escaped = printable.replace("\\", "\\\\").replace('"', '\\"')
    charset = ', charset="UTF-8"' if scheme == "Basic" else ""
    return "www-authenticate", literal(f'{scheme} realm="{escaped}"{charset}')


def titles() -> dict[str, str]:
    """The map of what is said: ``why`` -> a piece of JSON."""
    return {why: _piece(text.title, text.status, text.hint) for why, text in TEXTS.items()}


def body(settings: GatewaySettings) -> str:
    """The body of every refusal, a log-format string."""
    base = literal(json.dumps(settings.problem_base)[1:-1])
    told = f"%[var(txn.why),map_str({TITLES_FILE})]"
    return _body(f"{base}%[var(txn.why),field(1,.)]", told, "%[var(txn.why),field(1,.)]", settings)


def maintenance_body(settings: GatewaySettings, detail: str) -> str:
    """A refusal with words of its own; ``detail`` is JSON text for a log-format string, empty for none."""
    text = TEXTS[Refusal.MAINTENANCE]
    told = literal(_piece(text.title, text.status, text.hint)) + (f', "detail": {detail}' if detail else "")
    base = literal(json.dumps(f"{settings.problem_base}{Refusal.MAINTENANCE}")[1:-1])
    return _body(base, told, Refusal.MAINTENANCE, settings)


def own_errors(settings: GatewaySettings) -> Iterable[str]:
    """``http-error`` lines: what is said where the engine itself gives up."""
    for status, code in OWN.items():
        text = TEXTS[code]
        told = literal(_piece(text.title, status, text.hint))
        base = literal(json.dumps(f"{settings.problem_base}{code}")[1:-1])
        said = _body(base, told, code, settings)
        yield f"http-error status {status} content-type {TYPE} lf-string {word(said)}"


def _piece(title: str, status: int, hint: str) -> str:
    return json.dumps({"title": title, "status": status, "hint": hint})[1:-1]


def _body(kind: str, told: str, code: str, settings: GatewaySettings) -> str:
    support = f', "support": {literal(json.dumps(settings.support_url))}' if settings.support_url else ""
    return f'{{"type": "{kind}", {told}, "code": "{code}", "decision_id": "%[unique-id]"{support}}}'
