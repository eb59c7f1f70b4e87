"""The parts of the Envoy driver that need no engine."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import http_sf
import pytest
from envoy.config.route.v3 import route_pb2
from envoy.extensions.filters.http.api_key_auth.v3 import api_key_auth_pb2
from google.protobuf import any_pb2
from hypothesis import given
from hypothesis import strategies as st

from waypost.contracts.drivers import DriverOptions, PermanentError
from waypost.contracts.ir import (
    ApiIR,
    Cors,
    Grant,
    GrantDelta,
    HeaderEdit,
    KeyAuth,
    Mock,
    PathRewrite,
    Plan,
    RateLimit,
    Route,
    RoutePolicies,
)
from waypost.contracts.ir.gateway import VersionIR
from waypost.contracts.vocab import Engine, GrantState, LimitBy, Window
from waypost.integration.gateways.envoy import bootstrap, routes, validate, wire
from waypost.integration.gateways.envoy.filters import key_auth, labels, rate_limit
from waypost.integration.gateways.envoy.grants import GrantBook
from waypost.integration.gateways.envoy.paths import pattern, upstream_path
from waypost.integration.gateways.envoy.shards import Shards
from waypost.integration.gateways.registry import make_driver
from waypost.kit.crypto import Secret

HOST_EDIT = RoutePolicies(headers=HeaderEdit(request_set=(("host", "x"),)))


def grant(number: int, *, api: str = "api_1", key: str = "", plan: str = "plv_1") -> Grant:
    value = Secret(key or f"k_{number:04d}")
    names = {"subscription_id": f"sub_{number}", "app_id": f"app_{number}", "credential_id": f"crd_{number}"}
    return Grant(id=f"grn_{number}", api_id=api, plan_id=plan, key=value, key_sha256="", **names)


@given(st.text(max_size=300), st.text(max_size=300))
def test_hand_made_bytes_are_what_protobuf_reads(key: str, label: str) -> None:
    payload = key_auth.per_route("x-api-key", key_auth.credential(key, label))
    message = api_key_auth_pb2.ApiKeyAuthPerRoute()
    assert any_pb2.Any.FromString(payload).Unpack(message)
    assert [(item.key, item.client) for item in message.credentials] == [(key, label)]
    assert message.key_sources[0].header == "x-api-key"


@given(st.binary(max_size=1000))
def test_a_map_entry_is_what_protobuf_reads(value: bytes) -> None:
    message = route_pb2.RouteConfiguration.FromString(
        wire.map_entry(16, "filter", wire.packed_any("type.example/x", value))
    )
    assert message.typed_per_filter_config["filter"].value == value


@pytest.mark.parametrize(
    ("base", "template", "rewrite", "expected"),
    [
        ("", "/a", None, "/a"),
        ("/", "/a", None, "/a"),
        ("/v1/", "/a", None, "/v1/a"),
        ("/v1", "/", None, "/v1/"),
        ("", "/", None, "/"),
        ("/v1", "/a/b", PathRewrite(prefix="/a", replacement="/"), "/v1/b"),
        ("", "/a", PathRewrite(prefix="/a", replacement="/"), "/"),
        ("", "/ab", PathRewrite(prefix="/a", replacement="/x"), "/ab"),
        ("", "/a/b", PathRewrite(prefix="/", replacement="/x/"), "/x/a/b"),
    ],
)
def test_upstream_paths_never_have_two_slashes(
    base: str, template: str, rewrite: PathRewrite | None, expected: str
) -> None:
    assert upstream_path(base, template, rewrite) == expected


def test_concrete_segments_sort_before_templates() -> None:
    templates = ["/{a}/x", "/b/{c}", "/b/c", "/b/c.{d}", "/{a}/{b}"]
    order = sorted(templates, key=lambda template: pattern("/api", template).order)
    assert order == ["/b/c", "/b/c.{d}", "/b/{c}", "/{a}/x", "/{a}/{b}"]


def test_a_label_tells_the_caller_and_survives_any_plan_name() -> None:
    plan = Plan(id="plv_1", name='my ~ "plan"', rate_limits=(RateLimit(requests=5, seconds=1),))
    known = labels.of_plans((plan,))
    label = known.of(grant(1))
    assert labels.read_label(label) == labels.Label("plv_1", "sub_1", "app_1", "crd_1")
    assert label.startswith('"my-plan-";q=5;w=1~')
    assert label.startswith(known.plan_prefix("plv_1"))
    assert labels.read_label("nonsense") == labels.Label()


def test_policies_of_one_api_can_be_cut_by_width_and_parse() -> None:
    limits = (RateLimit(requests=5, seconds=1), RateLimit(requests=1000, seconds=60))
    plans = (
        Plan(id="a", name="a", rate_limits=limits[:1]),
        Plan(id="long", name="a-long-name", rate_limits=limits[:1]),
        Plan(id="both", name="both", rate_limits=limits),
        Plan(id="free", name="free"),
    )
    known = labels.of_plans(plans)
    assert set(known.heads) == {"a", "long", "both"}
    for plan_id, name in (("a", "a"), ("long", "a-long-name"), ("both", "both")):
        label = known.of(replace(grant(1), plan_id=plan_id))
        policies = http_sf.parse(label[: known.width].encode(), tltype="list")
        assert (policies[0][0], dict(policies[0][1])) == (name, {"q": 5, "w": 1})
        [(told, rest)] = http_sf.parse(f"{label[: known.name_width]}r=1;t=2".encode(), tltype="list")
        assert (told, dict(rest)) == (name, {"r": 1, "t": 2})
    assert known.of(replace(grant(1), plan_id="free")).startswith("~")


def test_plans_that_limit_alike_are_told_apart_and_keys_of_a_subscription_are_not() -> None:
    alike = tuple(Plan(id=key, name="pro", rate_limits=(RateLimit(requests=5, seconds=1),)) for key in "ab")
    known = labels.of_plans(alike)
    assert known.plan_prefix("a") != known.plan_prefix("b")
    cut = int(known.bucket.rstrip("%").rpartition(":")[2])
    one, twin, other = (replace(grant(n), plan_id="a", subscription_id=s) for n, s in ((1, "x"), (2, "x"), (3, "y")))
    assert known.of(one)[:cut] == known.of(twin)[:cut] != known.of(other)[:cut]


def test_labels_of_used_up_quotas_are_told_apart_by_their_beginning() -> None:
    exhausted = replace(grant(1), state=GrantState.EXHAUSTED, window=Window.MONTH)
    known = labels.of_plans(())
    assert known.of(exhausted).startswith(labels.USED_UP)
    assert labels.read_label(known.of(exhausted)).subscription_id == "sub_1"
    assert not known.of(grant(1)).startswith(labels.USED_UP)


def test_the_label_of_a_used_up_quota_says_when_it_starts_anew() -> None:
    until = datetime(2026, 7, 16, tzinfo=UTC)
    exhausted = replace(grant(1), state=GrantState.EXHAUSTED, window=Window.HOUR, resets_at=until)
    label = labels.of_plans(()).of(exhausted)
    told = re.findall(r"contains\('(\|[a-zA-Z])'\) \? (\d+)", labels.reset())
    assert sum(int(value) for bit, value in told if bit in label) == until.timestamp()


def test_of_two_limits_with_one_window_the_strictest_counts() -> None:
    limits = (RateLimit(requests=9, seconds=60), RateLimit(requests=3, seconds=60))
    assert rate_limit.limits(Plan(id="p", name="p", rate_limits=limits)) == (limits[1],)


def limited(*parts: tuple[int, int, LimitBy]) -> tuple[RateLimit, ...]:
    return tuple(RateLimit(requests=requests, seconds=seconds, by=by) for requests, seconds, by in parts)


def asked(found: list[tuple[RateLimit, int]]) -> list[tuple[int, str]]:
    """Requests and owner in the order of the engine's filters."""
    order = (*rate_limit.EARLY_STAGES, rate_limit.TOLD, *rate_limit.SHARED_STAGES)
    return [(limit.requests, limit.by.value) for limit, stage in sorted(found, key=lambda item: order.index(item[1]))]


