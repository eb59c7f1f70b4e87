"""Agents: enrolled once by a one-time token, known afterwards by a credential of their own."""

from __future__ import annotations

from waypost.application.context import Context, Principal
from waypost.application.gateways.errors import BadEnrolment, EngineMismatch
from waypost.application.parts import Parts
from waypost.application.work import open_context
from waypost.contracts.agent import EnrolRequest, EnrolResponse, StreamRequest
from waypost.information.repos.gateways import GatewayRepo
from waypost.kit.crypto import random_token, sha256_hex
from waypost.kit.errors import Unauthenticated


class AgentService:
    """Stateless."""

    async def enrol(self, ctx: Context, request: EnrolRequest) -> EnrolResponse:
        """Spend the token; an agent enrolled before is refused from now on. Raises BadEnrolment, EngineMismatch."""
        row = await GatewayRepo(ctx.session).enrolling(sha256_hex(request.token))
        now = ctx.clock.now()
        if row is None or row.enrolment_expires_at is None or row.enrolment_expires_at <= now:
            raise BadEnrolment
        if request.engine != row.engine:
            raise EngineMismatch(f"The gateway is made for {row.engine}, the agent drives {request.engine[:40]}.")
        credential = random_token("gwc")
        row.credential_hash = sha256_hex(credential)
        row.enrolment_hash = row.enrolment_expires_at = None
        row.last_seen_at = now
        # What an agent before this one reported says nothing about this one.
        row.health = {}
        row.capabilities = None
        row.public_url = row.public_url or _address(request.public_url)
        data = {"agent_version": request.agent_version[:100]}
        await ctx.uow.record("gateway.enrolled", object_kind="gateway", object_id=row.id, data=data)
        ctx.uow.after_commit(ctx.parts.changed.pulse)
        return EnrolResponse(gateway_id=row.id, credential=credential)

    async def introduced(self, parts: Parts, gateway: Principal, request: StreamRequest) -> None:
        """Keep what the gateway's engine can do, if that is news. Capabilities of newer agents are kept as well."""
        said = sorted({name[:50] for name in request.capabilities if name.isascii()})[:200]
        async with open_context(parts, gateway, write=False) as ctx:
            row = await GatewayRepo(ctx.session).find(gateway.id)
        if not said or row is None or row.capabilities == said:
            return
        async with open_context(parts, gateway, write=True) as ctx:
            row = await GatewayRepo(ctx.session).lock(gateway.id)
            if row is not None:
                row.capabilities = said
                data = {"capabilities": said}
                await ctx.uow.record("gateway.capabilities", object_kind="gateway", object_id=row.id, data=data)
                await ctx.uow.commit()

    async def authenticate(self, ctx: Context, authorization: str) -> Principal:
        """The gateway whose credential this ``Authorization`` header carries. Raises Unauthenticated."""
        scheme, _, credential = authorization.partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise Unauthenticated("Send `Authorization: Bearer <gateway credential>`.")
        row = await GatewayRepo(ctx.session).calling(sha256_hex(credential.strip()))
        if row is None:
            raise Unauthenticated("This gateway credential is not valid (any more).", hint="Enrol the agent again.")
        return Principal(kind="gateway", id=row.id, name=row.name)


def _address(url: str) -> str:
    sane = url.startswith(("http://", "https://")) and len(url) <= 2000 and url.isprintable()
    return url.rstrip("/") if sane else ""
