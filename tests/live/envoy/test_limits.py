"""Plan rate limits and quotas on a real Envoy."""

from __future__ import annotations

import asyncio
from calendar import monthrange
from datetime import UTC, datetime, timedelta

import http_sf
import httpx
import pytest
from tests.live.envoy.conftest import ALONE, SHARED, Gateway, grant_for

from waypost.contracts.ir import GatewaySettings, Plan, RateLimit
from waypost.contracts.vocab import GrantState, Window

pytestmark = [pytest.mark.live, SHARED]

SIX = Plan(id="plv_six", name="pro", rate_limits=(RateLimit(requests=6, seconds=600),))
MANY = Plan(id="plv_many", name="max", rate_limits=(RateLimit(requests=1000, seconds=60),))


async def limited(gateway: Gateway, plan: Plan = SIX, **changes: object) -> tuple[str, str]:
    api = gateway.api(plans=(SIX, MANY, *((plan,) if plan not in (SIX, MANY) else ())), **changes)
    await gateway.publish(api)
    grant = grant_for(api, plan=plan)
    await gateway.grant(grant)
    return f"{api.base_path}/a", grant.key.reveal()


def remaining(answer: httpx.Response) -> int:
    [(name, parameters)] = http_sf.parse(answer.headers["ratelimit"].encode(), tltype="list")
    assert name == "pro"
    return int(parameters["r"])


