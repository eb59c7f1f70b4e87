"""What is asked once it is known who calls, and what limits and edits want to know of the caller."""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.needs import templated
from waypost.integration.gateways.envoy.filters import (
    caller,
    cost,
    edits,
    header_edits,
    inner,
    limited,
    scopes,
    sizes,
    templates,
    units,
)
from waypost.integration.gateways.envoy.filters.mutations import on_request, put
from waypost.integration.gateways.envoy.names import LIMITED, PERMISSION
from waypost.integration.gateways.envoy.operations import Operation


def config(api: ApiIR, operation: Operation) -> dict[str, Any]:
    """Per-route configuration of the place; empty where nothing is asked."""
    policies = operation.policies
    filters = [
        *scopes.filters(api, policies.scopes),
        *caller.filters(limited.pieces(api, operation) | templates.pieces(templated(policies))),
        *_mark(api, operation),
        *cost.filters(operation),
        *units.filters(api),
        *sizes.response_filters(policies.sizes),
        *templates.query_filters(templated(policies)),
        *edits.filters(api, operation),
        *header_edits.filters(api, policies.headers),
    ]
    return {PERMISSION: inner.fill(filters)} if filters else {}


def _mark(api: ApiIR, operation: Operation) -> list[tuple[str, Any]]:
    """Names a route whose limits stand elsewhere."""
    if not operation.limited_apart:
        return []
    return [("limited", on_request([put(LIMITED, limited.marked(api, operation))]))]
