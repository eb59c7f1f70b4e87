"""What is chosen to serve: conflicts, refusals, fallbacks, the guard."""

from __future__ import annotations

from tests.integration.agent.fakes import api
from waypost.contracts.ir import ApiIR, GatewaySettings
from waypost.contracts.ir.dump import content_hash
from waypost.integration.agent.codec import ApisNews, Undecodable
from waypost.integration.agent.desired import Chosen, Desired, Refusal


def news(*upsert: ApiIR, remove: tuple[str, ...] = (), confirmed: bool = False, **more: object) -> ApisNews:
    return ApisNews(
        generation=1,
        settings=GatewaySettings(),
        upsert=upsert,
        remove=remove,
        guard_confirmed=confirmed,
        **more,  # type: ignore[arg-type]
    )


def serve(desired: Desired) -> dict[str, ApiIR]:
    """Choose, and prove everything chosen."""
    chosen = desired.choose()
    for api_id, item in chosen.items():
        desired.proved(api_id, item)
    return {api_id: item.api for api_id, item in chosen.items()}


def test_newcomer_does_not_take_a_served_path() -> None:
    desired = Desired()
    desired.take(news(api("z", base_path="/shared")))
    serve(desired)
    desired.take(news(api("a", base_path="/shared")))
    assert serve(desired).keys() == {"api_z"}
    assert "belongs to the API 'z'" in desired.quarantined()["api_a"].reason


def test_of_two_newcomers_the_older_api_gets_the_path() -> None:
    desired = Desired()
    desired.take(news(api("b", base_path="/shared"), api("a", base_path="/shared")))
    assert serve(desired).keys() == {"api_a"}


def test_path_may_change_hands_in_one_message() -> None:
    desired = Desired()
    desired.take(news(api("a", base_path="/one")))
    serve(desired)
    desired.take(news(api("a", base_path="/two"), api("b", base_path="/one")))
    assert {key: item.base_path for key, item in serve(desired).items()} == {"api_a": "/two", "api_b": "/one"}


def test_path_is_not_given_away_while_its_holder_cannot_move() -> None:
    desired = Desired()
    desired.take(news(api("a", base_path="/one")))
    serve(desired)
    moved = api("a", base_path="/two", mocked=False)
    desired.take(news(moved, api("b", base_path="/one")))
    assert {key: item.base_path for key, item in serve(desired).items()} == {"api_a": "/one"}
    assert desired.quarantined().keys() == {"api_a", "api_b"}


def test_refused_version_falls_back_and_a_new_one_is_tried() -> None:
    desired = Desired()
    desired.take(news(api("a")))
    serve(desired)
    worse = api("a", body="worse")
    desired.take(news(worse))
    desired.refuse("api_a", Refusal(content_hash(worse), "no"))
    assert serve(desired)["api_a"] == api("a")
    desired.take(news(api("a", body="better")))
    assert serve(desired)["api_a"] == api("a", body="better")
    assert not desired.quarantined()


def test_while_recovering_what_last_worked_goes_first() -> None:
    desired = Desired()
    desired.take(news(api("a")))
    serve(desired)
    desired.take(news(api("a", body="untried")))
    desired.recovering = True
    assert desired.choose()["api_a"].api == api("a")
    desired.recovering = False
    assert desired.choose()["api_a"].api == api("a", body="untried")


def test_api_that_cannot_be_read_keeps_its_version() -> None:
    desired = Desired()
    desired.take(news(api("a")))
    serve(desired)
    desired.take(news(undecodable=(Undecodable("api_a", "too new"),)))
    assert serve(desired)["api_a"] == api("a")
    assert desired.quarantined()["api_a"].reason == "too new"


def test_guard_holds_more_than_thirty_percent_of_ten_and_not_less() -> None:
    ten = [api(f"n{number}") for number in range(10)]
    for removed, held in ((3, 0), (4, 4), (10, 10)):
        desired = Desired()
        desired.take(news(*ten))
        serve(desired)
        desired.take(news(remove=tuple(item.id for item in ten[:removed])))
        assert len(desired.held) == held
        assert len(desired.choose()) == (10 if held else 10 - removed)


def test_confirmation_releases_what_is_held_and_publishing_again_takes_it_back() -> None:
    ten = [api(f"n{number}") for number in range(10)]
    desired = Desired()
    desired.take(news(*ten))
    serve(desired)
    desired.take(news(remove=tuple(item.id for item in ten[:5])))
    desired.take(news(ten[0]))
    desired.take(news(confirmed=True))
    assert desired.choose().keys() == {item.id for item in (ten[0], *ten[5:])}


def test_fewer_than_ten_are_not_guarded() -> None:
    nine = [api(f"n{number}") for number in range(9)]
    desired = Desired()
    desired.take(news(*nine))
    serve(desired)
    desired.take(news(remove=tuple(item.id for item in nine)))
    assert desired.choose() == {}


def test_proved_says_whether_it_is_new() -> None:
    desired = Desired()
    desired.take(news(api("a")))
    chosen = desired.choose()["api_a"]
    assert desired.proved("api_a", chosen)
    assert not desired.proved("api_a", chosen)
    assert not desired.proved("api_gone", Chosen(api("gone"), "x"))
