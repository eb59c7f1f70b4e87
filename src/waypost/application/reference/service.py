"""The reference of a version: what the portal's reference page and code generators read."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
from sqlalchemy import select

from waypost.application.catalog.definitions import apply_overlay, dump_document, load_document
from waypost.application.catalog.errors import DefinitionNotFound
from waypost.application.catalog.lookup import find_version
from waypost.application.context import Context
from waypost.application.policies.ir import key_auth_ir
from waypost.application.policies.service import effective_at
from waypost.application.policies.spots import version_spot
from waypost.application.reference.document import consumer_document
from waypost.contracts.ir import KeyAuth
from waypost.contracts.vocab import DeploymentState
from waypost.information.blobs import BlobStore
from waypost.information.models import ApiRow, DeploymentRow, GatewayRow, VersionRow

_SERVING = (DeploymentState.LIVE, DeploymentState.PENDING)


class ReferenceService:
    """References."""

    async def document(self, ctx: Context, version_id: str) -> bytes:
        """OpenAPI 3 as JSON for whoever sees the version. Raises VersionNotFound, DefinitionNotFound."""
        version, api, _ = await find_version(ctx, version_id)
        if version.document_blob is None:
            raise DefinitionNotFound
        policies = await effective_at(ctx, await version_spot(ctx, version.id))
        key_auth = key_auth_ir(policies["key_auth"].config)
        servers = await self.servers(ctx, api, version)
        data = await BlobStore(ctx.session, ctx.clock).get(version.document_blob)
        overlay = dict(version.overlay.get("operations", {}))
        return await anyio.to_thread.run_sync(_render, data, overlay, api.name, servers, key_auth)

    async def servers(self, ctx: Context, api: ApiRow, version: VersionRow) -> list[str]:
        """The version's addresses on its gateways, live ones first."""
        query = (
            select(GatewayRow.public_url, DeploymentRow.state)
            .join(DeploymentRow, DeploymentRow.gateway_id == GatewayRow.id)
            .where(DeploymentRow.version_id == version.id, DeploymentRow.state.in_(_SERVING))
            .order_by(DeploymentRow.state, GatewayRow.name)
        )
        rows = (await ctx.session.execute(query)).all()
        return [f"{row.public_url.rstrip('/')}{api.base_path}{version.mount}" for row in rows if row.public_url]


def _render(
    data: bytes, overlay: dict[str, dict[str, Any]], title: str, servers: list[str], key_auth: KeyAuth | None
) -> bytes:
    document = apply_overlay(load_document(data), overlay)
    return dump_document(consumer_document(document, title=title, servers=servers, key_auth=key_auth))
