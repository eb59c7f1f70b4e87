"""What administrators set for a whole gateway reaches it, and the private key reaches nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.application.apps.material import certificate
from tests.application.world import World
from waypost.application.gateways.agents import AgentService
from waypost.application.gateways.errors import CapabilityMissing, SettingsInvalid
from waypost.application.gateways.schemas import GatewayRead, GatewayUpdate
from waypost.application.gateways.service import GatewayService
from waypost.application.work import open_context
from waypost.contracts.agent import StreamRequest
from waypost.contracts.ir import GatewaySettings
from waypost.contracts.ir.dump import from_plain
from waypost.kit.errors import Forbidden

OTHER = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


async def update(world: World, **settings: Any) -> GatewayRead:
    admin = await world.people.admin()
    async with open_context(world.parts, admin.principal, write=True) as ctx:
        found = await GatewayService().get(ctx, "edge")
        change = GatewayUpdate.model_validate({"settings": settings})
        made = await GatewayService().update(ctx, "edge", change, revision=found.revision)
        await ctx.uow.commit()
    return made


async def told(world: World) -> GatewaySettings:
    message = next(item for item in await world.agent().look() if item["kind"] == "apis")
    return from_plain(GatewaySettings, message["settings"])


async def test_settings_reach_the_gateway(world: World) -> None:
    await update(world, trusted_proxies=["10.0.0.0/8"], max_request_bytes=1000, x_ratelimit_headers=True)
    settings = await told(world)
    assert (settings.trusted_proxies, settings.max_request_bytes) == (("10.0.0.0/8",), 1000)
    assert settings.x_ratelimit_headers
    assert settings.tls is None


async def test_a_tls_listener_keeps_its_key_sealed(world: World) -> None:
    text, _, key = certificate(world.parts.clock.now())
    saved = await update(world, tls={"port": 8443, "certificate": text, "key": key, "client_ca": text})
    assert "PRIVATE" not in saved.model_dump_json()
    assert saved.settings is not None
    assert saved.settings.tls is not None
    settings = await told(world)
    assert settings.tls is not None
    assert (settings.tls.port, settings.tls.key.reveal()) == (8443, key)
    await update(world, tls={"port": 9443, "certificate": text})
    settings = await told(world)
    assert settings.tls is not None
    assert (settings.tls.port, settings.tls.key.reveal(), settings.tls.client_ca) == (9443, key, "")
    await update(world)
    assert (await told(world)).tls is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"certificate": "nothing"}, "/settings/tls/certificate"),
        ({"key": "nothing"}, "/settings/tls/key"),
        ({"key": ""}, "/settings/tls/key"),
        ({"key": OTHER.decode()}, "/settings/tls/key"),
        ({"client_ca": "nothing"}, "/settings/tls/client_ca"),
    ],
)
async def test_what_does_not_fit_together_is_refused(world: World, change: dict[str, str], pointer: str) -> None:
    text, _, key = certificate(world.parts.clock.now())
    with pytest.raises(SettingsInvalid) as caught:
        await update(world, tls={"port": 8443, "certificate": text, "key": key, **change})
    assert [error.pointer for error in caught.value.errors] == [pointer]


@pytest.mark.parametrize("name", ["certificate", "client_ca"])
async def test_a_private_key_among_certificates_is_neither_kept_nor_shown(world: World, name: str) -> None:
    text, _, key = certificate(world.parts.clock.now())
    with pytest.raises(SettingsInvalid) as caught:
        await update(world, tls={"port": 8443, "certificate": text, "key": key, name: text + key})
    assert [error.pointer for error in caught.value.errors] == [f"/settings/tls/{name}"]
    assert "stands in this text" in caught.value.errors[0].message
    async with open_context(world.parts, (await world.people.admin()).principal, write=False) as ctx:
        assert "PRIVATE" not in (await GatewayService().get(ctx, "edge")).model_dump_json()


async def test_an_engine_that_cannot_is_asked_and_only_administrators_set(world: World) -> None:
    await AgentService().introduced(world.parts, world.gateway, StreamRequest(capabilities=("mock",)))
    with pytest.raises(CapabilityMissing):
        await update(world, trusted_proxies=["10.0.0.0/8"])
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        with pytest.raises(Forbidden):
            await GatewayService().update(ctx, "edge", GatewayUpdate(settings={}), revision=1)  # type: ignore[arg-type]
        assert (await GatewayService().get(ctx, "edge")).settings is None
