"""Who shows that a client or a certificate is theirs has it; who only says so gives it up, and nobody else gets it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jwk, jwt
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.application.apps.material import Key, certificate, signed
from tests.application.issuers.keys import jwks, key
from tests.application.world import World
from tests.support.people import Person
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.errors import CredentialTaken, IssuerUnreachable, ProofNeeded, ProofRefused
from waypost.application.apps.schemas import CredentialCreated, CredentialRotate
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import AppRow, CredentialRow, EventRow, IssuerRow
from waypost.kit.clock import FakeClock
from waypost.kit.errors import Conflict, Forbidden, NotFound, Problem

ISSUER = "https://login.example.test"
HUB = "http://hub.test"
GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "tokens-and-certificates.md"
SIGNER = jwk.import_key(key("a", private=True))
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def issuer(world: World, **fields: Any) -> None:
    now = world.parts.clock.now()
    keys = jwks({**SIGNER.as_dict(private=False), "use": "sig"}).decode()
    row = {"id": "iss_1", "name": "Login", "url": ISSUER, "source": "jwks", "algorithms": ["ES256"], "jwks": keys}
    async with open_context(world.parts, SYSTEM, write=True) as ctx:
        ctx.session.add(IssuerRow(**row | {"client_claim": "azp", "created_at": now, "updated_at": now} | fields))
        await ctx.uow.commit()


def token(clock: FakeClock, *, signer: Any = SIGNER, head: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(clock.now().timestamp())
    body = {"iss": ISSUER, "aud": HUB, "azp": "planner", "iat": now, "exp": now + 300, **claims}
    header = {"alg": "ES256", "kid": "a", **(head or {})}
    given = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(header, given, signer, algorithms=[header["alg"]])


def client(clock: FakeClock, **claims: Any) -> dict[str, Any]:
    return {"kind": "external_client", "token": token(clock, **claims)}


async def challenge(world: World, app_id: str, who: Person | None = None) -> str:
    async with open_context(world.parts, (who or world.consumer).principal, write=False) as ctx:
        return (await CredentialService().challenge(ctx, app_id)).challenge


async def cert(world: World, app_id: str, made: tuple[str, str, str], who: Person | None = None) -> dict[str, Any]:
    text = await challenge(world, app_id, who)
    given = {"certificate": made[0], "challenge": text, "signature": signed(made[2], text)}
    return {"kind": "certificate", **given}


async def rows(world: World, app_id: str) -> dict[str, tuple[str, bool]]:
    async with open_context(world.parts, SYSTEM, write=False) as ctx:
        found = await ctx.session.scalars(select(CredentialRow).where(CredentialRow.app_id == app_id))
        return {row.id: (row.state, row.proven) for row in found.all()}


async def events(world: World, kind: str) -> list[EventRow]:
    async with open_context(world.parts, SYSTEM, write=False) as ctx:
        return list((await ctx.session.scalars(select(EventRow).where(EventRow.kind == kind))).all())


async def refused(world: World, app_id: str, who: Person | None = None, **wanted: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        await world.key(app_id, who=who, **wanted)
    return caught.value


async def squatted(world: World, **wanted: Any) -> tuple[CredentialCreated, str]:
    """What an administrator registered without proof for somebody else's app: the credential and the app."""
    app = await world.app(await world.people.user("Squatter"))
    return await world.key(app.id, who=await world.people.admin(), **wanted), app.id


def guide(language: str, words: str) -> str:
    """The snippet of the guide that is written in ``language`` and holds ``words``."""
    return next(text for text in re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL) if words in text)


