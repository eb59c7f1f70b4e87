"""Limits that contradict each other are refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from waypost.application.plans.errors import PlanTermsInvalid
from waypost.application.plans.schemas import PlanTerms
from waypost.application.plans.terms import check_terms


def terms(*limits: tuple[int, int]) -> PlanTerms:
    return PlanTerms.model_validate({"rate_limits": [{"requests": r, "seconds": s} for r, s in limits]})


@pytest.mark.parametrize(
    ("limits", "pointer"),
    [
        (((6, 60), (7, 60)), "/version/rate_limits/1/seconds"),
        (((100, 1), (50, 60)), "/version/rate_limits/0/requests"),
        (((50, 60), (100, 1)), "/version/rate_limits/1/requests"),
    ],
)
def test_contradictions(limits: tuple[tuple[int, int], ...], pointer: str) -> None:
    with pytest.raises(PlanTermsInvalid) as caught:
        check_terms(terms(*limits))
    assert [error.pointer for error in caught.value.errors] == [pointer]


@pytest.mark.parametrize("limits", [(), ((6, 60),), ((10, 1), (100, 60), (100, 3600))])
def test_terms_that_hold_together(limits: tuple[tuple[int, int], ...]) -> None:
    check_terms(terms(*limits))


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"quota": {"requests": 5, "window": "day"}, "quotas": [{"amount": 5, "window": "day"}]}, "/version/quota"),
        ({"quotas": [{"amount": 5, "window": "day", "unit": "header"}]}, "/version/quotas/0/header"),
        ({"quotas": [{"amount": 5, "window": "day", "header": "x-units"}]}, "/version/quotas/0/header"),
        ({"quotas": [{"amount": 5, "window": "day"}, {"amount": 6, "window": "day"}]}, "/version/quotas/1/window"),
        (
            {
                "quotas": [
                    {"amount": 5, "window": "day", "unit": "header", "header": "x-a"},
                    {"amount": 5, "window": "week", "unit": "header", "header": "x-b"},
                ]
            },
            "/version/quotas/1/header",
        ),
        ({"rate_limits": [{"requests": 5, "seconds": 1, "by": "claim"}]}, "/version/rate_limits/0/claim"),
        ({"rate_limits": [{"requests": 5, "seconds": 1, "claim": "sub"}]}, "/version/rate_limits/0/claim"),
    ],
)
def test_quotas_and_claims_that_contradict(wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(PlanTermsInvalid) as caught:
        check_terms(PlanTerms.model_validate(wrong))
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_the_short_form_is_written_out() -> None:
    short = PlanTerms.model_validate({"quota": {"requests": 5, "window": "day"}})
    long = PlanTerms.model_validate({"quotas": [{"amount": 5, "window": "day"}]})
    check_terms(short)
    assert short.stored() == long.stored()


def test_limits_by_different_things_stand_beside_each_other() -> None:
    limits = [{"requests": 100, "seconds": 1}, {"requests": 5, "seconds": 60, "by": "ip"}]
    check_terms(PlanTerms.model_validate({"rate_limits": limits}))
