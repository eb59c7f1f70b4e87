"""Rate limits: a token bucket for each caller in a stick table, which the next worker inherits.

The algorithm. A bucket holds ``burst`` tokens and is filled evenly, ``requests`` per ``seconds``. Time is counted in
tokens: ``i = now * requests / seconds``. The table holds for a bucket the tokens taken, ``C``, and an offset, ``B``,
so that ``i + B - C`` tokens are there; more than fit means that it is full, and ``B`` is set anew. A call reads ``C``,
then ``B`` (in that order, so that two threads come to the same ``B``), and is refused where no token is there.
Otherwise it takes one, atomically, and gives it back where others were quicker. So never more pass than a bucket
allows, refused calls use nothing up, and who slows down is served again after ``seconds / requests``. All arithmetic
is modulo 2^32; a bucket whose rate changed, or that is new, is full.

What a limit is comes from a map, by plan or kind of operation; so plans change without a reload.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from waypost.contracts.ir import ApiIR, GatewaySettings, RateLimit
from waypost.contracts.vocab import LimitBy, Refusal
from waypost.integration.gateways.haproxy import claims, labels
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.context import Context, when
from waypost.integration.gateways.haproxy.names import LIMITS, PEERS, REFUSED, found
from waypost.integration.gateways.haproxy.problems import because, deny
from waypost.integration.gateways.haproxy.text import word

MOST_TRACKERS = 6
MOST_SLOTS = 12
"""Limits that one API may tell apart: places in an entry of the table."""

_WORD = 4294967295
# What headers say takes the first places of a plan's entry, its subscription's limits the ones after.
_DESCRIBED = 5
# Tokens that calls at the same instant may have taken too many before they gave them back.
_OVERDRAWN = 4294901760
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
_KEYS: dict[LimitBy, str] = {
    LimitBy.SUBSCRIPTION: f"var(txn.c),field({labels.SUBSCRIPTION},~)",
    LimitBy.APP: f"var(txn.c),field({labels.APP},~)",
    LimitBy.PLAN: f"var(txn.c),field({labels.PLAN},~)",
    LimitBy.API: "var(txn.api)",
    LimitBy.OPERATION: "var(txn.op),field(3,~)",
    LimitBy.IP: "src",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One limit's place: whose it is, which tracker counts, which counters. ``of_plan`` or else of a kind."""

    number: int
    tracker: int
    by: LimitBy
    claim: str
    of_plan: bool
    rank: int

    def key(self, owner: str, api: ApiIR) -> str:
        """The entry of the map of limits."""
        return f"{owner}/{api.id}/{self.name}"

    @property
    def name(self) -> str:
        """What the place is called in the map."""
        return f"{self.by.value}{self.claim}{self.rank}"


def table() -> list[str]:
    """The section that holds all buckets."""
    stored = f"gpc({MOST_SLOTS}),gpt({2 * MOST_SLOTS})"
    return [f"stick-table type string len 128 size 1m expire 25h store {stored} peers {PEERS}"]


def slots(context: Context) -> list[Slot]:
    """Every place that the API's limits need. ValueError where there are more than a table's entry holds."""
    wanted: list[tuple[LimitBy, str, bool, int]] = []
    for of_plan, limits in _owners(context):
        for rank, limit in _ranked(limits):
            place = (limit.by, limit.claim, of_plan, rank)
            if place not in wanted:
                wanted.append(place)
    counted = list(dict.fromkeys((by, claim) for by, claim, _, _ in wanted))
    if len(wanted) > MOST_SLOTS or len(counted) > MOST_TRACKERS:
        raise ValueError(f"this engine tells at most {MOST_SLOTS} rate limits of one API apart")
    return [
        Slot(number, counted.index((by, claim)), by, claim, of_plan, rank)
        for number, (by, claim, of_plan, rank) in enumerate(wanted)
    ]


def trackers(context: Context) -> int:
    """How many trackers the limits take."""
    return len({slot.tracker for slot in slots(context)})


