"""The walk against the conformance suite: what a case demands of every engine, the hub says beforehand.

Left out is what only an engine can know (buckets, upstreams, sizes of answers, tokens of introspection) and requests
that cannot be described (raw bytes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from waypost.application.decisions.addresses import caller_address
from waypost.application.decisions.request import Credential, Described, Known, Subscribed
from waypost.application.decisions.simulate import simulate
from waypost.contracts.ir import GatewayIR, GatewaySettings
from waypost.contracts.ir.dump import from_plain
from waypost.contracts.vocab import CredentialKind, GrantState, Refusal
from waypost.testing.conformance import certificates, geoip, keyring
from waypost.testing.conformance.form import Expect, Step
from waypost.testing.conformance.given import Given
from waypost.testing.conformance.loading import Loaded, load
from waypost.testing.conformance.variables import filled, text

UNKNOWABLE = frozenset(
    {
        *(Refusal.RATE_LIMITED, Refusal.CONCURRENCY_LIMITED, Refusal.RESPONSE_TOO_LARGE, Refusal.BAD_REQUEST),
        *(Refusal.UPSTREAM_ERROR, Refusal.UPSTREAM_TIMEOUT, Refusal.UPSTREAM_UNAVAILABLE, Refusal.ISSUER_UNAVAILABLE),
    }
)
PARTS = ("transport", "introspection", "refusals")
"""Files of cases that are about bytes on the wire, or other servers."""


async def test_what_the_cases_demand_the_walk_says() -> None:
    shared = {
        "gateway.host": "127.0.0.1:20000",
        "closed": "http://127.0.0.1:1",
        "tls": certificates.listener(20001),
        "hs.secret": keyring.HS_SECRET,
    }
    compared, wrong = 0, []
    for number, loaded in enumerate(load(), 1):
        if loaded.policy in PARTS:
            continue
        given = await Given.make(loaded, number, shared)
        try:
            for step, said, wanted in _steps(given, loaded):
                compared += 1
                if said != wanted:
                    wrong.append(f"{loaded.id} `{step.send}`: said {said}, the case demands {wanted}")
        finally:
            await given.stop()
    assert not wrong, "\n" + "\n".join(wrong)
    assert compared > 400


def _steps(given: Given, loaded: Loaded) -> Iterator[tuple[Step, str, str]]:
    """Step, what the walk says, what the case demands: a code (empty: the call passes), or a status."""
    settings = from_plain(GatewaySettings, filled(loaded.case.settings, given.variables))
    ir = GatewayIR(gateway_id="gw", settings=settings, apis=tuple(given.apis.values()))
    for step in loaded.case.steps:
        fresh = [given.grant(form) for form in step.grant]
        gone = [grant_id for grant_id in given.grants if grant_id.split("_")[2] in step.revoke]
        given.grants = {key: item for key, item in given.grants.items() if key not in gone}
        given.grants |= {grant.id: grant for grant in fresh}
        if not step.send or step.save or "${saved" in f"{step.send}{step.headers}" or step.expect is None:
            continue
        expect = Expect.model_validate(
            filled(step.expect.model_dump(by_alias=True, exclude_unset=True), given.variables)
        )
        if not isinstance(expect.status, int) or expect.problem in UNKNOWABLE:
            continue
        outcome = simulate(ir, _described(given, settings, step), _known(given))
        a_rate_or_the_upstream = (
            not outcome.code and expect.problem is None and expect.status in (429, 500, 502, 503, 504)
        )
        if not outcome.certain or a_rate_or_the_upstream:
            continue
        if expect.problem is None and expect.status >= 400:  # a refusal whose code the case does not name
            yield step, str(outcome.status), str(expect.status)
        else:
            yield step, outcome.code, expect.problem.value if expect.problem else ""


def _described(given: Given, settings: GatewaySettings, step: Step) -> Described:
    method, _, path = text(step.send, given.variables).partition(" ")
    target = path[1:] if path.startswith("=") else given.base(step.to) + path
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in filled(dict(step.headers), given.variables).items():
        lines = value if isinstance(value, list) else [value]
        headers[name.lower()] = (*headers.get(name.lower(), ()), *(str(one) for one in lines if one is not None))
    address = step.source or "127.0.0.1"
    named = step.tls not in ("", "none")
    return Described(
        at=datetime.now(UTC),
        method=method,
        target=target,
        headers=headers,
        address=address,
        country=geoip.country(caller_address(address, headers.get("x-forwarded-for", ()), settings.trusted_proxies)),
        certificate=certificates.fingerprint(step.tls) if named else "",
        subject=certificates.subject(step.tls) if named else "",
        body_bytes=step.size if step.size is not None else len(text(step.body, given.variables)),
    )


def _known(given: Given) -> Known:
    found: dict[tuple[CredentialKind, str], Credential] = {}
    for grant in given.grants.values():
        key = (grant.kind, grant.key_sha256)
        held = found.get(key) or Credential(id=grant.credential_id, kind=grant.kind, expires_at=grant.expires_at)
        right: dict[str, Any] = {
            grant.api_id: Subscribed(
                subscription_id=grant.subscription_id,
                app_id=grant.app_id,
                plan_id=grant.plan_id,
                exhausted=grant.state is GrantState.EXHAUSTED,
            )
        }
        found[key] = replace(held, rights={**held.rights, **right})
    return Known(by_value=found)
