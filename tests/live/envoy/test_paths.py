"""Which path goes where, as BEHAVIOURS decides."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from tests.live.envoy.conftest import SHARED, Gateway

from waypost.contracts.ir import ApiIR, Cors, Mock, PathRewrite, Route, RoutePolicies, Upstream
from waypost.integration.gateways.envoy.operations import by_path

pytestmark = [pytest.mark.live, SHARED]


def get(path: str, **policies: object) -> Route:
    return Route(id=f"op{path}", method="GET", path=path, policies=RoutePolicies(**policies))  # type: ignore[arg-type]


async def opened(gateway: Gateway, *routes: Route, base: str = "") -> ApiIR:
    api = gateway.api(routes=routes, base=base, key_auth=None)
    await gateway.publish(api)
    return api


async def line(gateway: Gateway, path: str) -> str:
    answer = await gateway.client.get(path)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["line"]).removeprefix("GET ").removesuffix(" HTTP/1.1")


async def test_encoded_slashes_and_queries_stay_as_they_are(gateway: Gateway) -> None:
    api = await opened(gateway, get("/users/{id}"), base="/v1")
    assert await line(gateway, f"{api.base_path}/users/a%2Fb?x=%7C") == "/v1/users/a%2Fb?x=%7C"


async def test_unknown_api_and_path_are_404_without_a_key(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    base = api.base_path
    for path in ("/nothing", "/", f"{base}x/a", f"{base}/b", f"{base}/a/b", f"{base}/a/", f"{base}//a", f"{base}?x=1"):
        answer = await gateway.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


async def test_the_root_with_and_without_a_slash(gateway: Gateway) -> None:
    api = await opened(gateway, get("/"))
    assert await line(gateway, api.base_path) == "/"
    assert await line(gateway, f"{api.base_path}/?x=1") == "/?x=1"
    with_base = await opened(gateway, get("/"), base="/v1/")
    assert await line(gateway, f"{with_base.base_path}?x=1") == "/v1/?x=1"


async def test_concrete_beats_template_at_the_same_place(gateway: Gateway) -> None:
    routes = (get("/{any}/x"), get("/users/{id}"), get("/users/me"), get("/files/a.{format}"), get("/files/{name}"))
    api = await opened(gateway, *routes, base="/up")
    records = {}
    for path in ("/users/me", "/users/7", "/zzz/x", "/files/a.json", "/files/b"):
        records[path] = await line(gateway, f"{api.base_path}{path}")
    assert records == {path: f"/up{path}" for path in records}


async def test_a_wrong_method_is_405_with_allow(gateway: Gateway) -> None:
    api, _ = await gateway.open(routes=(get("/a"), Route(id="p", method="POST", path="/a")))
    answer = await gateway.client.delete(f"{api.base_path}/a")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_head_is_answered_by_get(gateway: Gateway) -> None:
    api = await opened(gateway, get("/a"), get("/b/{c}"))
    for path in ("/a", "/b/1"):
        assert (await gateway.client.head(f"{api.base_path}{path}")).status_code == 200


async def test_a_mount_stands_between_base_path_and_route(gateway: Gateway) -> None:
    api = gateway.api(key_auth=None, routes=(get("/a"), get("/t/{x}")))
    second = replace(
        api.versions[0], id="ver_second", mount="/v2", upstream=Upstream(url=f"{gateway.upstream.url}/two")
    )
    api = replace(api, versions=(*api.versions, second))
    await gateway.publish(api)
    assert await line(gateway, f"{api.base_path}/a") == "/a"
    assert await line(gateway, f"{api.base_path}/v2/a") == "/two/a"
    assert await line(gateway, f"{api.base_path}/v2/t/1?q") == "/two/t/1?q"


@pytest.mark.parametrize(
    ("prefix", "replacement", "asked", "expected"),
    [
        ("/", "/", "/old/1", "/up/old/1"),
        ("/", "/new", "/old/1", "/up/new/old/1"),
        ("/old", "/new", "/old/1", "/up/new/1"),
        ("/old", "/", "/old/1", "/up/1"),
        ("/old/", "/new/", "/old/1", "/up/new/1"),
        ("/ol", "/new", "/old/1", "/up/old/1"),
        ("/old", "/", "/old", "/up"),
    ],
)
async def test_rewrites(gateway: Gateway, prefix: str, replacement: str, asked: str, expected: str) -> None:
    rewrite = PathRewrite(prefix=prefix, replacement=replacement)
    api = await opened(gateway, get("/old/{id}", rewrite=rewrite), get("/old", rewrite=rewrite), base="/up")
    assert await line(gateway, f"{api.base_path}{asked}") == expected


async def test_dot_segments_do_not_leave_the_api(gateway: Gateway) -> None:
    api, _ = await gateway.open(routes=(get("/{a}/{b}"),))
    answer = await gateway.client.request("GET", f"{api.base_path}/x/%2e%2e/%2e%2e/other")
    assert answer.status_code == 404


async def test_many_paths_that_overlap_go_where_the_first_in_order_says(gateway: Gateway) -> None:
    """Found by look-ups, yet the same as trying one after the other: mounts, files, and dozens under one beginning."""
    api = _crowded(gateway)
    await gateway.publish(api)
    dice, hits = random.Random(7), set()
    for _ in range(500):
        path = api.base_path + dice.choice(("", "/a", "/a/b")) + _drawn(dice, ("a", "b", "ab", "c.d", "zz"))
        fits = [group for group in by_path(api) if re.fullmatch(group[0].path.regex, path)]
        answer = await gateway.client.get(path)
        assert (answer.text if fits else answer.status_code) == (fits[0][0].route.id if fits else 404), path
        hits |= {answer.text} if fits else set()
    assert len(hits) > 60


async def test_many_operations_are_guarded_as_few_are(gateway: Gateway) -> None:
    """What headers decide comes before the path, what no path takes after it."""
    routes = [Route(id=f"{m}{n}", method=m, path=f"/r{n}/{{id}}") for n in range(9) for m in ("GET", "DELETE")]
    api, key = await gateway.open(routes=tuple(routes), cors=Cors(origins=("https://a.test",)))
    path, origin = f"{api.base_path}/r7/1", {"origin": "https://a.test"}
    preflight = await gateway.client.options(path, headers={**origin, "access-control-request-method": "DELETE"})
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "https://a.test")
    twice = await gateway.client.get(path, headers=[("x-api-key", key), ("x-api-key", key)])
    assert (twice.status_code, twice.json()["code"]) == (401, "key_ambiguous")
    wrong = await gateway.client.put(path, headers=origin)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "DELETE, GET, HEAD")
    assert wrong.headers["access-control-allow-origin"] == "https://a.test"
    for unknown in (f"{api.base_path}/r7", f"{path}/2", f"{api.base_path}/r9/1", f"{api.base_path}/r7/"):
        answer = await gateway.client.get(unknown, headers=origin)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), unknown
        assert answer.headers["access-control-allow-origin"] == "https://a.test"
    assert (await gateway.get(path)).status_code == 401
    assert (await gateway.get(f"{path}?q=%7C", key)).json()["line"] == "GET /r7/1?q=%7C HTTP/1.1"


def _crowded(gateway: Gateway) -> ApiIR:
    dice = random.Random(3)
    paths = sorted({_drawn(dice, ("a", "b", "{x}", "{x}b", "c.{y}")) for _ in range(400)})
    api = gateway.api(key_auth=None)
    versions = []
    for mount in ("", "/a", "/a/b"):
        some = [path for path in paths if dice.random() < 0.5]
        answers = {path: Mock(status=200, content_type="text/plain", body=f"{mount} {path}") for path in some}
        routes = tuple(replace(get(path, mock=mock), id=mock.body) for path, mock in answers.items())
        versions.append(replace(api.versions[0], id=f"ver{mount.replace('/', '_')}", mount=mount, routes=routes))
    return replace(api, versions=tuple(versions))


def _drawn(dice: random.Random, segments: tuple[str, ...]) -> str:
    return "".join(f"/{dice.choice(segments)}" for _ in range(dice.randint(1, 4)))