async def test_six_a_minute(gateway: Gateway) -> None:
    path, key = await limited(gateway)
    answers = [await gateway.get(path, key) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    assert [remaining(answer) for answer in answers] == [5, 4, 3, 2, 1, 0, 0, 0]
    assert all("retry-after" not in answer.headers for answer in answers[:6])
    policies = [http_sf.parse(answer.headers["ratelimit-policy"].encode(), tltype="list") for answer in answers]
    assert {(name, dict(item)["q"], dict(item)["w"]) for [(name, item)] in policies} == {("pro", 6, 600)}
    assert not [name for name in answers[0].headers if name.startswith("x-ratelimit")]
    last = answers[-1]
    assert last.json()["code"] == "rate_limited"
    [(_, parameters)] = http_sf.parse(last.headers["ratelimit"].encode(), tltype="list")
    assert int(last.headers["retry-after"]) == parameters["t"] >= 1


async def test_adding_a_key_refills_no_bucket(gateway: Gateway) -> None:
    path, key = await limited(gateway)
    for _ in range(6):
        assert (await gateway.get(path, key)).status_code == 200
    api = [*gateway.apis.values()][-1]
    await gateway.grant(grant_for(api, plan=SIX))
    assert (await gateway.get(path, key)).status_code == 429


async def test_keys_of_one_subscription_share_its_limit_and_others_do_not(gateway: Gateway) -> None:
    path, key = await limited(gateway)
    api = [*gateway.apis.values()][-1]
    sibling = grant_for(api, plan=SIX, subscription_id="sub_shared", app_id="app_shared")
    twin = grant_for(api, plan=SIX, subscription_id="sub_shared", app_id="app_shared")
    await gateway.grant(sibling, twin)
    for grant in (sibling, twin) * 3:
        assert (await gateway.get(path, grant.key.reveal())).status_code == 200
    assert (await gateway.get(path, twin.key.reveal())).status_code == 429
    assert remaining(await gateway.get(path, key)) == 5


async def test_unknown_paths_and_preflights_use_nothing_up(gateway: Gateway) -> None:
    path, key = await limited(gateway)
    for _ in range(8):
        assert (await gateway.get(f"{path}/nothing", key)).status_code == 404
    assert remaining(await gateway.get(path, key)) == 5


async def test_the_bucket_recovers(gateway: Gateway) -> None:
    quick = Plan(id="plv_quick", name="pro", rate_limits=(RateLimit(requests=2, seconds=3),))
    path, key = await limited(gateway, quick)
    codes = [(await gateway.get(path, key)).status_code for _ in range(3)]
    assert codes == [200, 200, 429]

    async def passes() -> bool:
        return (await gateway.get(path, key)).status_code == 200

    from waypost.testing.engine import until

    await until(passes, seconds=9)


async def test_a_second_window_is_named_and_enforced(gateway: Gateway) -> None:
    both = (RateLimit(requests=3, seconds=3600), RateLimit(requests=100, seconds=1))
    path, key = await limited(gateway, Plan(id="plv_two", name="pro", rate_limits=both))
    answers = [await gateway.get(path, key) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    parsed = http_sf.parse(answers[0].headers["ratelimit-policy"].encode(), tltype="list")
    assert [(name, dict(item)["w"]) for name, item in parsed] == [("pro", 1), ("pro-3600s", 3600)]


async def test_what_a_fast_limit_refuses_uses_nothing_of_a_slow_one(gateway: Gateway) -> None:
    windows = (RateLimit(requests=1, seconds=1), RateLimit(requests=4, seconds=3600))
    path, key = await limited(gateway, Plan(id="plv_w", name="w", rate_limits=windows))
    deadline = asyncio.get_running_loop().time() + 20
    passed = 0
    while passed < 4:
        passed += (await gateway.get(path, key)).status_code == 200
        assert asyncio.get_running_loop().time() < deadline, f"after many refusals only {passed} of 4 calls passed"


async def test_upstream_limit_headers_are_not_taken_for_ours(gateway: Gateway) -> None:
    gateway.upstream.response_headers = [("x-ratelimit-remaining", "7"), ("retry-after", "9")]
    api, key = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a", key)
    assert "ratelimit" not in answer.headers
    assert answer.headers["retry-after"] == "9"


@ALONE
async def test_the_older_headers_by_a_switch(gateway: Gateway) -> None:
    gateway.settings = GatewaySettings(x_ratelimit_headers=True)
    path, key = await limited(gateway)
    answer = await gateway.get(path, key)
    assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == ("6", "5")


@pytest.mark.parametrize("window", list(Window))
async def test_a_used_up_quota_is_429_until_the_window_ends(gateway: Gateway, window: Window) -> None:
    api, _ = await gateway.open(plans=(SIX,))
    grant = grant_for(api, plan=SIX, state=GrantState.EXHAUSTED, window=window)
    await gateway.grant(grant)
    answer = await gateway.get(f"{api.base_path}/a", grant.key.reveal())
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    assert abs(int(answer.headers["retry-after"]) - seconds_left(window)) <= 2
    live = grant_for(api, plan=SIX, id=grant.id, key=grant.key.reveal())
    await gateway.grant(live)
    assert (await gateway.get(f"{api.base_path}/a", grant.key.reveal())).status_code == 200


@pytest.mark.parametrize(("ahead", "said"), [(90, 90), (-5, 1)])
async def test_retry_after_counts_to_the_moment_that_the_hub_names(gateway: Gateway, ahead: int, said: int) -> None:
    api, _ = await gateway.open(plans=(SIX,))
    until = datetime.now(UTC) + timedelta(seconds=ahead)
    grant = grant_for(api, plan=SIX, state=GrantState.EXHAUSTED, window=Window.HOUR, resets_at=until)
    await gateway.grant(grant)
    answer = await gateway.get(f"{api.base_path}/a", grant.key.reveal())
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    assert said - 5 <= int(answer.headers["retry-after"]) <= said + 1
    assert int(answer.headers["retry-after"]) >= 1


def seconds_left(window: Window) -> int:
    now = datetime.now(UTC)
    hour = 3600 - (now.minute * 60 + now.second)
    today = hour + 3600 * (23 - now.hour)
    days = {Window.WEEK: 6 - now.weekday(), Window.MONTH: monthrange(now.year, now.month)[1] - now.day}
    return hour if window is Window.HOUR else today + 86400 * days.get(window, 0)