def run(command: str, place: Path, **variables: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    made = subprocess.run(
        ["/bin/sh", "-ec", command], cwd=place, env={"PATH": path, **variables}, check=True, capture_output=True
    )
    return made.stdout.decode()


async def test_a_token_takes_a_client_over_and_both_sides_hear_of_it(world: World, clock: FakeClock) -> None:
    await issuer(world)
    await world.publish()
    mine = await world.app()
    held, theirs = await squatted(world, kind="external_client", issuer=ISSUER, client_id="planner")
    await world.subscribe(theirs, "free", who=await world.people.admin())
    await world.subscribe(mine.id, "free")
    agent = world.agent()
    await agent.look()
    assert [item["app_id"] for item in agent.grants.values()] == [theirs]
    made = await world.key(mine.id, **client(clock))
    assert (made.identifier, made.issuer, made.proven, made.state) == ("planner", ISSUER, True, "active")
    assert await rows(world, theirs) == {held.id: ("taken_over", False)}
    await agent.look()
    assert [(item["app_id"], item["key"]) for item in agent.grants.values()] == [(mine.id, f"{ISSUER} planner")]
    taken, created = await events(world, "credential.taken_over"), await events(world, "credential.created")
    assert [(item.object_id, item.data["app_id"], item.data["reason"]) for item in taken] == [
        (held.id, theirs, "proof_shown")
    ]
    assert taken[0].owner_id != world.consumer.id
    assert (created[-1].owner_id, created[-1].data["proven"]) == (world.consumer.id, True)
    assert mine.id not in json.dumps(taken[0].data), "who took it is not told to who held it"


@pytest.mark.parametrize(
    "made_of",
    [lambda: ec.generate_private_key(ec.SECP384R1()), lambda: rsa.generate_private_key(65537, 2048)],
    ids=["ec", "rsa"],
)
@ONE_DATABASE
async def test_a_signature_takes_a_certificate_over(world: World, clock: FakeClock, made_of: Any) -> None:
    mine, made = await world.app(), certificate(clock.now(), key=made_of())
    held, theirs = await squatted(world, kind="certificate", fingerprint=made[1])
    taken = await world.key(mine.id, **await cert(world, mine.id, made))
    assert (taken.identifier, taken.proven, taken.subject) == (made[1], True, "CN=planner")
    assert await rows(world, theirs) == {held.id: ("taken_over", False)}


@ONE_DATABASE
async def test_without_proof_only_who_answers_for_it_registers(world: World, clock: FakeClock) -> None:
    await issuer(world)
    await issuer(world, id="iss_2", url="https://team.test", owner_id=world.team.id)
    app, provided = await world.app(), await world.app(world.provider)
    anything = {"kind": "external_client", "issuer": ISSUER, "client_id": "planner"}
    needed = await refused(world, app.id, **anything)
    assert isinstance(needed, ProofNeeded)
    assert (needed.errors[0].pointer, HUB in needed.errors[0].message) == ("/token", True)
    for given in ({"certificate": certificate(clock.now())[0]}, {"fingerprint": "ab" * 32}):
        refusal = await refused(world, app.id, kind="certificate", **given)
        assert isinstance(refusal, ProofNeeded)
        assert "/signature" in refusal.errors[0].pointer
    assert isinstance(await refused(world, provided.id, world.provider, **anything), ProofNeeded)
    own = await world.key(provided.id, who=world.provider, **anything | {"issuer": "https://team.test"})
    assert not own.proven
    admin = await world.people.admin()
    assert not (await world.key(app.id, who=admin, **anything)).proven
    assert not (await world.key(app.id, who=admin, kind="certificate", fingerprint="ab" * 32)).proven
    assert (await world.key(app.id)).proven, "what the hub makes itself nobody else can have"


@ONE_DATABASE
async def test_where_no_token_can_be_checked_it_is_said_who_registers(world: World, clock: FakeClock) -> None:
    await issuer(world, source="opaque", jwks="", algorithms=[])
    app = await world.app()
    for given in ({"client_id": "planner"}, {"token": token(clock)}):
        said = await refused(world, app.id, kind="external_client", issuer=ISSUER, **given)
        assert "administrator" in said.errors[0].message
    made, admin = certificate(clock.now()), await world.people.admin()
    said = await refused(world, app.id, admin, kind="certificate", fingerprint=made[1], signature="x", challenge="x")
    assert (said.code, said.errors[0].pointer) == ("bad_credential", "/fingerprint")


@ONE_DATABASE
async def test_who_has_no_proof_does_not_learn_what_others_hold(world: World) -> None:
    await issuer(world)
    await squatted(world, kind="external_client", issuer=ISSUER, client_id="planner")
    app = await world.app()
    for name in ("planner", "nobody"):
        said = await refused(world, app.id, kind="external_client", issuer=ISSUER, client_id=name)
        assert isinstance(said, ProofNeeded)


async def test_what_is_proven_stays_whoever_proves_it_too(world: World, clock: FakeClock) -> None:
    await issuer(world)
    mine, other = await world.app(), await world.people.user("Other")
    theirs, made, admin = await world.app(other), certificate(clock.now()), await world.people.admin()
    held = await world.key(mine.id, **client(clock))
    await world.key(mine.id, **await cert(world, mine.id, made))
    for wanted in (client(clock), await cert(world, theirs.id, made, other)):
        said = await refused(world, theirs.id, other, **wanted)
        assert isinstance(said, CredentialTaken)
        told = f"{said.detail} {said.hint} {said.extra}"
        assert not any(word in told for word in (mine.id, mine.name, held.id, world.consumer.name))
    plain = {"kind": "external_client", "issuer": ISSUER, "client_id": "planner"}
    said = await refused(world, theirs.id, admin, **plain)
    assert isinstance(said, CredentialTaken)
    assert held.id in said.detail, "an administrator is told which one to revoke"
    async with open_context(world.parts, admin.principal, write=True) as ctx:
        await CredentialService().revoke(ctx, held.id)
        await ctx.uow.commit()
    assert (await world.key(theirs.id, who=other, **client(clock))).proven


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": 1_000}, "token_expired"),
        ({"exp": None}, "token_invalid"),
        ({"nbf": 99_999_999_999}, "token_invalid"),
        ({"aud": "https://api.example.test"}, "token_invalid"),
        ({"aud": [f"{HUB}/apis/weather"]}, "token_invalid"),
        ({"aud": None}, "token_invalid"),
        ({"aud": 5}, "token_invalid"),
        ({"azp": None}, "client_missing"),
        ({"azp": ["planner"]}, "client_missing"),
        ({"azp": "two words"}, "client_missing"),
        ({"azp": "x" * 300}, "client_missing"),
    ],
)
@ONE_DATABASE
async def test_a_token_that_proves_nothing(world: World, clock: FakeClock, claims: dict[str, Any], reason: str) -> None:
    await issuer(world)
    app = await world.app()
    said = await refused(world, app.id, **client(clock, **claims))
    assert isinstance(said, ProofRefused)
    assert (said.extra["reason"], said.errors[0].pointer) == (reason, "/token")
    assert await rows(world, app.id) == {}


