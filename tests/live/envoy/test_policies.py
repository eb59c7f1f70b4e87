"""CORS, header edits, mocks, timeouts and body limits on a real Envoy."""

from __future__ import annotations

import socket
from dataclasses import replace

import httpx
import pytest
from tests.live.envoy.conftest import ALONE, GET_A, SHARED, Gateway

from waypost.contracts.ir import Cors, GatewaySettings, HeaderEdit, Mock, Route, RoutePolicies, Timeout, Upstream
from waypost.contracts.ir.gateway import VersionIR

pytestmark = [pytest.mark.live, SHARED]

SITE = "https://site.example"


def preflight(origin: str = SITE) -> dict[str, str]:
    asked = {"access-control-request-method": "PUT", "access-control-request-headers": "x-api-key, x-own"}
    return {"origin": origin, **asked}


def route(path: str = "/a", **policies: object) -> Route:
    return Route(id="op", method="GET", path=path, policies=RoutePolicies(**policies))  # type: ignore[arg-type]


async def test_a_preflight_needs_no_key(gateway: Gateway) -> None:
    api, _ = await gateway.open(cors=Cors(origins=(SITE,), credentials=True))
    answer = await gateway.request("OPTIONS", f"{api.base_path}/a", headers=preflight())
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-headers"] == "x-api-key, x-own"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "600"
    assert "Origin" in answer.headers["vary"]


async def test_a_forbidden_origin_gets_no_permission_but_the_call_goes_on(gateway: Gateway) -> None:
    api, key = await gateway.open(cors=Cors(origins=(SITE,)))
    evil = "https://site.example.evil"
    refused = await gateway.request("OPTIONS", f"{api.base_path}/a", headers=preflight(evil))
    assert refused.status_code == 204
    assert "access-control-allow-origin" not in refused.headers
    answer = await gateway.get(f"{api.base_path}/a", key, headers={"origin": evil})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_other_options_are_common_requests(gateway: Gateway) -> None:
    api, _ = await gateway.open(cors=Cors(origins=("*",)))
    answer = await gateway.request("OPTIONS", f"{api.base_path}/a", headers={"origin": SITE})
    assert answer.status_code == 405


async def test_every_answer_carries_the_permission_and_vary_is_appended(gateway: Gateway) -> None:
    gateway.upstream.response_headers = [("vary", "accept")]
    api, key = await gateway.open(
        cors=Cors(origins=(SITE,), expose=("x-own",)), routes=(GET_A, route("/m", mock=Mock(body="{}")))
    )
    _, foreign = await gateway.open()
    for path, sent, status in (
        ("/a", key, 200),
        ("/a", "", 401),
        ("/a", "bad", 401),
        ("/a", foreign, 403),
        ("/n", "", 404),
        ("/m", key, 200),
    ):
        answer = await gateway.get(f"{api.base_path}{path}", sent, headers={"origin": SITE})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == SITE, status
        assert "Origin" in answer.headers["vary"], status
    answer = await gateway.get(f"{api.base_path}/a", key, headers={"origin": SITE})
    assert answer.headers["vary"].replace(" ", "").split(",") == ["accept", "Origin"]
    assert answer.headers["access-control-expose-headers"] == "x-own"


async def test_a_refusal_of_a_foreign_key_keeps_to_the_origins(gateway: Gateway) -> None:
    api, _ = await gateway.open(cors=Cors(origins=(SITE, "https://b.example"), credentials=True))
    _, foreign = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a", foreign, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


async def test_header_edits(gateway: Gateway) -> None:
    gateway.upstream.response_headers = [("x-old", "1"), ("x-powered-by", "secret")]
    edit = HeaderEdit(
        request_set=(("x-set", "100%"), ("user-agent", "gateway")),
        request_add=(("x-add", "2"),),
        request_remove=("x-drop",),
        response_set=(("x-old", "2 %"),),
        response_add=(("x-new", "n"),),
        response_remove=("x-powered-by",),
    )
    api, key = await gateway.open(routes=(route(headers=edit),))
    sent = {"x-set": "theirs", "x-add": "1", "x-drop": "1"}
    answer = await gateway.get(f"{api.base_path}/a", key, headers=sent)
    told = answer.json()["headers"]
    assert [value for name, value in told if name == "x-set"] == ["100%"]
    assert ",".join(value for name, value in told if name == "x-add") == "1,2"
    assert "x-drop" not in dict(told)
    assert dict(told)["user-agent"] == "gateway"
    assert (answer.headers["x-old"], answer.headers["x-new"]) == ("2 %", "n")
    assert "x-powered-by" not in answer.headers


