"""Real-world definitions, imported and published, each answering through Envoy from the examples in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.product import Product, ok, running, until
from tests.integration.importers.directory import GOOD, definitions
from waypost.contracts.importers import ImportedOperation, ImportRequest
from waypost.integration.importers import OpenApiImporter

pytestmark = pytest.mark.live

CALLED = 3  # operations per definition
_REQUEST_BODY = {"POST", "PUT", "PATCH"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An empty hub with its gateway."""
    with running(tmp_path_factory.mktemp("real") / "hub") as started:
        yield started


def publish(hub: httpx.Client, name: str, content: bytes, *, number: int, team: str, gateway: str) -> dict[str, Any]:
    """Import, mock everything, publish; the API, a plan and the receipt."""
    body = {"content": content.decode(), "filename": name, "owner_id": team, "slug": f"real-{number}"}
    made = ok(hub.post("/apis/import", json=body), 201)
    version = made["version"]["id"]
    ok(hub.put(f"/versions/{version}/policies/mock", json={"config": {}}))
    plan = ok(hub.post(f"/apis/{made['api']['id']}/plans", json={"name": "Free", "version": {}}), 201)
    asked = ok(hub.post(f"/versions/{version}/deployments", json={"gateway_id": gateway}), 201)
    return {"name": name, "content": content, "api": made["api"]["id"], "plan": plan["id"], "asked": asked["id"]}


def mocked(name: str, content: bytes) -> list[ImportedOperation]:
    """The first operations that have a JSON example, those without a request body first."""
    read = OpenApiImporter().read(ImportRequest(content=content, filename=name))
    found = [item for item in read.operations if item.mock is not None and item.mock.status < 300]
    return sorted(found, key=lambda item: item.method in _REQUEST_BODY)[:CALLED]


def path_of(operation: ImportedOperation) -> str:
    """The template with something in every place."""
    return re.sub(r"\{[^}]*\}", "1", operation.path)


def call(url: str, key: str, operation: ImportedOperation) -> httpx.Response:
    """Call the operation as a subscribed app."""
    return httpx.request(operation.method, url + path_of(operation), headers={"x-api-key": key}, timeout=20)


def check_answer(url: str, key: str, operation: ImportedOperation) -> None:
    """The gateway answers what the definition's example says."""
    mock = operation.mock
    assert mock is not None
    answer = call(url, key, operation)
    assert answer.status_code == mock.status, f"{operation.key}: {answer.status_code} {answer.text[:300]}"
    if operation.method == "HEAD" or not mock.body:
        return
    assert answer.headers["content-type"] == mock.content_type
    if "json" in mock.content_type:
        assert answer.json() == json.loads(mock.body), operation.key
    else:
        assert answer.text == mock.body


def test_real_definitions_answer_through_the_gateway(product: Product) -> None:
    hub = product.api()
    team = ok(hub.post("/teams", json={"name": "Real"}), 201)["id"]
    gateway = ok(hub.get("/gateways"))["items"][0]["id"]
    published = [
        publish(hub, name, content, number=number, team=team, gateway=gateway)
        for number, (name, content) in enumerate(definitions(GOOD))
    ]
    app = ok(hub.post("/apps", json={"name": "Caller", "owner_id": team}), 201)["id"]
    for item in published:
        ok(hub.post("/subscriptions", json={"app_id": app, "api_id": item["api"], "plan_id": item["plan"]}), 201)
    key = ok(hub.post(f"/apps/{app}/credentials", json={"name": "k"}), 201)["key"]
    answered = 0
    for item in published:
        receipt = ok(hub.get(f"/deployments/{item['asked']}", params={"wait_seconds": 30}))
        assert (receipt["state"], receipt["reason"]) == ("live", ""), item["name"]
        assert receipt["verified"] is True, item["name"]
        operations = mocked(item["name"], item["content"])
        assert operations, item["name"]
        url = receipt["url"]
        until(lambda url=url, first=operations[0]: call(url, key, first).status_code != 401, what="the key")
        for operation in operations:
            check_answer(url, key, operation)
            answered += 1
    assert len(published) >= 25
    assert answered >= len(published)
