"""Full-text search on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from waypost.information.models import ApiRow, EntityRow
from waypost.information.search import SearchDocument, SearchQuery, SearchResult, SearchScope, open_search
from waypost.information.search.words import highlight, query_terms
from waypost.information.uow import UnitOfWork, unit_of_work
from waypost.kit.clock import FakeClock

ALL = SearchScope(everything=True)
Find = Callable[..., Any]


def documents(api: str, owner: str, visibility: str, lifecycle: str = "published", **more: Any) -> list[SearchDocument]:
    about = {"api_id": api, "owner_id": owner, "visibility": visibility, "lifecycle": lifecycle}
    about |= {name: more.pop(name) for name in ("category", "kind", "tags") if name in more}
    operations = more.pop("operations", ())
    made = [SearchDocument(id=api, type="api", **about, **more)]
    for number, (title, path) in enumerate(operations):
        made.append(
            SearchDocument(id=f"op_{api}_{number}", type="operation", title=title, path=path, method="GET", **about)
        )
    return made


CATALOG = {
    "api_pay": documents(
        "api_pay",
        "team_red",
        "public",
        title="Payments",
        summary="Take money from cards",
        body="Zahlungen über Karten",
        category="Finance",
        tags=("money", "cards"),
        operations=[("listRefunds", "/refunds/{refundId}"), ("createPayment", "/payments")],
    ),
    "api_ship": documents(
        "api_ship",
        "team_red",
        "internal",
        title="Shipping",
        summary="Parcels and payments on delivery",
        tags=("money",),
    ),
    "api_hr": documents("api_hr", "team_blue", "private", title="Payroll", category="People"),
    "api_new": documents("api_new", "team_blue", "public", "draft", title="Payments 2"),
}


@pytest.fixture
async def uow(engine: AsyncEngine) -> AsyncIterator[UnitOfWork]:
    async with unit_of_work(engine, FakeClock()) as uow:
        now = uow.clock.now()
        for owner in ("team_red", "team_blue"):
            uow.session.add(EntityRow(id=owner, kind="team", slug=owner[5:], name=owner, created_at=now))
        await uow.session.flush()
        for api, docs in CATALOG.items():
            row = ApiRow(id=api, slug=api[4:], base_path=f"/{api}", owner_id=docs[0].owner_id, name=docs[0].title)
            row.created_at = row.updated_at = now
            uow.session.add(row)
            await uow.session.flush()
            await open_search(engine).replace(uow.session, api, docs)
        yield uow


@pytest.fixture
def find(engine: AsyncEngine, uow: UnitOfWork) -> Find:
    async def run(text: str = "", scope: SearchScope = ALL, **filters: Any) -> SearchResult:
        return await open_search(engine).query(uow.session, SearchQuery(text=text, scope=scope, **filters))

    return run


def ids(result: SearchResult) -> list[str]:
    return [hit.id for hit in result.hits]


async def test_title_ranks_before_summary_and_apis_before_operations(find: Find) -> None:
    found = ids(await find("payments"))
    assert found[0] in {"api_pay", "api_new"}
    assert found.index("api_pay") < found.index("op_api_pay_1")
    assert found.index("api_pay") < found.index("api_ship")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("refund", "op_api_pay_0"),
        ("REFUNDS", "op_api_pay_0"),
        ("list ref", "op_api_pay_0"),
        ("/refunds/{refundId}", "op_api_pay_0"),
        ("uber", "api_pay"),
        ("Karten", "api_pay"),
        ("payr", "api_hr"),
        ("cards", "api_pay"),
        ("finance", "api_pay"),
    ],
)
async def test_words_are_found_by_prefix_case_accent_and_camel_case(find: Find, text: str, expected: str) -> None:
    assert expected in ids(await find(text))


async def test_every_word_must_match(find: Find) -> None:
    assert ids(await find("refunds parcels")) == []


@pytest.mark.parametrize(
    ("scope", "visible"),
    [
        (SearchScope(), {"api_pay"}),
        (SearchScope(internal=True), {"api_pay", "api_ship"}),
        (SearchScope(owner_ids=("team_blue",)), {"api_pay", "api_hr", "api_new"}),
        (SearchScope(owner_ids=("usr_x",), internal=True), {"api_pay", "api_ship"}),
        (ALL, {"api_pay", "api_ship", "api_hr", "api_new"}),
    ],
)
async def test_scope_bounds_hits_totals_and_facets(find: Find, scope: SearchScope, visible: set[str]) -> None:
    for text in ("", "pay"):
        result = await find(text, scope, limit=100)
        assert {hit.api_id for hit in result.hits} == visible & ({"api_pay", "api_hr", "api_new", "api_ship"})
        assert sum(f.count for f in result.facets["lifecycle"]) == len(visible)
        assert result.total == len(result.hits)


async def test_facets_count_apis_and_ignore_their_own_filter(find: Find) -> None:
    result = await find("", tag="cards")
    assert {f.value: f.count for f in result.facets["tag"]} == {"money": 2, "cards": 1}
    assert {f.value: f.count for f in result.facets["team"]} == {"team_red": 1}
    assert ids(result) == ["api_pay"]
    assert ids(await find("", category="Finance", team="team_blue")) == []


async def test_replaced_and_deleted_apis_are_found_no_more(engine: AsyncEngine, uow: UnitOfWork, find: Find) -> None:
    index = open_search(engine)
    await index.replace(uow.session, "api_pay", documents("api_pay", "team_red", "public", title="Invoices"))
    assert ids(await find("invoices")) == ["api_pay"]
    assert ids(await find("refunds")) == []
    await index.replace(uow.session, "api_pay", [])
    assert ids(await find("invoices")) == []
    assert {f.value for f in (await find()).facets["tag"]} == {"money"}
    await uow.session.delete(await uow.session.get_one(ApiRow, "api_hr"))
    await uow.session.flush()
    assert ids(await find("payroll")) == []


async def test_one_api_does_not_crowd_out_the_others_and_pages_are_disjoint(
    engine: AsyncEngine, uow: UnitOfWork, find: Find
) -> None:
    many = [(f"listThing{n}", f"/things/{n}") for n in range(40)]
    docs = documents("api_ship", "team_red", "internal", title="Things", operations=many)
    await open_search(engine).replace(uow.session, "api_ship", docs)
    whole = ids(await find("thing", limit=100))
    assert len(whole) == 6
    pages = [ids(await find("thing", limit=2, offset=offset)) for offset in (0, 2, 4, 6)]
    assert [hit for page in pages for hit in page] == whole


async def test_no_text_raises(find: Find) -> None:
    hostile = [
        '"',
        "'",
        "\\",
        "a\"b'c",
        "NEAR(",
        "* OR *",
        ":x :*",
        "a & | !",
        "\x00",
        "(((",
        "日本語",
        "-",
        "a" * 5000,
        "\ud800",
        "%_",
    ]
    for text in [*hostile, *(f"pay {item}" for item in hostile)]:
        result = await find(text)
        assert result.total >= 0


async def test_what_rolls_back_was_never_found(engine: AsyncEngine, uow: UnitOfWork) -> None:
    await uow.session.rollback()
    async with unit_of_work(engine, FakeClock(), write=False) as other:
        assert (await open_search(engine).query(other.session, SearchQuery(scope=ALL))).total == 0


def test_highlight_marks_what_matched() -> None:
    assert highlight("All refunds of a payment", ["refund"]) == (
        ("All ", False),
        ("refunds", True),
        (" of a payment", False),
    )
    cut = highlight("x " * 400 + "payment here", ["payment"])
    assert cut[0] == ("…", False)
    assert ("payment", True) in cut


@given(st.text(max_size=300), st.text(max_size=30))
@settings(max_examples=200)
def test_highlight_loses_nothing_and_folding_is_stable(text: str, query: str) -> None:
    joined = "".join(piece for piece, _ in highlight(text, query_terms(query)))
    assert joined.strip("…") in text or joined in text
    assert all(term and " " not in term for term in query_terms(query))
