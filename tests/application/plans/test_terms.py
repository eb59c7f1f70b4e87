"""Limits that contradict each other are refused by name."""

from __future__ import annotations

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
