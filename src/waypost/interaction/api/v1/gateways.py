"""Gateways: administered by administrators, named to everybody who is signed in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import orjson
from fastapi import Query, Response

from waypost.application.gateways.schemas import (
    EnrolmentRead,
    GatewayCreate,
    GatewayRead,
    GatewayUpdate,
    GuardConfirmation,
    LackRead,
)
from waypost.application.gateways.service import GatewayService
from waypost.contracts.ir.dump import to_plain, to_yaml
from waypost.interaction.api.access_matrix import ADMIN, SIGNED_IN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/gateways", tags=["gateways"])


class IrFormat(StrEnum):
    """How the IR is written."""

    YAML = "yaml"
    JSON = "json"


@router.get("", summary="List gateways", responses=problems(400))
async def list_gateways(ctx: Ctx, page: Paging) -> PageRead[GatewayRead]:
    """Sort by `created_at`, `name` or `slug`."""
    return PageRead.of(await GatewayService().list(ctx, page=page))


@router.post("", status_code=201, summary="Create a gateway", responses=problems(403, 409))
async def create_gateway(ctx: Ctx, body: GatewayCreate) -> GatewayRead:
    """It waits for an agent that enrols with a one-time token."""
    return await GatewayService().create(ctx, body)


@router.get("/{gateway_id}", summary="Read a gateway", responses=problems(404))
async def get_gateway(ctx: Ctx, gateway_id: str) -> GatewayRead:
    """By id or slug. Health and counts only for administrators."""
    return await GatewayService().get(ctx, gateway_id)


@router.patch("/{gateway_id}", summary="Change a gateway", responses=problems(403, 404, 412, 428))
async def update_gateway(ctx: Ctx, gateway_id: str, body: GatewayUpdate, revision: IfMatch) -> GatewayRead:
    """Only what is given changes."""
    return await GatewayService().update(ctx, gateway_id, body, revision=revision)


@router.delete(
    "/{gateway_id}", status_code=204, summary="Delete a gateway", responses=problems(403, 404, 409, 412, 428)
)
async def delete_gateway(ctx: Ctx, gateway_id: str, revision: IfMatch) -> None:
    """Only when nothing is published to it. Its agent is refused from then on."""
    await GatewayService().delete(ctx, gateway_id, revision=revision)


@router.post(
    "/{gateway_id}/enrolment-token", status_code=201, summary="Make an enrolment token", responses=problems(403, 404)
)
async def create_enrolment_token(ctx: Ctx, gateway_id: str) -> EnrolmentRead:
    """Works once, for an hour. The agent that is enrolled now goes on until the token is used."""
    return await GatewayService().enrolment_token(ctx, gateway_id)


@router.post("/{gateway_id}/confirm-deletes", summary="Say yes to a large delete", responses=problems(403, 404))
async def confirm_gateway_deletes(ctx: Ctx, gateway_id: str) -> GuardConfirmation:
    """For ten minutes the gateway may remove more APIs at once than its guard allows."""
    return await GatewayService().confirm_deletes(ctx, gateway_id)


@router.get(
    "/{gateway_id}/ir",
    summary="What a gateway shall do",
    response_class=Response,
    responses={
        200: {"content": {"application/yaml": {}, "application/json": {}}, "description": "The compiled IR"},
        **problems(403, 404),
    },
)
async def get_gateway_ir(
    ctx: Ctx, gateway_id: str, written: Annotated[IrFormat, Query(alias="format")] = IrFormat.YAML
) -> Response:
    """The engine-neutral intermediate representation, compiled now, secrets redacted."""
    ir = await GatewayService().ir(ctx, gateway_id)
    if written is IrFormat.JSON:
        return Response(orjson.dumps(to_plain(ir), option=orjson.OPT_INDENT_2), media_type="application/json")
    return Response(to_yaml(ir), media_type="application/yaml")


@router.get("/{gateway_id}/missing-capabilities", summary="What its engine cannot do", responses=problems(403, 404))
async def list_missing_capabilities(ctx: Ctx, gateway_id: str) -> PageRead[LackRead]:
    """What the APIs on the gateway ask of its engine in vain. Empty while its agent has not said what it can do."""
    return PageRead(items=[*await GatewayService().lacks(ctx, gateway_id)])


ACCESS = {
    "list_gateways": SIGNED_IN,
    "create_gateway": ADMIN,
    "get_gateway": SIGNED_IN,
    "update_gateway": ADMIN,
    "delete_gateway": ADMIN,
    "create_enrolment_token": ADMIN,
    "confirm_gateway_deletes": ADMIN,
    "get_gateway_ir": ADMIN,
    "list_missing_capabilities": ADMIN,
}