@ONE_DATABASE
async def test_a_forged_token_proves_nothing(world: World, clock: FakeClock) -> None:
    await issuer(world)
    await issuer(world, id="iss_2", url="https://other.test", client_claim="sub")
    await issuer(world, id="iss_3", url="https://opaque.test", source="opaque", jwks="")
    app, stranger = await world.app(), jwk.import_key(key("a", private=True))
    good = token(clock)
    head, _, tail = good.partition(".")
    confused = jwk.OctKey.import_key(json.dumps(SIGNER.as_dict(private=False)))
    forged = {
        "another key": token(clock, signer=stranger),
        "an unknown key": token(clock, signer=stranger, head={"kid": "b"}),
        "the public key as a secret": token(clock, signer=confused, head={"alg": "HS256"}),
        "no signature": f"{head}.{tail.partition('.')[0]}.",
        "no token": "x" * 40,
        "another issuer's": token(clock, iss="https://opaque.test"),
    }
    for name, text in forged.items():
        said = await refused(world, app.id, kind="external_client", token=text)
        assert isinstance(said, ProofRefused), name
        assert text not in f"{said.detail} {said.errors} {said.extra}"
    for wanted in ({"issuer": "https://other.test"}, {"client_id": "pilot"}):
        said = await refused(world, app.id, kind="external_client", token=good, **wanted)
        assert isinstance(said, ProofRefused), wanted
    said = await refused(world, app.id, kind="external_client", token=token(clock, iss=HUB))
    assert (said.code, said.errors[0].pointer) == ("bad_credential", "/issuer")
    assert await rows(world, app.id) == {}


@ONE_DATABASE
async def test_an_issuer_may_name_the_audience_of_proofs(world: World, clock: FakeClock) -> None:
    await issuer(world, proof_audience="6f0c-registry")
    app = await world.app()
    assert isinstance(await refused(world, app.id, **client(clock)), ProofRefused)
    assert (await world.key(app.id, **client(clock, aud=["account", "6f0c-registry"]))).proven


