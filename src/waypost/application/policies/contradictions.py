"""Policies that do not make sense together, looked for in what holds at one place. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from waypost.application.policies.effective import Effective
from waypost.application.policies.kinds.how_much import OF_CALLERS
from waypost.application.policies.kinds.may import swallowed
from waypost.contracts.ir import templates
from waypost.contracts.ir.templates import Variable
from waypost.contracts.vocab import PolicyKind as Kind

Found = Mapping[str, Effective]
"""Kind -> what holds."""
_TOKENS = (Kind.JWT, Kind.INTROSPECTION)
_BEARERS = (*_TOKENS, Kind.BASIC)
_WAYS = (Kind.KEY_AUTH, *_BEARERS, Kind.MTLS)
_CALLERS = {by.value for by in OF_CALLERS}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``pointers`` names the field of each kind that takes part."""

    pointers: tuple[tuple[str, str], ...]
    message: str
    hint: str

    def pointer(self, kind: str) -> str:
        """The field of ``kind``; the whole policy where another kind is what does not fit."""
        return dict(self.pointers).get(kind, "/config")


def contradictions(found: Found, *, inherited: bool = False) -> list[Contradiction]:
    """Everything that contradicts something else among what holds at one place.

    With ``inherited`` the place is one that APIs stand below: what is only missing there may stand nearer to them.
    """
    return [item for look in (_CLASHES if inherited else (*_GAPS, *_CLASHES)) for item in look(found)]


def _config(found: Found, kind: Kind) -> Mapping[str, Any]:
    return found[kind].config if kind in found else {}


def _ways(found: Found) -> set[str]:
    return {kind for kind in _WAYS if kind in found and found[kind].config.get("enabled", True)}


def _claims(found: Found) -> Iterator[Contradiction]:
    """Facts of a token where no token is taken."""
    if _ways(found) & set(_TOKENS):
        return
    hint = "Set the policy `jwt` first, or do without the token's claims."
    for kind, pointer, what in _uses_of_claims(found):
        yield Contradiction(((kind, pointer),), f"{what}, but no token is taken here", hint)


def _uses_of_claims(found: Found) -> Iterator[tuple[Kind, str, str]]:
    if _config(found, Kind.SCOPES).get("roles"):
        yield Kind.SCOPES, "/config/roles", "roles stand in a token"
    for index, limit in enumerate(_config(found, Kind.RATE_LIMIT).get("limits", ())):
        if limit["by"] == "claim":
            yield Kind.RATE_LIMIT, f"/config/limits/{index}/by", "the limit counts by a token's claim"
    for kind, pointer, text in _templates(found):
        names = [piece for piece in templates.parse(text) if isinstance(piece, Variable) and piece.source == "claim"]
        if names:
            yield kind, pointer, f"`{{claim.{names[0].name}}}` is of a token"


def _templates(found: Found) -> Iterator[tuple[Kind, str, str]]:
    headers = _config(found, Kind.HEADERS)
    for name in ("request_set", "request_add", "response_set", "response_add"):
        for index, item in enumerate(headers.get(name, ())):
            yield Kind.HEADERS, f"/config/{name}/{index}/value", item["value"]
    for index, item in enumerate(_config(found, Kind.QUERY).get("set", ())):
        yield Kind.QUERY, f"/config/set/{index}/value", item["value"]
    yield Kind.PATH_REWRITE, "/config/template", _config(found, Kind.PATH_REWRITE).get("template", "")


def _unlimited(found: Found) -> Iterator[Contradiction]:
    """Limits of known callers only, where calls pass that nobody is known for."""
    limits = _config(found, Kind.RATE_LIMIT).get("limits", ())
    strangers = not _ways(found) or _config(found, Kind.ANONYMOUS).get("allowed", False)
    if limits and strangers and all(limit["by"] in _CALLERS for limit in limits):
        message = "anonymous calls pass here, and every limit counts by a known caller: they would have none"
        hint = "Add a limit by `ip`, `api` or `operation`, or do not let anonymous calls pass."
        pointers = (
            (Kind.RATE_LIMIT, "/config/limits"),
            (Kind.ANONYMOUS, "/config/allowed"),
            (Kind.KEY_AUTH, "/config/enabled"),
        )
        yield Contradiction(pointers, message, hint)


def _nobody(found: Found) -> Iterator[Contradiction]:
    config = _config(found, Kind.IP)
    for error in swallowed(config.get("allow", []), config.get("deny", [])):
        yield Contradiction(((Kind.IP, error.pointer),), error.message, error.hint)


def _any_of(found: Found) -> Iterator[Contradiction]:
    """A choice among scopes that several places ask for would loosen what each of them asks for."""
    scopes = found.get(Kind.SCOPES)
    if scopes is None or not scopes.config.get("any_of"):
        return
    places = sorted({place.name for pointer, place in scopes.origins.items() if pointer.startswith("/scopes/")})
    if len(places) > 1:
        message = f"`any_of` cannot hold: scopes are asked for at {' and at '.join(places)}"
        hint = "Ask for scopes at one place only, or for all of them."
        yield Contradiction(((Kind.SCOPES, "/config/any_of"),), message, hint)


def _authorization(found: Found) -> Iterator[Contradiction]:
    others = sorted(_ways(found) & set(_BEARERS))
    if Kind.KEY_AUTH in _ways(found) and _config(found, Kind.KEY_AUTH).get("header") == "authorization" and others:
        message = f"`authorization` holds a key and is read by `{others[0]}` as well"
        hint = "Put the key into another header such as x-api-key."
        pointers = ((Kind.KEY_AUTH, "/config/header"), *((Kind(kind), "/config/enabled") for kind in others))
        yield Contradiction(pointers, message, hint)


def _claim_headers(found: Found) -> Iterator[Contradiction]:
    headers = _config(found, Kind.HEADERS)
    edited = {item["name"] for name in ("request_set", "request_add") for item in headers.get(name, ())}
    edited |= set(headers.get("request_remove", ()))
    for index, item in enumerate(_config(found, Kind.JWT).get("claim_headers", ())):
        if item["header"] in edited:
            message = f"`{item['header']}` carries a claim to the upstream and is edited as well"
            pointers = ((Kind.JWT, f"/config/claim_headers/{index}/header"), (Kind.HEADERS, "/config/request_set"))
            yield Contradiction(pointers, message, "Use another header for one of them.")


def _mock(found: Found) -> Iterator[Contradiction]:
    mock, host = found.get(Kind.MOCK), found.get(Kind.HOST)
    if mock is None or host is None or mock.place != host.place or not mock.config.get("enabled", True):
        return
    if host.config.get("host") or host.config.get("preserve"):
        message = "a mock answer asks no upstream, so the host set at the same place has no effect"
        yield Contradiction(
            ((Kind.MOCK, "/config/enabled"), (Kind.HOST, "/config/host")), message, "Keep one of the two policies."
        )


_Look = Callable[[Found], Iterator[Contradiction]]
_GAPS: tuple[_Look, ...] = (_claims, _unlimited)
"""What lacks something else."""
_CLASHES: tuple[_Look, ...] = (_nobody, _any_of, _authorization, _claim_headers, _mock)
"""What cannot stand beside something else."""