async def test_nothing_of_the_engine_shows(gateway: Gateway) -> None:
    api, key = await gateway.open()
    for sent in (key, "", "bad"):
        answer = await gateway.get(f"{api.base_path}/a", sent)
        shown = str(answer.headers).lower() + answer.text.lower()
        assert "envoy" not in shown
        assert "waypost" not in shown
        assert "server" not in answer.headers
        assert "internal" not in str(answer.headers)
    told = dict((await gateway.get(f"{api.base_path}/a", key)).json()["headers"])
    assert told["host"] == gateway.upstream.url.removeprefix("http://")
    assert not [name for name in told if "envoy" in name]


async def test_a_callers_request_id_is_not_taken_over(gateway: Gateway) -> None:
    api, key = await gateway.open()
    mine = "00000000-0000-4000-8000-000000000000"
    answer = await gateway.get(f"{api.base_path}/a", key, headers={"x-request-id": mine})
    assert answer.headers["x-request-id"] != mine
    assert dict(answer.json()["headers"])["x-request-id"] == answer.headers["x-request-id"]


async def test_hop_by_hop_headers_end_here(gateway: Gateway) -> None:
    api, key = await gateway.open()
    headers = {
        "connection": "keep-alive, x-hop",
        "x-hop": "1",
        "keep-alive": "timeout=5",
        "proxy-connection": "keep-alive",
        "proxy": "http://evil",
        "te": "gzip, trailers",
    }
    told = dict((await gateway.get(f"{api.base_path}/a", key, headers=headers)).json()["headers"])
    assert not told.keys() & {"x-hop", "keep-alive", "proxy-connection", "proxy"}
    assert told.get("te", "trailers") == "trailers"


async def test_a_mock_needs_a_key_and_answers_as_written(gateway: Gateway) -> None:
    body = '{"sale": "100% off", "big": "' + "x" * 20_000 + '"}'
    mock = Mock(status=201, body=body, headers=(("x-mock", "50%"),))
    api, key = await gateway.open(routes=(route(mock=mock), route("/e", mock=Mock(status=204))))
    answer = await gateway.get(f"{api.base_path}/a", key)
    assert (answer.status_code, answer.text, answer.headers["x-mock"]) == (201, body, "50%")
    assert answer.headers["content-type"] == "application/json"
    assert (await gateway.get(f"{api.base_path}/a")).status_code == 401
    assert (await gateway.get(f"{api.base_path}/e", key)).status_code == 204
    head = await gateway.request("HEAD", f"{api.base_path}/a", key)
    assert (head.status_code, head.content) == (201, b"")


async def test_mocked_errors_are_not_taken_for_refusals(gateway: Gateway) -> None:
    for status in (400, 401, 404, 405, 413, 429, 503):
        api, key = await gateway.open(routes=(route(mock=Mock(status=status, body='{"own": 1}')),))
        answer = await gateway.get(f"{api.base_path}/a", key)
        assert (answer.status_code, answer.json()) == (status, {"own": 1})


async def test_an_upstreams_own_errors_pass_untouched(gateway: Gateway) -> None:
    for status in (401, 404, 429, 503):
        api, key = await gateway.open(routes=(route(f"/status/{status}"),))
        answer = await gateway.get(f"{api.base_path}/status/{status}", key)
        assert (answer.status_code, answer.json()["body"]) == (status, 0)


async def test_a_slow_upstream_is_504_unless_the_limit_is_off(gateway: Gateway) -> None:
    quick = route("/slow", timeout=Timeout(request_ms=200))
    api, key = await gateway.open(routes=(quick, route("/slow/off", timeout=Timeout(request_ms=0))))
    answer = await gateway.get(f"{api.base_path}/slow", key)
    assert (answer.status_code, answer.json()["code"]) == (504, "upstream_timeout")
    assert (await gateway.get(f"{api.base_path}/slow/off", key)).status_code == 200


async def test_a_resetting_upstream_is_502(gateway: Gateway) -> None:
    api, key = await gateway.open(routes=(route("/reset"),))
    answer = await gateway.get(f"{api.base_path}/reset", key)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream_error")


async def test_a_missing_upstream_is_503(gateway: Gateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    urls = (f"http://127.0.0.1:{port}", "http://does-not-exist.invalid")
    for url in urls:
        api = gateway.api(key_auth=None)
        api = replace(api, versions=(VersionIR(id="v", name="1", upstream=Upstream(url=url), routes=(GET_A,)),))
        await gateway.publish(api)
        answer = await gateway.get(f"{api.base_path}/a")
        assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable"), url


@ALONE
async def test_a_body_over_the_limit_is_413(gateway: Gateway) -> None:
    gateway.settings = GatewaySettings(max_request_bytes=1000)
    api, key = await gateway.open(routes=(Route(id="p", method="POST", path="/a"),))
    path = f"{api.base_path}/a"
    assert (await gateway.request("POST", path, key, content=b"x" * 1000)).json()["body"] == 1000

    async def chunks() -> object:
        for _ in range(3):
            yield b"x" * 500

    for content in (b"x" * 1001, chunks()):
        try:
            answer = await gateway.request("POST", path, key, content=content)
        except httpx.WriteError:
            continue
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