def key_of(by: LimitBy, claim: str) -> str:
    """Whose calls are counted together, as an expression."""
    whose = claims.value(claim) if by is LimitBy.CLAIM else _KEYS[by]
    return word(f"{whose},concat(/,txn.api)")


COMMON = (
    Slot(0, 0, LimitBy.SUBSCRIPTION, "", True, 0),
    Slot(1, 0, LimitBy.SUBSCRIPTION, "", True, 1),
)
"""The limits that the frontend enforces for all APIs that need no others: two windows of a plan."""


def rules(context: Context) -> list[str]:
    """One API's rules: refuse with 429 where a bucket is empty, else take a token from each."""
    weighed = any(kind.policies.cost not in (None, 1) for kind in context.routing.kinds)
    return _rules(slots(context), context.files, _weights(context) if weighed else [])


def common_rules(windows: int, files: Files, condition: str) -> list[str]:
    """The rules of all APIs that need no others; so many windows are there in any of their plans."""
    return _rules(list(COMMON[:windows]), files, [], condition)


def _rules(held: list[Slot], files: Files, weights: list[str], condition: str = "") -> list[str]:
    if not held:
        return []
    plan = f"http-request set-var(req.plan) var(txn.c),field({labels.PLAN},~)"
    lines = [plan + when(condition), *_descriptions(files, condition), *weights]
    for slot in held:
        known = here_is(f"l{slot.number}")
        lines.append(_specification(files, slot, condition))
        lines.append(f"http-request track-sc{slot.tracker} {key_of(slot.by, slot.claim)} table {LIMITS} if {known}")
    for slot in held:
        lines += _available(slot, weighed=bool(weights))
    lines += _refuse()
    for slot in held:
        lines += _take(slot, weighed=bool(weights))
    return [*lines, *_give_back(held, weighed=bool(weights)), *_refuse(), *_remaining(held)]


def response_rules(settings: GatewaySettings) -> list[str]:
    """``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers), on refusals as well."""
    limited = f"{found('r')} {found('lp')}"
    name, seconds, policy = "var(txn.lp),field(1,|)", "var(txn.lp),field(2,|)", "var(txn.lp),field(3,|)"
    lines = [
        f"http-after-response set-header ratelimit-policy %[{policy}] if {limited}",
        f"http-after-response set-header ratelimit {word(f'%[{name}];r=%[var(txn.r)];t=%[{seconds}]')} if {limited}",
    ]
    if settings.x_ratelimit_headers:
        quantity = "var(txn.lp),field(4,|)"
        lines += [
            f"http-after-response set-header x-ratelimit-limit %[{quantity}] if {limited}",
            f"http-after-response set-header x-ratelimit-remaining %[var(txn.r)] if {limited}",
            f"http-after-response set-header x-ratelimit-reset %[{seconds}] if {limited}",
        ]
    return lines


def entries(context: Context) -> dict[str, str]:
    """The API's part of the map of limits: ``capacity:requests:milliseconds:mark``, and what headers say."""
    api, entry = context.api, {}
    places = {(slot.by, slot.claim, slot.of_plan, slot.rank): slot for slot in slots(context)}
    for plan in api.plans if api.guarded else ():
        entry[f"{plan.id}/{api.id}/name"] = plan.name
        if plan.scopes:
            entry[f"{plan.id}/{api.id}/scopes"] = " ".join(plan.scopes)
        for rank, limit in _ranked(plan.rate_limits):
            entry[places[limit.by, limit.claim, True, rank].key(plan.id, api)] = _specified(limit)
        if plan.rate_limits:
            own = [limit for limit in _strictest(plan.rate_limits) if limit.by is LimitBy.SUBSCRIPTION]
            told = [_described(plan.name, plan.rate_limits), *map(_specified, own)]
            entry[f"{plan.id}/{api.id}"] = "|".join(told)
    for number, kind in enumerate(context.routing.kinds):
        for rank, limit in _ranked(kind.policies.rate_limits or ()):
            entry[places[limit.by, limit.claim, False, rank].key(str(number), api)] = _specified(limit)
        if kind.policies.rate_limits:
            entry[f"{number}/{api.id}"] = _described("operation", kind.policies.rate_limits)
    return entry


