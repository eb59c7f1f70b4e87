"""Terms that cannot hold together. Pure."""

from __future__ import annotations

from itertools import pairwise

from waypost.application.plans.errors import PlanTermsInvalid
from waypost.application.plans.schemas import PlanTerms, QuotaTerms, RateLimitTerms
from waypost.contracts.vocab import QuotaUnit
from waypost.kit.errors import FieldError


def check_terms(terms: PlanTerms) -> None:
    """Raise :class:`PlanTermsInvalid` naming the limits that contradict each other."""
    errors = [*_same_window(terms.rate_limits), *_never_reached(terms.rate_limits), *_claims(terms.rate_limits)]
    errors += [*_both_forms(terms), *_headers(terms.quotas), *_same_quota(terms.quotas)]
    if errors:
        raise PlanTermsInvalid(errors[0].message, errors=errors)


def _same_window(limits: list[RateLimitTerms]) -> list[FieldError]:
    seen: set[tuple[str, str, int]] = set()
    errors = []
    for index, limit in enumerate(limits):
        key = (limit.by, limit.claim, limit.seconds)
        if key in seen:
            message = f"There are two limits for {limit.seconds} s."
            errors.append(FieldError(f"/version/rate_limits/{index}/seconds", message, "Keep the smaller one."))
        seen.add(key)
    return errors


def _never_reached(limits: list[RateLimitTerms]) -> list[FieldError]:
    """A longer window that allows fewer requests than a shorter one makes the shorter one meaningless."""
    errors = []
    ordered = sorted(enumerate(limits), key=lambda item: (item[1].by, item[1].claim, item[1].seconds))
    for (index, short), (_, long) in pairwise(ordered):
        if (
            (short.by, short.claim) == (long.by, long.claim)
            and short.seconds < long.seconds
            and short.requests > long.requests
        ):
            message = f"{short.requests} in {short.seconds} s is never reached: {long.seconds} s allow {long.requests}."
            errors.append(FieldError(f"/version/rate_limits/{index}/requests", message, "Lower this or raise that."))
    return errors


def _claims(limits: list[RateLimitTerms]) -> list[FieldError]:
    message = "A claim is named where, and only where, `by` is a claim."
    return [
        FieldError(f"/version/rate_limits/{index}/claim", message)
        for index, limit in enumerate(limits)
        if bool(limit.claim) != (limit.by == "claim")
    ]


def _both_forms(terms: PlanTerms) -> list[FieldError]:
    if terms.quota is None or not terms.quotas:
        return []
    return [FieldError("/version/quota", "`quota` is the short form of `quotas`.", "Give one of the two.")]


def _headers(quotas: list[QuotaTerms]) -> list[FieldError]:
    message = "A header is named where, and only where, `unit` is a header."
    errors = [
        FieldError(f"/version/quotas/{index}/header", message)
        for index, quota in enumerate(quotas)
        if bool(quota.header) != (quota.unit is QuotaUnit.HEADER)
    ]
    named = [(index, quota.header.lower()) for index, quota in enumerate(quotas) if quota.header]
    more = "A gateway reports one number of each call: all quotas of a plan name the same header."
    errors += [FieldError(f"/version/quotas/{index}/header", more) for index, name in named if name != named[0][1]]
    return errors


def _same_quota(quotas: list[QuotaTerms]) -> list[FieldError]:
    seen: set[tuple[str, str, bool]] = set()
    errors = []
    for index, quota in enumerate(quotas):
        key = (quota.unit, quota.window, quota.rolling)
        if key in seen:
            message = f"There are two quotas of {quota.unit} per {quota.window}."
            errors.append(FieldError(f"/version/quotas/{index}/window", message, "Keep the smaller one."))
        seen.add(key)
    return errors
