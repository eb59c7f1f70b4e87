"""Signing keys: published before they sign, kept until their last token has expired, sealed."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from tests.conftest import CtxAs
from waypost.application.issuers.key_sets import HUB_ISSUER_ID, key_sets
from waypost.application.oauth import signing_keys
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
