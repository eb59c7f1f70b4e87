"""A team's page in the studio: what its owners set there, what its members see, and that nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place, join
from tests.browser.steps import choose, dialog, field, press, row
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


@pytest.fixture(scope="module")
def team(place: Place) -> Iterator[dict[str, str]]:
    """A team without policies or APIs."""
    made: dict[str, str] = ok(place.admin.post("/teams", json={"name": "Night shift"}), 201)
    yield made
    held = ok(place.admin.get(f"/teams/{made['id']}"))
    place.admin.delete(f"/teams/{made['id']}", headers={"If-Match": f'"{held["revision"]}"'}).raise_for_status()


@pytest.fixture(scope="module")
def people(place: Place, team: dict[str, str]) -> dict[str, httpx.Client]:
    """One person for each role."""
    return {role: join(place, team["id"], role, **person(role)) for role in ("owner", "maintainer")}


def person(role: str) -> dict[str, str]:
    email, password = f"{role}@night.example.org", f"eleven {role} owls count the lamps"
    return {"name": f"Nia {role.title()}", "email": email, "password": password}


@contextmanager
def page_of(browser: Browser, place: Place, client: httpx.Client) -> Iterator[Page]:
    page = opened(browser, place, client)
    yield page
    page.context.close()


def policy(page: Page, title: str) -> Locator:
    """The card of one policy."""
    return page.get_by_role("region", name=title, exact=True)


def test_an_owner_sets_what_holds_for_the_teams_apis(
    browser: Browser, place: Place, team: dict[str, str], people: dict[str, httpx.Client]
) -> None:
    with page_of(browser, place, people["owner"]) as page:
        # Asked before it is written: nothing is set yet.
        watch = Watch({place.product.hub}, {f"404 /api/v1/teams/{team['id']}/policies/maintenance"}).on(page)
        go(page, "/studio")
        page.get_by_role("navigation", name="Studio").get_by_role("link", name="Teams").click()
        assert faults_in_every_look(page, "owner", "teams") == []
        expect(row(page, team["name"])).to_contain_text("Owner")
        page.get_by_role("link", name=team["name"]).click()
        expect(page.get_by_text("Nothing is set here")).to_be_visible()
        assert faults_in_every_look(page, "owner", "team-empty") == []
        press(page, "Add a policy")
        page.get_by_role("menuitem", name="Maintenance", exact=True).click()
        form = page.get_by_role("dialog", name="Maintenance")
        field(form, "Message").fill("Back at dawn")
        press(form, "See what it changes")
        expect(form.get_by_text("It changes nothing that holds")).to_be_visible()
        press(form, "Set it")
        expect(form).to_be_hidden()
        expect(policy(page, "Maintenance").get_by_text("Back at dawn")).to_be_visible()
        assert faults_in_every_look(page, "owner", "team") == []
        assert watch.take() == []


def test_a_member_reads_what_an_owner_has_set(
    browser: Browser, place: Place, team: dict[str, str], people: dict[str, httpx.Client]
) -> None:
    ok(people["owner"].put(f"/teams/{team['id']}/policies/ip", json={"config": {"deny": ["192.0.2.0/24"]}}))
    with page_of(browser, place, people["maintainer"]) as page:
        watch = Watch({place.product.hub}).on(page)
        go(page, f"/studio/teams/{team['id']}")
        expect(policy(page, "Addresses").get_by_text("192.0.2.0/24")).to_be_visible()
        expect(page.get_by_text("Its owners can change them")).to_be_visible()
        expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
        assert faults_in_every_look(page, "maintainer", "team") == []
        assert watch.take() == []


def test_an_owner_adds_and_removes_people_by_mail(
    browser: Browser, place: Place, team: dict[str, str], people: dict[str, httpx.Client]
) -> None:
    with page_of(browser, place, people["owner"]) as page:
        path = f"/api/v1/teams/{team['id']}/members"
        watch = Watch({place.product.hub}, {f"404 {path}/nobody%40example.org"}).on(page)
        go(page, f"/studio/teams/{team['id']}")
        field(page, "Add somebody").fill("nobody@example.org")
        press(page, "Add")
        expect(page.get_by_text("Ask an administrator to make the account")).to_be_visible()
        expect(field(page, "Add somebody")).to_have_value("nobody@example.org")
        field(page, "Add somebody").fill("ada@example.org")
        choose(page, page, "As", "Viewer")
        press(page, "Add")
        expect(field(page, "Role of Ada Consumer")).to_have_value("Viewer: only looks")
        expect(field(page, "Add somebody")).to_have_value("")
        choose(page, page, "Role of Ada Consumer", "Developer")
        asked = dialog(page, f"Make Ada Consumer a developer of {team['name']}?")
        expect(asked.get_by_text("They cannot publish")).to_be_visible()
        assert faults_in_every_look(page, "owner", "team-role") == []
        press(asked, "Keep as it is")
        expect(field(page, "Role of Ada Consumer")).to_have_value("Viewer: only looks")
        choose(page, page, "Role of Ada Consumer", "Developer")
        press(asked, "Change the role")
        expect(asked).to_be_hidden()
        expect(field(page, "Role of Ada Consumer")).to_have_value("Developer: drafts and keys")
        press(row(page, "Ada Consumer"), "Remove Ada Consumer")
        press(dialog(page, f"Remove Ada Consumer from {team['name']}?"), "Remove")
        expect(row(page, "Ada Consumer")).to_have_count(0)
        page.get_by_role("button", name="Change", exact=True).first.click()
        field(dialog(page, "Change the team"), "About").fill("Who is awake then.")
        press(dialog(page, "Change the team"), "Save")
        expect(page.get_by_text("Who is awake then.")).to_be_visible()
        assert watch.take() == []


def test_the_last_owner_is_told_what_follows_and_stays(
    browser: Browser, place: Place, team: dict[str, str], people: dict[str, httpx.Client]
) -> None:
    owner = ok(people["owner"].get("/session"))["user"]
    with page_of(browser, place, people["owner"]) as page:
        watch = Watch({place.product.hub}, {f"409 /api/v1/teams/{team['id']}/members/{owner['id']}"}).on(page)
        go(page, f"/studio/teams/{team['id']}")
        choose(page, page, f"Role of {owner['name']}", "Viewer")
        asked = dialog(page, f"Make {owner['name']} a viewer of {team['name']}?")
        expect(asked.get_by_text("only another owner can give it back to you")).to_be_visible()
        press(asked, "Change the role")
        expect(asked.get_by_role("alert")).to_contain_text("This is the team's last owner")
        press(asked, "Keep as it is")
        expect(field(page, f"Role of {owner['name']}")).to_have_value("Owner: also members")
        assert watch.take() == []


def test_another_team_is_not_there_for_strangers(browser: Browser, place: Place, team: dict[str, str]) -> None:
    with page_of(browser, place, place.consumer) as page:
        watch = Watch({place.product.hub}, {f"404 /api/v1/teams/{team['id']}"}).on(page)
        go(page, "/studio/teams")
        expect(page.get_by_text("You are in no team that provides APIs")).to_be_visible()
        go(page, f"/studio/teams/{team['id']}")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        expect(page.get_by_text(team["name"])).to_have_count(0)
        assert faults_in_every_look(page, "consumer", "team of others") == []
        assert watch.take() == []


def test_policies_that_cannot_be_read_can_be_asked_for_again(
    browser: Browser, place: Place, team: dict[str, str], people: dict[str, httpx.Client]
) -> None:
    with page_of(browser, place, people["owner"]) as page:
        down = f"**/api/v1/teams/{team['id']}/policies"
        page.route(down, lambda route: route.fulfill(status=503, json={"code": "busy", "title": "The hub is busy"}))
        go(page, f"/studio/teams/{team['id']}")
        expect(page.get_by_role("alert")).to_contain_text("The hub is busy", timeout=15_000)
        page.unroute(down)
        press(page, "Try again")
        expect(policy(page, "Addresses")).to_be_visible()
