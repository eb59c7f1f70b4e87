"""Signing keys: published before they sign, kept until their last token has expired, sealed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import CtxAs
from waypost.application.issuers.key_sets import HUB_ISSUER_ID, key_sets
from waypost.application.oauth import signing_keys
from waypost.application.oauth.rotation import SigningKeyService
from waypost.application.work import SYSTEM
from waypost.information.models import SigningKeyRow
from waypost.kit.clock import FakeClock


async def test_the_hubs_own_keys_are_one_of_the_sets(ctx_as: CtxAs) -> None:
    async with ctx_as(SYSTEM) as ctx:
        assert (await key_sets(ctx))[HUB_ISSUER_ID].jwks == '{"keys":[]}'
        await signing_keys.ensure_signing_key(ctx)
        await signing_keys.ensure_signing_key(ctx)
        own = (await key_sets(ctx))[HUB_ISSUER_ID]
        (key,) = json.loads(own.jwks)["keys"]
        row = await ctx.session.scalar(select(SigningKeyRow))
    assert (own.issuer, own.algorithms) == ("http://hub.test", ("ES256",))
    assert (key["kty"], key["crv"], key["alg"], key["use"], key["kid"]) == ("EC", "P-256", "ES256", "sig", row.id)
    assert "d" not in key
    assert '"d"' not in row.sealed
    assert hash(own)


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(ctx_as: CtxAs, clock: FakeClock) -> None:
    async with ctx_as(SYSTEM) as ctx:
        await signing_keys.ensure_signing_key(ctx)
        old = await signing_keys.signing_key(ctx)
        new = await signing_keys.make_key(ctx, signs_from=clock.now() + signing_keys.LEAD)
        assert old is not None
        assert (await signing_keys.signing_key(ctx)).id == old.id
        assert {key["kid"] for key in json.loads(await signing_keys.public_jwks(ctx))["keys"]} == {old.id, new.id}
        clock.advance(signing_keys.LEAD.total_seconds())
        assert (await signing_keys.signing_key(ctx)).id == new.id
        clock.advance((signing_keys.TOKEN_LIFE + timedelta(minutes=1)).total_seconds())
        assert len(json.loads(await signing_keys.public_jwks(ctx))["keys"]) == 2, "clocks differ a little"
        clock.advance(300)
        assert [key["kid"] for key in json.loads(await signing_keys.public_jwks(ctx))["keys"]] == [new.id]


async def test_a_key_that_was_overtaken_never_signs(ctx_as: CtxAs, clock: FakeClock) -> None:
    async with ctx_as(SYSTEM) as ctx:
        await signing_keys.ensure_signing_key(ctx)
        clock.advance(1)
        overtaken = await signing_keys.make_key(ctx, signs_from=clock.now() + timedelta(hours=1))
        clock.advance(1)
        new = await signing_keys.make_key(ctx, signs_from=clock.now() + timedelta(minutes=1))
        clock.advance(3600)
        assert (await signing_keys.signing_key(ctx)).id == new.id
        assert overtaken.published_until is not None
        assert new.published_until is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_keys_follow_one_another_by_the_calendar(ctx_as: CtxAs, clock: FakeClock) -> None:
    """At every moment there is a key that signs, and what it signs is verified for as long as it lasts."""
    service, signed = SigningKeyService(), []
    for _ in range(24 * 31):
        async with ctx_as(SYSTEM) as ctx:
            await service.keep(ctx)
            known = {key["kid"] for key in json.loads(await signing_keys.public_jwks(ctx))["keys"]}
            key = await signing_keys.signing_key(ctx)
        assert key.id in known
        assert not signed or signed[-1] in known, "an hour ago, its tokens still last"
        signed.append(key.id)
        clock.advance(3600)
    assert len(set(signed)) == 2
    assert len(known) <= 2