def of_request(name: str) -> str:
    """A variable of the request, apart from those that the answer and the log need: fewer to look through."""
    return f"var(req.{name})"


def here_is(name: str) -> str:
    """A condition: the variable is there."""
    return f"{{ var(req.{name}) -m found }}"


def _owners(context: Context) -> Iterator[tuple[bool, tuple[RateLimit, ...]]]:
    for plan in context.api.plans if context.api.guarded else ():
        yield True, plan.rate_limits
    for kind in context.routing.kinds:
        yield False, kind.policies.rate_limits or ()


def _ranked(limits: Iterable[RateLimit]) -> Iterator[tuple[int, RateLimit]]:
    """Limits with their rank among those that count alike, shortest window first, the strictest of a window."""
    seen: dict[tuple[LimitBy, str], int] = {}
    for limit in _strictest(limits):
        rank = seen[limit.by, limit.claim] = seen.get((limit.by, limit.claim), -1) + 1
        yield rank, limit


def _strictest(limits: Iterable[RateLimit]) -> list[RateLimit]:
    by_window: dict[tuple[LimitBy, str, int], RateLimit] = {}
    for limit in limits:
        place = (limit.by, limit.claim, limit.seconds)
        known = by_window.get(place)
        if known is None or limit.requests < known.requests:
            by_window[place] = limit
    return sorted(by_window.values(), key=lambda limit: limit.seconds)


def _specified(limit: RateLimit) -> str:
    mark = zlib.crc32(f"{limit.requests}/{limit.seconds}/{limit.burst}".encode()) or 1
    return f"{limit.burst or limit.requests}:{limit.requests}:{limit.seconds * 1000}:{mark}"


def _described(name: str, limits: Iterable[RateLimit]) -> str:
    """``"name"|seconds until one more|policies|requests``; a name may stand only once in the field."""
    given = _strictest(limits)
    token = _NO_TOKEN.sub("-", name) or "plan"
    names: list[str] = []
    for limit in given:
        wanted = token if not names else f"{token}-{limit.seconds}s"
        names.append(wanted if wanted not in names else f"{wanted}-{limit.by.value}")
    items = [f'"{one}";q={limit.requests};w={limit.seconds}' for one, limit in zip(names, given, strict=True)]
    refill = max(math.ceil(limit.seconds / limit.requests) for limit in given)
    return f'"{token}"|{refill}|{", ".join(items)}|{given[0].requests}'


def _descriptions(files: Files, condition: str) -> list[str]:
    """What headers say, in ``lp``: of the plan, else of the operation."""
    end = f"concat(/,txn.api),map_str({files.map('limits')})"
    lines = [f"http-request set-var(txn.lp) var(req.plan),{end}{when(condition, found('c'))}"]
    if not condition:
        lines.append(f"http-request set-var(txn.lp) var(txn.k),{end} if !{found('lp')} {found('k')}")
    return lines


def _specification(files: Files, slot: Slot, condition: str) -> str:
    """Look up the limit; what it is in ``l<number>``. Where all APIs share the rule, it came along with ``lp``."""
    if condition:
        return (
            f"http-request set-var(req.l{slot.number}) var(txn.lp),field({_DESCRIBED + slot.rank},|){when(condition)}"
        )
    known = found("c") if slot.of_plan else ""
    owner = "var(req.plan)" if slot.of_plan else "var(txn.k)"
    key = f"{owner},concat(/,txn.api,/{slot.name}),map_str({files.map('limits')})"
    return f"http-request set-var(req.l{slot.number}) {key}{when(condition, known)}"


