"""Rows as answers. Consumers do not learn where a provider's upstream is."""

from __future__ import annotations

from collections.abc import Sequence

from waypost.application.catalog.lookup import is_member
from waypost.application.catalog.permissions import api_may, version_may
from waypost.application.catalog.schemas import ApiRead, OwnerRead
from waypost.application.catalog.version_schemas import (
    DefinitionProblemRead,
    OperationRead,
    SecuritySchemeRead,
    VersionRead,
)
from waypost.application.context import Context
from waypost.contracts.vocab import ApiKind, Lifecycle, Visibility
from waypost.information.models import ApiRow, EntityRow, OperationRow, VersionRow


def api_read(ctx: Context, api: ApiRow, owner: EntityRow) -> ApiRead:
    """An API as the caller sees it."""
    return ApiRead(
        id=api.id,
        slug=api.slug,
        name=api.name,
        kind=ApiKind(api.kind),
        owner=OwnerRead.model_validate(owner),
        visibility=Visibility(api.visibility),
        lifecycle=Lifecycle(api.lifecycle),
        category=api.category,
        tags=api.tags,
        summary=api.summary,
        description=api.description,
        base_path=api.base_path,
        support_url=api.support_url,
        demo=api.demo,
        current_version_id=api.current_version_id,
        created_at=api.created_at,
        updated_at=api.updated_at,
        revision=api.revision,
        may=api_may(ctx, api),
    )


def version_read(ctx: Context, api: ApiRow, version: VersionRow, *, operations: int) -> VersionRead:
    """A version as the caller sees it; ``operations`` is how many it has."""
    inside = is_member(ctx, api)
    return VersionRead(
        id=version.id,
        api_id=version.api_id,
        name=version.name,
        mount=version.mount,
        lifecycle=Lifecycle(version.lifecycle),
        format=version.format,
        syntax=version.syntax,
        title=version.title,
        upstream_url=version.upstream_url if inside else "",
        servers=version.servers if inside else [],
        security_schemes=[SecuritySchemeRead(**item) for item in version.security_schemes],
        operations_count=operations,
        problems=[DefinitionProblemRead(**item) for item in version.problems] if inside else [],
        notes=version.notes,
        current=api.current_version_id == version.id,
        created_at=version.created_at,
        updated_at=version.updated_at,
        revision=version.revision,
        may=version_may(ctx, api, version),
    )


def operation_read(row: OperationRow) -> OperationRead:
    """An operation."""
    return OperationRead(
        id=row.id,
        version_id=row.version_id,
        key=row.key,
        method=row.method,
        path=row.path,
        operation_id=row.operation_id,
        summary=row.summary,
        description=row.description,
        tags=row.tags,
        deprecated=row.deprecated,
        security=row.security,
        has_mock=row.mock is not None,
    )


def operation_reads(rows: Sequence[OperationRow]) -> list[OperationRead]:
    """Operations."""
    return [operation_read(row) for row in rows]
