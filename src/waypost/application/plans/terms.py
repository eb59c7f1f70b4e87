"""Terms that cannot hold together. Pure."""

from __future__ import annotations

from itertools import pairwise

from waypost.application.plans.errors import PlanTermsInvalid
from waypost.application.plans.schemas import PlanTerms, RateLimitTerms
from waypost.kit.errors import FieldError


def check_terms(terms: PlanTerms) -> None:
    """Raise :class:`PlanTermsInvalid` naming the limits that contradict each other."""
    errors = [*_same_window(terms.rate_limits), *_never_reached(terms.rate_limits)]
    if errors:
        raise PlanTermsInvalid(errors[0].message, errors=errors)


def _same_window(limits: list[RateLimitTerms]) -> list[FieldError]:
    seen: set[int] = set()
    errors = []
    for index, limit in enumerate(limits):
        if limit.seconds in seen:
            message = f"There are two limits for {limit.seconds} s."
            errors.append(FieldError(f"/version/rate_limits/{index}/seconds", message, "Keep the smaller one."))
        seen.add(limit.seconds)
    return errors


def _never_reached(limits: list[RateLimitTerms]) -> list[FieldError]:
    """A longer window that allows fewer requests than a shorter one makes the shorter one meaningless."""
    errors = []
    ordered = sorted(enumerate(limits), key=lambda item: item[1].seconds)
    for (index, short), (_, long) in pairwise(ordered):
        if short.seconds < long.seconds and short.requests > long.requests:
            message = f"{short.requests} in {short.seconds} s is never reached: {long.seconds} s allow {long.requests}."
            errors.append(FieldError(f"/version/rate_limits/{index}/requests", message, "Lower this or raise that."))
    return errors
