"""``waypost subscribe`` and ``waypost subscription`` against a real hub over a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.application.world import World, make_world
from tests.interaction.test_cli_credentials import Run, run  # noqa: F401 - a fixture
from tests.support.people import People
from waypost.application.parts import Parts

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def world(parts: Parts, people: People) -> World:
    """A published API with a free plan and a paid one that takes approval; the consumer has an app."""
    world = await make_world(parts, people)
    await world.publish()
    await world.app()
    return world


async def _subscribe(run: Run, world: World, plan: str = "free", **options: Any) -> dict[str, Any]:  # noqa: F811
    said: dict[str, Any] = json.loads(await run(*_SUBSCRIBE, "--plan", plan, "--json", who=world.consumer, **options))
    return said


_SUBSCRIBE = ("subscribe", "weather", "--app", "Trip planner")


async def test_what_is_subscribed_already_is_no_error(run: Run, world: World) -> None:  # noqa: F811
    made = await _subscribe(run, world)
    assert (made["state"], made["already_subscribed"]) == ("active", False)
    for plan in ("free", "Free", world.plans["free"]):
        assert await _subscribe(run, world, plan) == {**made, "already_subscribed": True}
    told = await run(*_SUBSCRIBE, "--plan", "free", who=world.consumer)
    assert told == "Trip planner → Weather (Free) already: active\n"
    for _ in range(2):
        ended = await run("subscription", "cancel", made["id"], who=world.consumer)
        assert ended == "Trip planner → Weather (Free): cancelled\n"
    again = await _subscribe(run, world)
    assert (again["already_subscribed"], again["id"] == made["id"]) == (False, False)


async def test_what_waits_for_approval_already_is_no_error(run: Run, world: World) -> None:  # noqa: F811
    made = await _subscribe(run, world, "paid")
    assert await _subscribe(run, world, "paid") == {**made, "already_subscribed": True}
    told = await run(*_SUBSCRIBE, "--plan", "paid", who=world.consumer)
    assert told == "Trip planner → Weather (Paid) already: pending\n"
    refusal = ("subscription", "refuse", made["id"], "--reason", "No.", "--json")
    assert json.loads(await run(*refusal, who=world.provider))["state"] == "refused"
    assert not (await _subscribe(run, world, "paid"))["already_subscribed"]


async def test_a_plan_that_is_no_longer_on_offer_is_still_held(run: Run, world: World) -> None:  # noqa: F811
    made = await _subscribe(run, world)
    await run("plan", "update", "weather", "free", "--lifecycle", "retired", who=world.provider)
    assert await _subscribe(run, world) == {**made, "already_subscribed": True}
    assert "there are: paid" in await run(*_SUBSCRIBE, "--plan", "gold", code=2, who=world.consumer)


async def test_another_plan_is_a_conflict_that_names_the_way(run: Run, world: World) -> None:  # noqa: F811
    made = await _subscribe(run, world, "paid")
    told = await run(*_SUBSCRIBE, "--plan", "free", code=6, who=world.consumer)
    assert "with the plan Paid (pending)" in told
    way = f"waypost subscription change {made['id']} --plan free"
    assert f"`{way}`" in told
    changed = await run(*way.split()[1:], who=world.consumer)
    assert changed == "Trip planner → Weather (Free): active\n", "a plan without approval lets it through"


async def test_a_plan_with_approval_is_the_providers_to_set(run: Run, world: World) -> None:  # noqa: F811
    made = await _subscribe(run, world)
    change = ("subscription", "change", made["id"], "--plan", "paid", "--json")
    told = await run(*change, code=6, who=world.consumer)
    assert "(plan_needs_approval)" in told
    assert "Nothing was changed." in told
    assert "refused until that is approved" in told
    assert json.loads(await run("subscription", "show", made["id"], "--json"))["plan"]["slug"] == "free"
    changed = json.loads(await run(*change, who=world.provider))
    assert (changed["plan"]["slug"], changed["state"]) == ("paid", "active")
    assert "there are: free, paid" in await run(*change[:-2], "gold", code=2, who=world.provider)


async def test_subscriptions_of_an_app_or_to_an_api_are_found_and_shown(run: Run, world: World) -> None:  # noqa: F811
    made = await _subscribe(run, world)
    await world.key(made["app"]["id"])
    for by in (("--app", "Trip planner"), ("--api", "weather"), ()):
        (found,) = json.loads(await run("subscription", "list", *by, "--json", who=world.consumer))
        assert found["id"] == made["id"]
    assert "No subscription." in await run("subscription", "list", "--api", "other", who=world.consumer)
    assert "no such subscription" in await run("subscription", "show", "sub_none", code=4, who=world.consumer)
    shown = await run("subscription", "show", made["id"], who=world.consumer)
    assert "Edge" in shown
    grants = json.loads(await run("subscription", "show", made["id"], "--json", who=world.consumer))["grants"]
    assert [grant["gateway"]["name"] for grant in grants] == ["Edge"]