@ONE_DATABASE
async def test_an_issuer_whose_keys_cannot_be_fetched_is_said_to_be_that(world: World, clock: FakeClock) -> None:
    await issuer(world, source="jwks_url", address="https://login.example.test/keys", state="failing")
    app, fresh = await world.app(), jwk.import_key(key("b", private=True))
    said = await refused(world, app.id, **client(clock, signer=fresh, head={"kid": "b"}))
    assert isinstance(said, IssuerUnreachable)
    assert (said.status, said.code) == (503, "issuer_unreachable")
    assert isinstance(await refused(world, app.id, **client(clock, aud="x")), ProofRefused), "its signature is known"
    assert (await world.key(app.id, **client(clock))).proven, "the last good keys go on, as at the gateways"


@ONE_DATABASE
async def test_a_signature_is_good_for_one_app_person_hub_and_key_and_not_for_long(
    world: World, clock: FakeClock
) -> None:
    app, second, other = await world.app(), await world.app(), await world.people.user("Other")
    theirs, made, stolen = await world.app(other), certificate(clock.now()), certificate(clock.now())
    good = await cert(world, app.id, made)

    async def said(app_id: str, who: Person | None = None, **wanted: Any) -> str:
        problem = await refused(world, app_id, who, **good | wanted)
        assert isinstance(problem, ProofRefused)
        return str(problem.extra["reason"])

    assert await said(second.id) == "challenge_foreign"
    assert await said(theirs.id, other) == "challenge_foreign"
    assert await said(app.id, await world.people.admin()) == "challenge_foreign"
    assert await said(app.id, certificate=stolen[0]) == "signature_invalid"
    assert await said(app.id, signature=signed(stolen[2], good["challenge"])) == "signature_invalid"
    assert await said(app.id, signature=signed(made[2], good["challenge"] + "\n")) == "signature_invalid"
    assert await said(app.id, signature="é!") == "signature_invalid"
    for text in ("", "x", "s1.k.x", "é", world.parts.keyring.seal("7"), world.parts.keyring.seal('["challenge"]')):
        assert (await said(app.id, challenge=text)).startswith("challenge_"), text
    world.parts.public_url = "https://elsewhere.test"
    assert await said(app.id) == "challenge_foreign"
    world.parts.public_url = HUB
    clock.advance(599)
    assert (await world.key(app.id, **good)).proven
    clock.advance(1)
    assert await said(app.id) == "challenge_expired"


@ONE_DATABASE
async def test_a_challenge_is_for_who_may_make_keys(world: World) -> None:
    app = await world.app(world.provider)
    with pytest.raises(NotFound):
        await challenge(world, app.id)
    viewer = await world.people.user()
    await world.people.join(viewer, world.team, role="viewer")
    teams = await world.app(world.provider)
    async with open_context(world.parts, SYSTEM, write=True) as ctx:
        (await ctx.session.get_one(AppRow, teams.id)).owner_id = world.team.id
        await ctx.uow.commit()
    with pytest.raises(Forbidden):
        await challenge(world, teams.id, viewer)


@ONE_DATABASE
async def test_a_certificate_that_was_only_claimed_is_proven_in_place(world: World, clock: FakeClock) -> None:
    app, made, admin = await world.app(), certificate(clock.now()), await world.people.admin()
    claimed = await world.key(app.id, who=admin, kind="certificate", certificate=made[0])
    proof = await cert(world, app.id, made)
    body = CredentialRotate(overlap_seconds=60, **{name: proof[name] for name in proof if name != "kind"})
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        proven = await CredentialService().rotate(ctx, claimed.id, body)
        await ctx.uow.commit()
    assert await rows(world, app.id) == {claimed.id: ("taken_over", False), proven.id: ("active", True)}
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        assert (await CredentialService().revoke(ctx, claimed.id)).state == "taken_over"


@ONE_DATABASE
async def test_the_certificate_that_follows_is_proven_too(world: World, clock: FakeClock) -> None:
    app, first, victim = await world.app(), certificate(clock.now()), certificate(clock.now())
    held = await world.key(app.id, **await cert(world, app.id, first))
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        with pytest.raises(ProofNeeded):
            await CredentialService().rotate(ctx, held.id, CredentialRotate(fingerprint=victim[1]))
        with pytest.raises(ProofNeeded):
            await CredentialService().rotate(ctx, held.id, CredentialRotate(certificate=victim[0]))