def _available(slot: Slot, *, weighed: bool) -> list[str]:
    """How many tokens are there, in ``a<number>``; a full or new bucket gets its offset anew."""
    n, t = slot.number, slot.tracker
    base, mark = f"sc_get_gpt({2 * n},{t})", f"sc_get_gpt({2 * n + 1},{t})"
    here = here_is(f"l{n}")
    tokens = f"date(0,ms),mul(req.q{n}),div(req.w{n})"
    fresh = f"var(req.n{n}),sub(req.i{n}),add(req.m{n}),and({_WORD})"
    full = f"{{ {of_request(f'a{n}')},sub(req.m{n}) -m int gt 0 }} {{ {of_request(f'a{n}')} -m int lt {_OVERDRAWN} }}"
    changed = f"!{{ {mark},sub(req.x{n}) eq 0 }}"
    return [
        *(
            f"http-request set-var(req.{name}{n}) {of_request(f'l{n}')},field({place},:),add(0) if {here}"
            for place, name in enumerate("mqwx", start=1)
        ),
        f"http-request set-var(req.i{n}) {tokens} if {here}",
        f"http-request set-var(req.n{n}) sc_get_gpc({n},{t}) if {here}",
        f"http-request set-var(req.a{n}) {base},add(req.i{n}),sub(req.n{n}),and({_WORD}) if {here}",
        f"http-request set-var(req.f{n}) bool(true) if {here} {changed}",
        f"http-request set-var(req.f{n}) bool(true) if {here} {full}",
        f"http-request sc-set-gpt({2 * n},{t}) {fresh} if {here_is(f'f{n}')}",
        f"http-request sc-set-gpt({2 * n + 1},{t}) {of_request(f'x{n}')} if {here_is(f'f{n}')}",
        f"http-request set-var(req.a{n}) {of_request(f'm{n}')} if {here_is(f'f{n}')}",
        f"http-request set-var(req.a{n}) int(0) if {here} {{ {of_request(f'a{n}')} -m int ge {_OVERDRAWN} }}",
        because(
            Refusal.RATE_LIMITED,
            f"{here} {{ {of_request(f'a{n}')}{',sub(req.cost)' if weighed else ',sub(1)'} -m int lt 0 }}",
        ),
    ]


def _weights(context: Context) -> list[str]:
    """How many tokens a call takes, in ``cost``."""
    weights = context.by_kind(lambda kind: 1 if kind.policies.cost is None else kind.policies.cost)
    return [f"http-request set-var(req.cost) int({weight}){when(condition)}" for weight, condition in weights]


def _take(slot: Slot, *, weighed: bool) -> list[str]:
    """Take tokens; ``s<number>`` tells by how much the count moved since it was read, this call included."""
    n, t = slot.number, slot.tracker
    here = here_is(f"l{n}")
    taken = [f"http-request sc-add-gpc({n},{t}) var(req.cost) if {here}"] if weighed else []
    count = f"sc_get_gpc({n},{t})" if weighed else f"sc_inc_gpc({n},{t})"
    return [
        *taken,
        f"http-request set-var(req.s{n}) {count},sub(req.n{n}),and({_WORD}) if {here}",
        f"http-request set-var(req.a{n}) {of_request(f'a{n}')},sub(req.s{n}) if {here}",
        because(Refusal.RATE_LIMITED, f"{here} {{ {of_request(f'a{n}')} -m int lt 0 }}"),
    ]


def _give_back(held: list[Slot], *, weighed: bool) -> list[str]:
    amount = f"var(req.cost),neg,and({_WORD})" if weighed else str(_WORD)
    return [
        f"http-request sc-add-gpc({slot.number},{slot.tracker}) {amount} if {REFUSED} {here_is(f'l{slot.number}')}"
        for slot in held
    ]


def _remaining(held: list[Slot]) -> list[str]:
    """The fewest tokens that any bucket holds now, in ``r``."""
    lines = []
    for slot in held:
        value = of_request(f"a{slot.number}")
        smaller = f"{{ {value},sub(txn.r) -m int lt 0 }}"
        lines.append(f"http-request set-var(txn.r) {value} if {here_is(f'l{slot.number}')} !{found('r')}")
        if slot is not held[0]:
            lines.append(f"http-request set-var(txn.r) {value} if {here_is(f'l{slot.number}')} {smaller}")
    return lines


def _refuse() -> list[str]:
    answer = deny(429, ("retry-after", "%[var(txn.lp),field(2,|)]"))
    return [f"http-request set-var(txn.r) int(0) if {REFUSED}", answer]
