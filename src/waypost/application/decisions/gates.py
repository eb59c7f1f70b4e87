"""What is asked of every call before anybody asks who is calling: preflight, maintenance, address, country, hours."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from waypost.application.decisions.addresses import within
from waypost.application.decisions.walk import Step, Verdict, Walk, facts_of, passed, refused, unknown
from waypost.contracts.vocab import PolicyKind, Refusal

NO_CONTENT = 204


def preflight(walk: Walk) -> Step | None:
    """CORS: a preflight of a browser is answered at once."""
    api, request = walk.api, walk.request
    asked = request.first("access-control-request-method")
    if api is None or api.cors is None or request.method != "OPTIONS" or not (request.first("origin") and asked):
        return None
    allowed = "*" in api.cors.origins or request.first("origin") in api.cors.origins
    said = "names the page's origin as allowed" if allowed else "does not name the page's origin as allowed"
    return Step(
        name="preflight",
        verdict=Verdict.ANSWERED,
        text=f"A browser's preflight is answered by the gateway, without a key; the answer {said}.",
        kind=PolicyKind.CORS,
        facts=facts_of({"status": NO_CONTENT, "origin": request.first("origin"), "origin_allowed": allowed}),
    )


def maintenance(walk: Walk) -> Step | None:
    """503 unless the address is let through."""
    rule = walk.policies.maintenance
    if rule is None or not rule.enabled:
        return None
    facts = {"message": rule.message, "until": rule.until, "address": walk.address}
    if within(walk.address, rule.allow):
        return passed("maintenance", "There is maintenance; this address may pass.", PolicyKind.MAINTENANCE, **facts)
    return refused("maintenance", Refusal.MAINTENANCE, "The API is under maintenance.", PolicyKind.MAINTENANCE, **facts)


def address(walk: Walk) -> Step | None:
    """Deny beats allow; an empty allow list means everybody."""
    rule, kind = walk.policies.ip, PolicyKind.IP
    if rule is None or not (rule.allow or rule.deny):
        return None
    facts = {"address": walk.address, "inside_allow": list(rule.allow), "inside_deny": list(rule.deny)}
    if not walk.request.address:
        return unknown("address", "The description names no address.", kind, **facts)
    if within(walk.address, rule.deny):
        return refused("address", Refusal.ADDRESS_DENIED, "The address is denied.", kind, **facts)
    if rule.allow and not within(walk.address, rule.allow):
        return refused("address", Refusal.ADDRESS_DENIED, "The address is not among the allowed ones.", kind, **facts)
    return passed("address", "The address may call.", kind, **facts)


def country(walk: Walk) -> Step | None:
    """By the gateway's GeoIP database, which the hub does not have."""
    rule, kind, country = walk.policies.countries, PolicyKind.COUNTRIES, walk.request.country
    if rule is None or not (rule.allow or rule.deny or not rule.unknown):
        return None
    facts = {"country": country, "inside_allow": list(rule.allow), "inside_deny": list(rule.deny)}
    if not country:
        return unknown("country", "Only the gateway's GeoIP database knows the country.", kind, **facts)
    if country in rule.deny or (rule.allow and country not in rule.allow):
        return refused("country", Refusal.COUNTRY_DENIED, f"Calls from {country} are refused.", kind, **facts)
    return passed("country", f"Calls from {country} pass.", kind, **facts)


def hours(walk: Walk) -> Step | None:
    """Outside of all stretches: 403."""
    rule, kind = walk.policies.hours, PolicyKind.HOURS
    if rule is None or not rule.open:
        return None
    at = walk.request.at.astimezone(UTC)
    minute = at.hour * 60 + at.minute
    facts = {"at": at, "open": [_opening(item) for item in rule.open]}
    if any(at.isoweekday() in item.days and item.start_minute <= minute < item.end_minute for item in rule.open):
        return passed("hours", "The API takes calls at this hour.", kind, **facts)
    return refused("hours", Refusal.CLOSED, "The API takes no calls at this hour.", kind, **facts)


def _opening(item: Any) -> str:
    start, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (item.start_minute, item.end_minute))
    return f"days {','.join(map(str, item.days))} {start}-{end} UTC"
