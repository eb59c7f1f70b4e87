"""Real-world definitions, imported and published to a real Envoy: each operation answers its mock through it."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from tests.integration.importers.directory import GOOD, definitions
from tests.integration.importers.reading import read
from tests.live.envoy.conftest import Gateway, grant_for

from waypost.contracts.importers import ImportedOperation
from waypost.contracts.ir import ApiIR, Mock, Route, RoutePolicies
from waypost.contracts.ir.gateway import VersionIR

pytestmark = [pytest.mark.live, pytest.mark.timeout(280)]

EMPTY = Mock(status=200, content_type="", body="")


def address(path: str) -> str:
    """``path`` with its parameters filled in, each by a value that no fixed segment has."""
    return quote(re.sub(r"\{[^{}]*\}", "v4lue", path), safe="/:@!$&'()*+,;=-._~%")


def mocked(number: int, operation: ImportedOperation) -> Route:
    policies = RoutePolicies(mock=operation.mock or EMPTY)
    return Route(id=f"op_{number}", method=operation.method, path=operation.path, policies=policies)


def api_of(gateway: Gateway, operations: tuple[ImportedOperation, ...]) -> ApiIR:
    routes = tuple(mocked(number, operation) for number, operation in enumerate(operations))
    api = gateway.api(routes=routes)
    version: VersionIR = replace(api.versions[0], upstream=None)
    return replace(api, versions=(version,))


async def test_real_definitions_answer_from_their_mocks(gateway: Gateway) -> None:
    imported = {name: read(content, filename=name).operations for name, content in definitions(GOOD)}
    assert len(imported) >= 25
    apis = {name: api_of(gateway, operations) for name, operations in imported.items()}
    result = await gateway.publish(*apis.values())
    assert [outcome for outcome in result.outcomes if outcome.state != "live"] == []
    for name, api in apis.items():
        given = grant_for(api)
        await gateway.grant(given)
        for route in api.versions[0].routes:
            await check(gateway, name, api, route, given.key.reveal())


async def check(gateway: Gateway, name: str, api: ApiIR, route: Route, key: str) -> None:
    mock = route.policies.mock
    assert mock is not None
    answer = await gateway.request(route.method, api.base_path + address(route.path), key)
    told = (name, route.method, route.path, answer.text[:200])
    assert answer.status_code == mock.status, told
    if route.method != "HEAD":
        assert answer.text == mock.body, told
    if mock.body:
        assert answer.headers["content-type"] == mock.content_type, told