def test_a_plans_limits_are_asked_fast_ones_first_and_shared_ones_last() -> None:
    own = limited((1000, 3600, LimitBy.APP), (10, 1, LimitBy.SUBSCRIPTION), (100, 60, LimitBy.SUBSCRIPTION))
    plan = Plan(id="p", name="p", rate_limits=(*limited((5000, 60, LimitBy.PLAN)), *own))
    found = rate_limit.of_plan(plan)
    assert asked(found) == [(10, "subscription"), (100, "subscription"), (1000, "app"), (5000, "plan")]
    assert dict(found)[own[0]] == rate_limit.TOLD
    assert len({stage for _, stage in found}) == 4


def test_an_operations_shared_limits_come_after_the_plans_unless_each_caller_could_use_them_up() -> None:
    own = limited((50, 1, LimitBy.API), (3, 60, LimitBy.OPERATION), (2, 1, LimitBy.IP))
    plans = (Plan(id="p", name="p", rate_limits=limited((5, 60, LimitBy.SUBSCRIPTION))),)
    stages = dict(rate_limit.of_operation(own, plans))
    assert stages[own[0]] in rate_limit.SHARED_STAGES
    assert stages[own[1]] in rate_limit.EARLY_STAGES
    assert stages[own[2]] in rate_limit.EARLY_STAGES
    assert all(stage in rate_limit.SHARED_STAGES for _, stage in rate_limit.of_operation(own[:2], ()))


def test_where_a_plan_has_shared_limits_only_the_slowest_is_told_of_and_asked_last() -> None:
    found = rate_limit.of_plan(
        Plan(id="p", name="p", rate_limits=limited((50, 3600, LimitBy.PLAN), (5, 60, LimitBy.PLAN)))
    )
    assert asked(found) == [(5, "plan"), (50, "plan")]
    assert found[-1][1] == rate_limit.TOLD


