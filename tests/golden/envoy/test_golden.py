"""IR -> Envoy, case by case.

``WAYPOST_GOLDEN=write pytest tests/golden/envoy`` writes the files anew; review the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from envoy.config.cluster.v3 import cluster_pb2
from envoy.config.core.v3 import extension_pb2
from envoy.config.listener.v3 import listener_pb2
from envoy.config.route.v3 import route_pb2, scoped_route_pb2
from google.protobuf import json_format

from waypost.contracts.ir import GatewayIR, GrantDelta
from waypost.contracts.ir.dump import content_hash, from_plain, from_yaml, to_plain, to_yaml
from waypost.integration.gateways.envoy import clusters, listeners, resources, routes
from waypost.integration.gateways.envoy.filters import cost, labels, limiters, not_subscribed, rate_limit
from waypost.integration.gateways.envoy.grants import GrantBook
from waypost.testing.corpus import Case, corpus

HERE = Path(__file__).parent
CASES = corpus()


def rendered(case: Case) -> dict[str, Any]:
    """Everything the driver would send for a case, as plain data."""
    known = {api.id: labels.of_plans(api.plans) for api in case.ir.apis}
    book = GrantBook(known.__getitem__)
    book.apply(GrantDelta(revision=1, full=True, upsert=case.grants))
    upstreams = {name: upstream for api in case.ir.apis for name, upstream in clusters.of_api(api).items()}
    classes = frozenset[rate_limit.Staged]().union(*(rate_limit.classes(api) for api in case.ir.apis))
    limits = limiters.extensions(classes, {api.id: cost.limits(api) for api in case.ir.apis})
    shards = {shard: not_subscribed.routes(shard, book.shards.credentials(shard)) for shard in book.shards}
    return {
        "clusters": [_plain(cluster_pb2.Cluster, clusters.cluster(upstream)) for upstream in upstreams.values()],
        "rate_limits": {name: _plain(extension_pb2.TypedExtensionConfig, limits[name]) for name in limits if classes},
        "scopes": [_plain(scoped_route_pb2.ScopedRouteConfiguration, routes.scope(api)) for api in case.ir.apis],
        "routes": [_routes(api, book) for api in case.ir.apis],
        "known_keys": [_plain(route_pb2.RouteConfiguration, payload) for payload in shards.values()],
    }


def _routes(api: Any, book: GrantBook) -> dict[str, Any]:
    payload = resources.route_configuration(
        api,
        routes.skeleton(api, book.shards.width),
        book.credentials(api.id),
        token="prb_token",
        content_hash=content_hash(api),
        revision=book.revision,
    )
    return _plain(route_pb2.RouteConfiguration, payload)


def _plain(kind: Any, payload: bytes) -> dict[str, Any]:
    text = json_format.MessageToJson(kind.FromString(payload), preserving_proto_field_name=True)
    return dict(json.loads(text.replace(clusters.authorities(), "<authorities of the system>")))


def compare(name: str, data: Any) -> None:
    """Compare with the file, or write it."""
    path = HERE / f"{name}.yaml"
    text = yaml.safe_dump(data, sort_keys=True, width=110, allow_unicode=True)
    if os.environ.get("WAYPOST_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"{path.name} differs: look at the diff, then write it with WAYPOST_GOLDEN=write"


@pytest.mark.parametrize("case", [case for case in CASES if case.ir.apis and case.name != "many"], ids=lambda c: c.name)
def test_case(case: Case) -> None:
    compare(case.name, {"ir": json.loads(json.dumps(to_plain(case.ir.apis))), "envoy": rendered(case)})


@pytest.mark.parametrize("name", ["empty", "brand"])
def test_listener(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    payload = listeners.listener(case.ir.settings, host="127.0.0.1", port=8080, log_path="access.log")
    compare(f"listener_{name}", _plain(listener_pb2.Listener, payload))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_ir_survives_its_dump(case: Case) -> None:
    assert from_yaml(GatewayIR, to_yaml(case.ir)) == case.ir
    assert from_plain(GatewayIR, to_plain(case.ir)) == case.ir


def test_every_file_belongs_to_a_case() -> None:
    known = {case.name for case in CASES} | {"listener_empty", "listener_brand"}
    assert {path.stem for path in HERE.glob("*.yaml")} <= known
