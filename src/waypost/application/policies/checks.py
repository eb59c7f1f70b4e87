"""What is asked of a policy beyond its own fields when it is saved: locks, issuers, the other policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from waypost.application.catalog.upstreams import refused_host
from waypost.application.context import Context
from waypost.application.issuers.key_sets import KeySet, key_sets
from waypost.application.policies.contradictions import Contradiction, contradictions
from waypost.application.policies.effective import Standing, overridden
from waypost.application.policies.errors import PolicyContradicts, PolicyInvalid, PolicyLocked
from waypost.application.policies.kinds import KindInfo
from waypost.application.policies.scene import Chain, Scene
from waypost.application.policies.spots import Spot
from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.information.models import PolicyRow
from waypost.kit.errors import FieldError

_LOCKING = (PolicyLevel.HUB, PolicyLevel.TEAM)
_MOST_NAMED = 10


def check_lock(
    spot: Spot, info: KindInfo, config: Mapping[str, Any], rows: Sequence[PolicyRow], *, locked: bool
) -> None:
    """Raises PolicyLocked where a wider place has locked what ``config`` says otherwise; ``rows`` are of this kind."""
    if locked and spot.level not in _LOCKING:
        hint = "Set it at the hub or at the team instead."
        raise PolicyInvalid(errors=[FieldError("/locked", "only the hub and teams can lock a policy", hint)])
    wider = {place.id: place for place in spot.places[1:]}
    locks = [Standing(row.config, wider[row.target_id], True) for row in rows if row.target_id in wider and row.locked]
    found = overridden(info, config, locks)
    errors = [
        FieldError(
            f"/config{pointer}",
            f"`{info.kind}` is locked at {place.name} ({place.level})",
            "Leave it as it is there, or ask whoever set it to unlock it.",
        )
        for pointer, place in found.items()
    ]
    if errors:
        raise PolicyLocked(errors[0].message, errors=errors)


async def check_issuers(ctx: Context, spot: Spot, kind: str, config: Mapping[str, Any]) -> None:
    """Raises PolicyInvalid where tokens of an issuer are taken that this place cannot use, or not in that way."""
    if kind != PolicyKind.JWT:
        return
    known = await key_sets(ctx)
    errors = [error for index, item in enumerate(config["issuers"]) for error in _issuer(spot, known, index, item)]
    if errors:
        raise PolicyInvalid(errors[0].message, errors=errors)


def check_addresses(ctx: Context, kind: str, config: Mapping[str, Any]) -> None:
    """Raises PolicyInvalid where a gateway would be sent to a host that is never an upstream either."""
    if kind != PolicyKind.INTROSPECTION or not config["url"]:
        return
    reason = refused_host(config["url"], private=ctx.parts.limits.private_upstreams)
    if reason:
        hint = "Name a host that gateways may call; what an administrator has switched off stays off here too."
        raise PolicyInvalid(reason, errors=[FieldError("/config/url", reason, hint)])


def check_until(ctx: Context, kind: str, config: Mapping[str, Any]) -> None:
    """Raises PolicyInvalid where callers would be told to come back at a moment that has passed."""
    if kind != PolicyKind.MAINTENANCE or not config["enabled"] or config["until"] is None:
        return
    if datetime.fromisoformat(config["until"]) <= ctx.clock.now():
        message = "this moment has passed"
        hint = "Name one to come, or none where it is not known; to end the maintenance, take the policy away."
        raise PolicyInvalid(message, errors=[FieldError("/config/until", message, hint)])


def _issuer(spot: Spot, known: Mapping[str, KeySet], index: int, item: Mapping[str, Any]) -> Iterator[FieldError]:
    place = f"/config/issuers/{index}"
    found = known.get(item["issuer"])
    if found is None or found.owner_id not in ("", spot.owner_id):
        hint = "Use `hub` or the id of an issuer of the hub or of the owning team."
        yield FieldError(f"{place}/issuer", f"there is no issuer {item['issuer']!r} here", hint)
        return
    wrong = [name for name in item["algorithms"] if name not in found.algorithms]
    if wrong:
        hint = f"It signs with {', '.join(found.algorithms)}."
        if wrong == ["HS256"]:
            hint += " HS256 takes an issuer with a shared secret instead of a key set."
        yield FieldError(f"{place}/algorithms", f"{found.issuer} does not sign with {', '.join(wrong)}", hint)


def check_together(kind: str, before: Scene, after: Scene) -> None:
    """Raises PolicyContradicts for what does not make sense now and was not there before."""
    known = {(place, found.message) for place, found in all_contradictions(before)}
    news = [(place, found) for place, found in all_contradictions(after) if (place, found.message) not in known]
    if not news:
        return
    errors: dict[tuple[str, str], FieldError] = {}
    for place, found in news:
        pointer = found.pointer(kind)
        errors.setdefault((pointer, found.message), FieldError(pointer, f"{found.message} (at {place})", found.hint))
    raise PolicyContradicts(next(iter(errors.values())).message, errors=list(errors.values())[:_MOST_NAMED])


def all_contradictions(scene: Scene) -> Iterator[tuple[str, Contradiction]]:
    """What does not make sense together, each with the name of its place."""
    for chain, found in scene.resolved():
        for contradiction in contradictions(found, inherited=not chain.api_id):
            yield _name(chain), contradiction


def _name(chain: Chain) -> str:
    whole = next((place.name for place in chain.places if place.level == "api"), "")
    return f"{chain.here.name} of {whole}" if whole and chain.here.level != "api" else chain.here.name
