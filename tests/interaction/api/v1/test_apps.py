"""Proofs over REST: what was shown comes back in no answer and no line of the log."""

from __future__ import annotations

import json

import httpx
import pytest
from structlog.testing import capture_logs
from tests.application.apps.material import certificate, signed
from tests.support.people import Person, Team

from waypost.kit.clock import FakeClock

SECRET = "c2hvd24tb25jZQ"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_token_that_was_shown_is_told_to_nobody(client: httpx.AsyncClient, admin: Person) -> None:
    app = (await client.post("/api/v1/apps", json={"name": "A"}, headers=admin.headers)).json()["id"]
    wanted = {"kind": "external_client", "issuer": "https://login.test"}
    with capture_logs() as logs:
        for token in (f"e30.e30.{SECRET}", SECRET * 2000, [SECRET], f"{SECRET}.{SECRET}"):
            body = {**wanted, "token": token}
            answer = await client.post(f"/api/v1/apps/{app}/credentials", json=body, headers=admin.headers)
            assert (answer.status_code, SECRET in answer.text) == (422, False)
    assert SECRET not in json.dumps(logs, default=str)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_challenge_is_for_once_and_its_answer_may_be_repeated(
    client: httpx.AsyncClient, team: Team, clock: FakeClock
) -> None:
    who, made = team.owner, certificate(clock.now())
    app = (await client.post("/api/v1/apps", json={"name": "A"}, headers=who.headers)).json()["id"]
    read = await client.get(f"/api/v1/apps/{app}/challenge", headers=who.headers)
    assert (read.status_code, read.headers["cache-control"], read.json()["audience"]) == (
        200,
        "no-store",
        "http://hub.test",
    )
    text = read.json()["challenge"]
    body = {"kind": "certificate", "certificate": made[0], "challenge": text, "signature": signed(made[2], text)}
    headers = {**who.headers, "Idempotency-Key": "one"}
    first = await client.post(f"/api/v1/apps/{app}/credentials", json=body, headers=headers)
    again = await client.post(f"/api/v1/apps/{app}/credentials", json=body, headers=headers)
    assert (first.status_code, again.json()) == (201, first.json())
    replayed = await client.post(f"/api/v1/apps/{app}/credentials", json=body, headers=who.headers)
    assert (replayed.status_code, replayed.json()["code"]) == (409, "credential_taken")