async def test_of_two_who_prove_at_once_one_gets_it(world: World, clock: FakeClock) -> None:
    await issuer(world)
    held, theirs = await squatted(world, kind="external_client", issuer=ISSUER, client_id="planner")
    admin = await world.people.admin()
    people = [await world.people.user(f"Claimant {number}") for number in range(3)]
    apps = [(await world.app(who)).id for who in people]
    for round_ in ("taken over", "fresh"):
        claims = [world.key(app, who=who, **client(clock)) for app, who in zip(apps, people, strict=True)]
        found = await asyncio.gather(*claims, return_exceptions=True)
        won = [item for item in found if isinstance(item, CredentialCreated)]
        assert len(won) == 1, (round_, found)
        assert all(isinstance(item, Conflict) for item in found if item not in won), found
        async with open_context(world.parts, admin.principal, write=True) as ctx:
            await CredentialService().revoke(ctx, won[0].id)
            await ctx.uow.commit()
    assert await rows(world, theirs) == {held.id: ("taken_over", False)}
    assert len(await events(world, "credential.taken_over")) == 1


async def test_who_proves_and_who_only_says_so_at_once(world: World, clock: FakeClock) -> None:
    await issuer(world)
    mine, admin = await world.app(), await world.people.admin()
    theirs = await world.app(await world.people.user("Squatter"))
    said = world.key(theirs.id, who=admin, kind="external_client", issuer=ISSUER, client_id="planner")
    await asyncio.gather(said, world.key(mine.id, **client(clock)), return_exceptions=True)
    if not await rows(world, mine.id):  # the other came first, to the instant: asked again, the proof decides
        await world.key(mine.id, **client(clock))
    assert list((await rows(world, mine.id)).values()) == [("active", True)]
    assert all(state == "taken_over" for state, _ in (await rows(world, theirs.id)).values())


@ONE_DATABASE
async def test_what_was_shown_is_neither_kept_nor_logged(world: World, clock: FakeClock, tmp_path: Path) -> None:
    await issuer(world)
    app, shown = await world.app(), token(clock)
    with capture_logs() as logs:
        await world.key(app.id, kind="external_client", token=shown)
        await refused(world, app.id, kind="external_client", token=shown)
    async with open_context(world.parts, SYSTEM, write=False) as ctx:
        kept = [
            str(getattr(row, column.name))
            for kind in (CredentialRow, EventRow)
            for row in (await ctx.session.scalars(select(kind))).all()
            for column in kind.__table__.columns
        ]
    signature = shown.rpartition(".")[2]
    assert not any(signature in text for text in (*kept, *map(str, logs)))


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@ONE_DATABASE
async def test_the_guide_signs_with_openssl(world: World, kind: str, tmp_path: Path, clock: FakeClock) -> None:
    keys: dict[str, Key] = {
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "rsa": rsa.generate_private_key(65537, 2048),
    }
    app, made = await world.app(), certificate(clock.now(), key=keys[kind])
    (tmp_path / "client.key").write_text(made[2])
    text = await challenge(world, app.id)
    signature = run(guide("sh", "openssl dgst"), tmp_path, CHALLENGE=text)
    wanted = {"kind": "certificate", "certificate": made[0], "challenge": text}
    assert (await world.key(app.id, **wanted, signature=signature)).proven


@pytest.mark.parametrize("kind", ["ec", "rsa", "ed25519"])
@ONE_DATABASE
async def test_the_guide_signs_with_python(world: World, kind: str, tmp_path: Path, clock: FakeClock) -> None:
    keys: dict[str, Key] = {
        "ec": ec.generate_private_key(ec.SECP521R1()),
        "rsa": rsa.generate_private_key(65537, 3072),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    app, made = await world.app(), certificate(clock.now(), key=keys[kind])
    (tmp_path / "client.key").write_text(made[2])
    text = await challenge(world, app.id)
    (tmp_path / "sign.py").write_text(guide("python", "load_pem_private_key"))
    signature = run('python sign.py client.key "$CHALLENGE"', tmp_path, CHALLENGE=text)
    wanted = {"kind": "certificate", "certificate": made[0], "challenge": text}
    assert (await world.key(app.id, **wanted, signature=signature)).proven
