"""``waypost team`` and owners that are teams, against a real hub over a socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interaction.test_cli_credentials import Run, run  # noqa: F401 - a fixture
from tests.support.definitions import ORDERS
from tests.support.people import People, Team

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def _told(text: str, name: str) -> str:
    """What was said, without the name that was asked for and without the request's id."""
    return "\n".join(line for line in text.replace(name, "NAME").splitlines() if "request req_" not in line)


@pytest.mark.parametrize(
    "command",
    [
        ("policy", "list", "team:NAME"),
        ("policy", "set", "team:NAME", "timeout", '{"request_ms": 1}'),
        ("team", "members", "NAME"),
        ("app", "create", "Checkout", "--owner", "NAME"),
        ("api", "import", "orders.yaml", "--owner", "NAME"),
        ("issuer", "add", "https://login.test", "--owner", "NAME"),
    ],
)
async def test_a_team_that_is_not_there_is_named_like_one_of_others(
    run: Run,  # noqa: F811
    people: People,
    team: Team,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.yaml").write_text(ORDERS)
    stranger = await people.user("Stranger")
    told = [
        _told(await run(*(part.replace("NAME", name) for part in command), code=4, who=stranger), name)
        for name in (team.slug, team.id, "nosuch")
    ]
    assert len(set(told)) == 1, "whether it is there is not the stranger's to know"
    assert "(team_not_found)" in told[0]
    assert "`waypost team list`" in told[0]


async def test_another_person_is_no_owner_of_mine(run: Run, people: People) -> None:  # noqa: F811
    stranger, ann = await people.user("Stranger"), await people.user("Ann")
    create = ("app", "create", "Checkout", "--owner")
    told = [_told(await run(*create, who, code=4, who=stranger), who) for who in (ann.id, "usr_none")]
    assert told[0] == told[1]
    assert "(owner_not_found)" in told[0]


async def test_what_takes_a_team_says_so(run: Run, people: People, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "orders.yaml").write_text(ORDERS)
    told = await run("api", "import", str(tmp_path / "orders.yaml"), code=3, who=await people.user("Ann"))
    assert "Do it for a team in which you have the role developer" in told


async def test_a_team_is_made_and_has_members(run: Run, people: People) -> None:  # noqa: F811
    ann = await people.user("Ann")
    assert "No team." in await run("team", "list", who=ann)
    made = json.loads(await run("team", "create", "Payments", "--json"))
    assert "slug_taken" in await run("team", "create", "Pay", "--slug", made["slug"], code=6)
    add = ("team", "add", made["slug"], ann.email, "--role")
    assert "Ann is owner of payments." in await run(*add, "owner")
    assert "nobody with this id or e-mail" in await run(
        "team", "add", "payments", "x@y.test", "--role", "viewer", code=4
    )
    assert "last_owner" in await run(*add, "viewer", code=6)
    await run(*add, "boss", code=6)
    (mine,) = json.loads(await run("team", "list", "--json", who=ann))
    assert (mine["id"], mine["role"]) == (made["id"], "owner")
    other = await people.user("Bea")
    await run("team", "add", "payments", other.id, "--role", "viewer", who=ann)
    assert [item["role"] for item in json.loads(await run("team", "members", "payments", "--json"))] == [
        "owner",
        "viewer",
    ]
    await run("team", "remove", "payments", other.email, stdin="n\n", code=1)
    assert "Removed." in await run("team", "remove", "payments", other.email, "--yes")
    app = json.loads(await run("app", "create", "Checkout", "--owner", "payments", "--json"))
    assert app["owner"]["id"] == made["id"], "an administrator names any team by its slug"
    assert "owns_things" in await run("team", "delete", "payments", "--yes", code=6)
    await run("app", "delete", app["id"], "--yes")
    assert "Deleted." in await run("team", "delete", "payments", "--yes")
