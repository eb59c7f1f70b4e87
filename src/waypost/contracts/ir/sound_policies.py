"""Pure checks of plans and of what may differ per operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from waypost.contracts.ir.access import Countries, IpRules, Maintenance, Scopes, TimeWindows
from waypost.contracts.ir.limits import Concurrency, Plan, Quota, RateLimit, Sizes
from waypost.contracts.ir.policies import HeaderEdit, HostRewrite, Mock, PathRewrite, QueryEdit, RoutePolicies, Timeout
from waypost.contracts.ir.sound import (
    BAD_IN_PATH,
    BAD_IN_VALUE,
    CLAIM,
    HOST,
    PARAMETER,
    SCOPE,
    TOKEN,
    Found,
    between,
    header,
    networks,
    plain,
    template,
    under,
    words,
)
from waypost.contracts.vocab import LimitBy, QuotaUnit

MOST_MOCK_BYTES = 1024 * 1024
LONGEST_TIMEOUT_MS = 3_600_000
_MOST = 2**40
_COUNTRY = re.compile(r"[A-Z]{2}")


def policy_problems(policies: RoutePolicies) -> Found:
    """Everything wrong with the policies of one version or route."""
    for name, look in _LOOKS.items():
        value = getattr(policies, name)
        if value is not None:
            yield from under(name, look(value))


def plan_problems(plan: Plan) -> Found:
    """Everything wrong with one plan."""
    if not TOKEN.fullmatch(plan.name):
        yield "name", f"{plan.name!r} is not a token"
    yield from under("rate_limits", _rate_limits(plan.rate_limits))
    for index, quota in enumerate(plan.quotas):
        yield from under(f"quotas[{index}]", _quota(quota))
    yield from under("scopes", words(plan.scopes, SCOPE, "scope"))


def _rate_limits(limits: tuple[RateLimit, ...]) -> Found:
    for index, limit in enumerate(limits):
        if limit.requests < 1 or limit.seconds < 1:
            yield f"[{index}]", "needs at least 1 request in at least 1 second"
        if limit.burst < 0:
            yield f"[{index}].burst", "must not be negative"
        if (limit.by is LimitBy.CLAIM) != bool(limit.claim) or (limit.claim and not CLAIM.fullmatch(limit.claim)):
            yield f"[{index}].claim", "names a claim where, and only where, the limit is by a claim"


def _quota(quota: Quota) -> Found:
    if quota.amount < 0:
        yield "", "must not be negative"
    if (quota.unit is QuotaUnit.HEADER) != bool(quota.header) or (quota.header and not TOKEN.fullmatch(quota.header)):
        yield "header", "names a response header where, and only where, the unit is a header"
    yield from under("soft_percent", between(quota.soft_percent, 0, 100))


def _scopes(scopes: Scopes) -> Found:
    yield from under("scopes", words(scopes.scopes, SCOPE, "scope"))
    yield from under("roles", words(scopes.roles, SCOPE, "role"))
    yield from under("roles_claim", words((scopes.roles_claim,), CLAIM, "claim"))


def _ip(rules: IpRules) -> Found:
    yield from under("allow", networks(rules.allow))
    yield from under("deny", networks(rules.deny))


def _countries(rules: Countries) -> Found:
    yield from under("allow", words(rules.allow, _COUNTRY, "country code"))
    yield from under("deny", words(rules.deny, _COUNTRY, "country code"))


def _maintenance(maintenance: Maintenance) -> Found:
    yield from under("message", plain(maintenance.message))
    yield from under("allow", networks(maintenance.allow))
    if maintenance.until is not None and maintenance.until.tzinfo is None:
        yield "until", "has no time zone"


def _hours(hours: TimeWindows) -> Found:
    for index, item in enumerate(hours.open):
        if not item.days or not set(item.days) <= set(range(1, 8)):
            yield f"open[{index}].days", "are 1 (Monday) to 7 (Sunday)"
        if not 0 <= item.start_minute < item.end_minute <= 1440:
            yield f"open[{index}]", "does not end after it begins, within one day"


def _concurrency(limit: Concurrency) -> Found:
    yield from under("calls", between(limit.calls, 1, _MOST))
    if limit.by is LimitBy.CLAIM:
        yield "by", "calls in flight are not counted by a claim"


def _sizes(sizes: Sizes) -> Found:
    yield from under("request_bytes", between(sizes.request_bytes, 0, _MOST))
    yield from under("response_bytes", between(sizes.response_bytes, 0, _MOST))


def _headers(edit: HeaderEdit) -> Found:
    for kind in ("request_set", "request_add", "response_set", "response_add"):
        for name, value in getattr(edit, kind):
            yield from under(kind, header(name, value))
            yield from under(kind, template(name, value))
    for kind in ("request_remove", "response_remove"):
        for name in getattr(edit, kind):
            yield from under(kind, header(name))


def _query(edit: QueryEdit) -> Found:
    names = [name for name, _ in edit.set]
    yield from under("set", words(names, PARAMETER, "parameter"))
    yield from under("remove", words(edit.remove, PARAMETER, "parameter"))
    for name, value in edit.set:
        yield from under("set", plain(value))
        yield from under("set", template(name, value))


def _rewrite(rewrite: PathRewrite) -> Found:
    for name in ("prefix", "replacement"):
        value = getattr(rewrite, name)
        if not value.startswith("/") or BAD_IN_PATH.search(value):
            yield name, f"{value!r} is not a path"
    if rewrite.template and (not rewrite.template.startswith("/") or BAD_IN_PATH.search(rewrite.template)):
        yield "template", f"{rewrite.template!r} is not a path"
    yield from under("template", template("template", rewrite.template))


def _host(rewrite: HostRewrite) -> Found:
    if rewrite.host and not HOST.fullmatch(rewrite.host):
        yield "host", f"{rewrite.host!r} is no host"
    if rewrite.host and rewrite.preserve:
        yield "preserve", "there can be one host only"


def _timeout(timeout: Timeout) -> Found:
    if not 0 <= timeout.request_ms <= LONGEST_TIMEOUT_MS:
        yield "request_ms", f"must be 0 (off) to {LONGEST_TIMEOUT_MS}"


def _mock(mock: Mock) -> Found:
    if not 200 <= mock.status <= 599:
        yield "status", "must be 200 to 599"
    if BAD_IN_VALUE.search(mock.content_type):
        yield "content_type", "holds a control character"
    if len(mock.body.encode("utf-8", "surrogatepass")) > MOST_MOCK_BYTES:
        yield "body", f"is larger than {MOST_MOCK_BYTES} bytes"
    for name, value in mock.headers:
        yield from under("headers", header(name.lower(), value))


_LOOKS: Mapping[str, Callable[[Any], Found]] = {
    "scopes": _scopes,
    "ip": _ip,
    "countries": _countries,
    "maintenance": _maintenance,
    "hours": _hours,
    "rate_limits": _rate_limits,
    "cost": lambda cost: between(cost, 0, 1_000_000),
    "concurrency": _concurrency,
    "sizes": _sizes,
    "headers": _headers,
    "query": _query,
    "rewrite": _rewrite,
    "host": _host,
    "timeout": _timeout,
    "mock": _mock,
}
"""Field of ``RoutePolicies`` -> its check; `anonymous` has nothing that could be wrong."""