def test_the_book_tells_what_a_delta_touched() -> None:
    book = GrantBook(lambda _: labels.of_plans(()))
    touched = book.apply(GrantDelta(revision=1, full=True, upsert=(grant(1), grant(2, api="api_2"))))
    assert touched.apis == {"api_1", "api_2"}
    assert book.apply(GrantDelta(revision=2, since=1, upsert=(grant(1),))).apis == set()
    assert book.apply(GrantDelta(revision=3, since=2, remove=("grn_2", "grn_unknown"))).apis == {"api_2"}
    assert list(book.credentials("api_2")) == []
    assert (len(book), book.revision) == (1, 3)
    assert book.apply(GrantDelta(revision=4, full=True)).apis == {"api_1"}
    assert not list(book.shards)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), max_size=40))
def test_the_book_by_deltas_equals_the_book_at_once(steps: list[tuple[bool, int, int]]) -> None:
    wanted: dict[str, Grant] = {}
    book = GrantBook(lambda _: labels.of_plans(()))
    for revision, (add, number, key) in enumerate(steps, 1):
        one = grant(number, key=f"k_{key}")
        delta = GrantDelta(revision=revision, upsert=(one,)) if add else GrantDelta(revision=revision, remove=(one.id,))
        wanted = {**wanted, one.id: one} if add else {name: g for name, g in wanted.items() if name != one.id}
        book.apply(delta)
    at_once = GrantBook(lambda _: labels.of_plans(()))
    at_once.apply(GrantDelta(revision=1, full=True, upsert=tuple(wanted.values())))
    assert sorted(book.credentials("api_1")) == sorted(at_once.credentials("api_1"))
    assert {s: book.shards.credentials(s) for s in book.shards} == {
        s: at_once.shards.credentials(s) for s in at_once.shards
    }


def test_shards_split_when_they_crowd() -> None:
    shards = Shards()
    for number in range(5000):
        shards.add(f"visible_{number:05d}", f"crd_{number}")
    width = shards.better_width()
    assert width is not None
    shards.resize(width)
    assert shards.better_width() is None or len(list(shards)) > 1
    assert sum(shards.credentials(shard).count(b"visible_") for shard in shards) == 5000


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"base_path": "/a/b"}, "segment"),
        ({"base_path": "/denied x"}, "segment"),
        ({"key_auth": KeyAuth(header="")}, "no place"),
        ({"key_auth": KeyAuth(header="a b")}, "header name"),
        ({"cors": Cors(origins=("*",), credentials=True)}, "credentials"),
        ({"cors": Cors(origins=("https://a' || true || '",))}, "origin"),
        ({"plans": (Plan(id="p", name="p", rate_limits=(RateLimit(requests=0, seconds=1),)),)}, "positive"),
        ({"versions": (VersionIR(id="v", name="v", mount="v2"),)}, "mount"),
        ({"versions": (VersionIR(id="v", name="v", policies=HOST_EDIT),)}, "gateway's own"),
    ],
)
def test_what_is_checked_before_anything_is_sent(change: dict[str, object], word: str) -> None:
    api = ApiIR(**{"id": "a", "slug": "a", "name": "a", "base_path": "/a", **change})  # type: ignore[arg-type]
    assert word in " ".join(validate.reasons(api))


def test_files_and_sockets_are_for_this_user_only(tmp_path: object) -> None:
    deep = f"{tmp_path}/{'d' * 90}"
    options = DriverOptions(gateway_id="gw", directory=deep)
    paths = bootstrap.files(options)
    assert len(paths.xds_socket) <= 100
    bootstrap.write(options, paths)
    assert Path(paths.bootstrap).stat().st_mode & 0o777 == 0o600
    assert Path(paths.xds_socket).parent.stat().st_mode & 0o077 == 0


def test_an_engine_without_a_driver_is_refused_by_name() -> None:
    with pytest.raises(PermanentError, match="envoy"):
        make_driver(Engine.AWS, DriverOptions(gateway_id="gw", directory="unused"))


def test_an_api_brings_as_many_expressions_with_many_paths_as_with_few() -> None:
    """The engine compiles each of them with every change and every new key, a fifth of a millisecond each."""
    few, many = (routes.skeleton(_with_origins(paths), 1) for paths in (1, 50))
    assert few.count(b"%CEL(") == many.count(b"%CEL(") > 0


def _with_origins(paths: int) -> ApiIR:
    mocked = RoutePolicies(mock=Mock())
    made = tuple(Route(id=f"op_{n}", method="GET", path=f"/a{n}", policies=mocked) for n in range(paths))
    version = VersionIR(id="ver_1", name="1", upstream=None, routes=made)
    cors = Cors(origins=("https://a.example",), expose=("x-one",), credentials=True)
    return ApiIR(id="api_1", slug="a", name="A", base_path="/a", cors=cors, key_auth=KeyAuth(), versions=(version,))
