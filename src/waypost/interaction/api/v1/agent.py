"""What gateways' agents call, with a credential of their own. Every route runs its own short units of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import Depends, Header, Request, Response
from fastapi.responses import StreamingResponse

from waypost.application.context import Principal
from waypost.application.gateways.agents import AgentService
from waypost.application.gateways.receipts import ReceiptService
from waypost.application.gateways.stream import GatewayStream
from waypost.application.gateways.usage import UsageService
from waypost.application.gateways.wire import read_message, read_usage
from waypost.application.work import ANONYMOUS, open_context
from waypost.contracts.agent import EnrolRequest, Receipts, StreamRequest
from waypost.contracts.ir.dump import to_plain
from waypost.interaction.api.access_matrix import Access
from waypost.interaction.api.deps import PartsDep
from waypost.interaction.api.problems import problems, request_id_of
from waypost.interaction.api.routing import HubRouter
from waypost.kit.crypto import sha256_hex

router = HubRouter(prefix="/agent", tags=["agent"])
NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Agent:
    """An enrolled gateway that calls."""

    gateway: Principal
    credential_hash: str


async def agent_of(request: Request, parts: PartsDep, authorization: Annotated[str, Header()] = "") -> Agent:
    """The gateway whose credential was sent, remembered for the access log; Unauthenticated otherwise."""
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        request.state.principal = gateway = await AgentService().authenticate(ctx, authorization)
    return Agent(gateway, sha256_hex(authorization.partition(" ")[2].strip()))


AgentDep = Annotated[Agent, Depends(agent_of)]


def _body(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object", "title": schema}}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/enrol", status_code=201, summary="Enrol an agent", responses=problems(409), openapi_extra=_body("EnrolRequest")
)
async def enrol_agent(request: Request, parts: PartsDep) -> dict[str, str]:
    """A one-time token in, the gateway's own credential out. It is shown this once."""
    message = read_message(EnrolRequest, await request.body())
    async with open_context(parts, ANONYMOUS, write=True, request_id=request_id_of(request)) as ctx:
        answer = await AgentService().enrol(ctx, message)
        await ctx.uow.commit()
    return {"gateway_id": answer.gateway_id, "credential": answer.credential}


@router.post(
    "/stream",
    summary="Follow what a gateway shall do",
    response_class=StreamingResponse,
    responses={200: {"content": {NDJSON: {}}, "description": "JSON lines, open-ended"}, **problems(400)},
    openapi_extra=_body("StreamRequest"),
)
async def stream_agent(request: Request, parts: PartsDep, agent: AgentDep) -> StreamingResponse:
    """What changed since what the agent holds, at once; then every change as it is committed; a ping in between."""
    message = read_message(StreamRequest, await request.body())
    await AgentService().introduced(parts, agent.gateway, message)
    stream = GatewayStream.of(parts, agent.gateway, agent.credential_hash, message)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream.lines(), media_type=NDJSON, headers=headers)


@router.post(
    "/receipts",
    status_code=204,
    summary="Report what became of things",
    responses=problems(400),
    openapi_extra=_body("Receipts"),
)
async def take_agent_receipts(request: Request, parts: PartsDep, agent: AgentDep) -> Response:
    """Receipts per API, the revision of grants in force, and how the gateway is."""
    message = read_message(Receipts, await request.body())
    async with open_context(parts, agent.gateway, write=True, request_id=request_id_of(request)) as ctx:
        await ReceiptService().take(ctx, agent.gateway.id, message)
        await ctx.uow.commit()
    return Response(status_code=204)


@router.post("/usage", summary="Ship a batch of calls", responses=problems(400, 413), openapi_extra=_body("UsageBatch"))
async def take_agent_usage(
    request: Request, parts: PartsDep, agent: AgentDep, content_encoding: Annotated[str, Header()] = ""
) -> Response:
    """Taken exactly once by its number; the answer names the last batch that is safe. The body may be gzip."""
    body = await request.body()
    batch = await to_thread.run_sync(lambda: read_usage(body, encoding=content_encoding.strip().lower()))
    ack = await UsageService().take(parts, agent.gateway, batch)
    return Response(orjson.dumps(to_plain(ack)), media_type="application/json")


_AGENT_ONLY = Access(401, 401, 401, 401, 401)

ACCESS = {
    "enrol_agent": _AGENT_ONLY,
    "stream_agent": _AGENT_ONLY,
    "take_agent_receipts": _AGENT_ONLY,
    "take_agent_usage": _AGENT_ONLY,
}
