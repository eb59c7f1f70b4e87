"""Rate limits: a token bucket for each caller in a stick table, which the next worker inherits.

The algorithm. A bucket holds ``burst`` tokens and is filled evenly, ``requests`` per ``seconds``, from the moment on
when it was last full. The table holds for a bucket the tokens taken, ``C``, that moment, ``P``, and the count at which
it would have been empty then, ``B``; so ``a = B - C + (now - P) * requests / seconds`` tokens are there. As many as
fit mean that it is full, and ``B`` and then ``P`` are set anew. A call reads ``C``, then ``P``, then ``B`` (in that
order, so that two threads come to the same ``B``, and none sees the new ``P`` without the new ``B``), takes one token,
atomically, and gives it back where there was none. So never more pass than a bucket allows, refused calls use nothing
up, and who slows down is served again after ``seconds / requests``. Differences are taken modulo 2^32 and signed:
threads differ in their milliseconds, and what calls at the same instant took too many is below zero until they gave it
back. A bucket that is new is full; and so is one whose rate changed, since the rate is in its key.

What a limit is comes from a map, by plan or kind of operation; so plans change without a reload. It is
``fits:nanoseconds:``, the time in which one token comes, and stands in the bucket's key as it is.
"""

from __future__ import annotations

import math
import re
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

MOST_SLOTS = 12
"""Limits that one API may tell apart."""

_WORD = 4294967295
_SIGNED = f"add({2**31}),and({_WORD}),sub({2**31})"
_LARGEST = 2**30
_PER_MS, _PER_S = 10**6, 10**9
# Where a plan's entry says what: its first window, what headers say, its second window.
_WINDOWS = (1, 6)
_NAME, _REFILL, _POLICIES, _QUANTITY = range(2, 6)
_TAUGHT = "http-request lua.wait_until_taught if !{ var(proc.taught) -m found }"
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
# All who call without a credential are one.
_CALLER = "var(txn.c,-~-~-~-)"
_KEYS: dict[LimitBy, str] = {
    LimitBy.SUBSCRIPTION: f"{_CALLER},field({labels.SUBSCRIPTION},~)",
    LimitBy.APP: f"{_CALLER},field({labels.APP},~)",
    LimitBy.PLAN: f"{_CALLER},field({labels.PLAN},~)",
    LimitBy.API: "var(txn.api)",
    LimitBy.OPERATION: "var(txn.op),field(3,~)",
    LimitBy.IP: "src",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One limit's place: the tracker that counts, and whose calls. ``of_plan`` or else of a kind."""

    number: int
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
    return [f"stick-table type string len 128 size 1m expire 25h store gpc(1),gpt(2) peers {PEERS}"]


def slots(context: Context) -> list[Slot]:
    """Every place that the API's limits need. ValueError where there are more than this engine has."""
    wanted = {
        (limit.by, limit.claim, of_plan, rank)
        for of_plan, limits in _owners(context)
        for rank, limit in _ranked(limits)
    }
    if len(wanted) > MOST_SLOTS:
        raise ValueError(f"this engine tells at most {MOST_SLOTS} rate limits of one API apart")
    ordered = sorted(wanted, key=lambda place: (not place[2], place))
    return [Slot(number, *place) for number, place in enumerate(ordered)]


def key_of(by: LimitBy, claim: str) -> str:
    """Whose calls are counted together, as an expression. A claim may be as long as it likes."""
    whose = f"{claims.value(claim)},sha1,hex" if by is LimitBy.CLAIM else _KEYS[by]
    return f"{whose},concat(/,txn.api)"


COMMON = (
    Slot(0, LimitBy.SUBSCRIPTION, "", True, 0),
    Slot(1, LimitBy.SUBSCRIPTION, "", True, 1),
)
"""The limits that the frontend enforces for all APIs that need no others: two windows of a plan."""


def rules(context: Context) -> list[str]:
    """One API's rules: refuse with 429 where a bucket is empty, else take a token from each."""
    weighed = any(kind.policies.cost not in (None, 1) for kind in context.routing.kinds)
    held, plans = slots(context), context.api.plans if context.api.guarded else ()
    told = [slot for slot in held if slot.of_plan] if plans and all(plan.rate_limits for plan in plans) else held
    return _rules(held, told, context.settings, context.files, _places(context), _weights(context) if weighed else [])


def common_rules(windows: int, settings: GatewaySettings, files: Files) -> list[str]:
    """The rules of all APIs that need no others; so many windows are there in any of their plans."""
    held = list(COMMON[:windows])
    lines = [_TAUGHT, _description(files)]
    for slot in held:
        specified = f"http-request set-var(req.l{slot.number}) var(txn.lp),field({_WINDOWS[slot.rank]},|)"
        lines += [specified, *_available(slot), *_take(slot, "")]
    return [*lines, *_refused(held, settings), *_remaining(held)]


def _rules(
    held: list[Slot], told: list[Slot], settings: GatewaySettings, files: Files, places: list[str], weights: list[str]
) -> list[str]:
    """``told`` are the limits that answers may tell of."""
    if not held:
        return []
    lines = [_TAUGHT, _description(files)]
    if not all(slot.of_plan for slot in held):
        lines.append(f"http-request set-var(txn.lp) var(txn.k){_entry(files)} if !{found('lp')} {found('k')}")
    lines += [*places, *weights]
    for slot in held:
        lines += [_specification(files, slot), *_available(slot)]
    if weights:
        lines += [*_noted(held, ",sub(req.cost)"), _refusal(held, settings)]
    for slot in held:
        lines += _take(slot, here_is(f"l{slot.number}"), weighed=bool(weights))
    return [*lines, *_refused(held, settings, weighed=bool(weights)), *_remaining(told)]


def response_rules(settings: GatewaySettings) -> list[str]:
    """``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers)."""
    told = _told(settings, "%[var(txn.left)]", _text(_REFILL)).items()
    return [f"http-after-response set-header {name} {word(value)} if {found('left')}" for name, value in told]


def _told(settings: GatewaySettings, remaining: str, seconds: str) -> dict[str, str]:
    """Headers on answers and refusals, as log-format strings."""
    name, policies, quantity = map(_text, (_NAME, _POLICIES, _QUANTITY))
    told = {"ratelimit-policy": policies, "ratelimit": f"{name};r={remaining};t={seconds}"}
    if settings.x_ratelimit_headers:
        told |= {"x-ratelimit-limit": quantity, "x-ratelimit-remaining": remaining, "x-ratelimit-reset": seconds}
    return told


def _text(number: int) -> str:
    return f"%[var(txn.lp),field({number},|)]"


def plans(api: ApiIR) -> dict[str, str]:
    """The API's part of the map of what else is asked of plans: their names and scopes."""
    told = {f"{plan.id}/{api.id}/name": plan.name for plan in api.plans if api.guarded}
    scopes = {plan.id: " ".join(plan.scopes) for plan in api.plans if api.guarded and plan.scopes}
    return told | {f"{plan_id}/{api.id}/scopes": text for plan_id, text in scopes.items()}


def entries(context: Context, *, common: bool) -> dict[str, str]:
    """The API's part of the map of limits; with what headers say stand the plan's own windows of a subscription.

    An API that is ``common`` needs no more than these.
    """
    api, entry = context.api, {}
    places = {(slot.by, slot.claim, slot.of_plan, slot.rank): slot for slot in slots(context)}
    for plan in api.plans if api.guarded else ():
        for rank, limit in () if common else _ranked(plan.rate_limits):
            entry[places[limit.by, limit.claim, True, rank].key(plan.id, api)] = _specified(limit)
        if plan.rate_limits:
            own = [limit for limit in _strictest(plan.rate_limits) if limit.by is LimitBy.SUBSCRIPTION]
            entry[f"{plan.id}/{api.id}"] = _described(plan.name, plan.rate_limits, own)
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
    """Limits with their rank among those that count alike, shortest window first."""
    seen: dict[tuple[LimitBy, str], int] = {}
    for limit in _strictest(limits):
        rank = seen[limit.by, limit.claim] = seen.get((limit.by, limit.claim), -1) + 1
        yield rank, limit


def _strictest(limits: Iterable[RateLimit]) -> list[RateLimit]:
    """One limit per window, burst and kind, shortest window first."""
    by_window: dict[tuple[int, str, str, int], RateLimit] = {}
    for limit in limits:
        place = (limit.seconds, limit.by.value, limit.claim, limit.burst)
        known = by_window.get(place)
        if known is None or limit.requests < known.requests:
            by_window[place] = limit
    return [by_window[place] for place in sorted(by_window)]


def _specified(limit: RateLimit | None) -> str:
    """How many tokens fit, and nanoseconds until one more; a limit that no call reaches in place of none."""
    if limit is None:
        return f"{_LARGEST}:1:"
    fits = min(limit.burst or limit.requests, _LARGEST)
    return f"{fits}:{max(1, round(limit.seconds * _PER_S / limit.requests))}:"


def _described(name: str, limits: Iterable[RateLimit], own: Iterable[RateLimit] = ()) -> str:
    """``window|"name"|seconds until one more|policies|requests|window``; a name may stand only once in the field."""
    given = _strictest(limits)
    token = _NO_TOKEN.sub("-", name) or "plan"
    names: list[str] = []
    for limit in given:
        wanted = token if not names else f"{token}-{limit.seconds}s"
        wanted = wanted if wanted not in names else f"{wanted}-{limit.by.value}"
        names.append(wanted if wanted not in names else f"{wanted}-{len(names)}")
    items = [f'"{one}";q={limit.requests};w={limit.seconds}' for one, limit in zip(names, given, strict=True)]
    refill = max(math.ceil(limit.seconds / limit.requests) for limit in given)
    first, second = (_specified(limit) for limit in ([*own, None, None])[: len(_WINDOWS)])
    return f'{first}|"{token}"|{refill}|{", ".join(items)}|{given[0].requests}|{second}'


def _entry(files: Files) -> str:
    return f",concat(/,txn.api),map_str({files.map('limits')})"


def _description(files: Files) -> str:
    """What headers say, in ``lp``: of the plan, else of the operation."""
    return f"http-request set-var(txn.lp) var(txn.c),field({labels.PLAN},~){_entry(files)}"


def _specification(files: Files, slot: Slot) -> str:
    """Look up the limit; what it is in ``l<number>``."""
    owner = f"var(txn.c),field({labels.PLAN},~)" if slot.of_plan else "var(txn.k)"
    key = f"{owner},concat(/,txn.api,/{slot.name})"
    return f"http-request set-var(req.l{slot.number}) {key},map_str({files.map('limits')})"


def _available(slot: Slot) -> list[str]:
    """How many tokens are there, in ``a<number>``; a full or new bucket is noted as full now.

    Without a limit in ``l<number>`` nothing of this is set, nor done.
    """
    n = slot.number
    limit, full = of_request(f"l{n}"), here_is(f"f{n}")
    place = "" if slot.of_plan else ",concat(/,req.place)"
    key = word(f"{key_of(slot.by, slot.claim)}{place},concat(/,req.l{n})")
    return [
        f"http-request track-sc{n} {key} table {LIMITS} if {here_is(f'l{n}')}",
        f"http-request set-var(req.m{n}) {limit},field(1,:),add(0)",
        f"http-request set-var(req.w{n}) {limit},field(2,:),add(0)",
        f"http-request set-var(req.n{n}) sc_get_gpc(0,{n})",
        f"http-request set-var(req.p{n}) sc_get_gpt(1,{n})",
        f"http-request set-var(req.i{n}) date(0,ms),sub(req.p{n}),{_SIGNED},mul({_PER_MS}),div(req.w{n})",
        f"http-request set-var(req.a{n}) sc_get_gpt(0,{n}),sub(req.n{n}),{_SIGNED},add(req.i{n})",
        f"http-request set-var(req.a{n}) {of_request(f'm{n}')} if {{ sc_get_gpt(0,{n}) eq 0 }}",
        f"http-request set-var(req.f{n}) bool(true) if {{ {of_request(f'a{n}')},sub(req.m{n}) -m int ge 0 }}",
        f"http-request sc-set-gpt(0,{n}) var(req.m{n}),add(req.n{n}),and({_WORD}) if {full}",
        f"http-request sc-set-gpt(1,{n}) date(0,ms),and({_WORD}) if {full}",
        f"http-request set-var(req.a{n}) {of_request(f'm{n}')} if {full}",
    ]


def _empty(slot: Slot, less: str = "") -> str:
    return f"{{ {of_request(f'a{slot.number}')}{less} -m int lt 0 }}"


def _places(context: Context) -> list[str]:
    """Whose an operation's limits are, in ``place``: its own, or its version's, which its operations share."""
    lines = []
    for own, condition in context.by_kind(lambda kind: kind.own_limits if kind.policies.rate_limits else None):
        lines.append(f"http-request set-var(req.place) var(txn.op),field({3 if own else 2},~){when(condition)}")
    return lines


def _weights(context: Context) -> list[str]:
    """How many tokens a call takes, in ``cost``."""
    weights = context.by_kind(lambda kind: 1 if kind.policies.cost is None else kind.policies.cost)
    return [f"http-request set-var(req.cost) int({weight}){when(condition)}" for weight, condition in weights]


def _take(slot: Slot, here: str, *, weighed: bool = False) -> list[str]:
    """Take tokens: what others took since the count was read counts as well."""
    n = slot.number
    rest = f"sub(req.n{n}),and({_WORD}),neg,add(req.a{n})"
    if not weighed:
        return [f"http-request set-var(req.a{n}) sc_inc_gpc(0,{n}),{rest}{when(here)}"]
    return [
        f"http-request sc-add-gpc(0,{n}) var(req.cost){when(here)}",
        f"http-request set-var(req.a{n}) sc_get_gpc(0,{n}),{rest}{when(here)}",
    ]


def _refused(held: list[Slot], settings: GatewaySettings, *, weighed: bool = False) -> list[str]:
    """Where a bucket was empty, every one gets back what was taken."""
    amount = f"var(req.cost),neg,and({_WORD})" if weighed else str(_WORD)
    back = f"{amount} if {REFUSED}"
    return [
        *_noted(held),
        *(f"http-request sc-add-gpc(0,{slot.number}) {back} {here_is(f'a{slot.number}')}" for slot in held),
        _refusal(held, settings),
    ]


def _noted(held: list[Slot], less: str = "") -> list[str]:
    """Note a bucket that was empty and, where it may be one of several, when it gets a token."""
    if _is_the_plans(held):
        return [because(Refusal.RATE_LIMITED, _empty(held[0], less))]
    return [*(_wait(slot, less) for slot in held), because(Refusal.RATE_LIMITED, here_is("t"))]


def _refusal(held: list[Slot], settings: GatewaySettings) -> str:
    """The answer. What is known of the plan is no word on several limits: then the empty bucket says when."""
    return _deny(settings, _text(_REFILL) if _is_the_plans(held) else "%[var(req.t)]")


def _is_the_plans(held: list[Slot]) -> bool:
    return len(held) == 1 and held[0].of_plan


def _wait(slot: Slot, less: str) -> str:
    """Seconds in which an empty bucket gets a token, in ``t``; of several the most."""
    seconds = f"{of_request(f'w{slot.number}')},sub(1),div({_PER_S}),add(1)"
    known = f"!{{ {seconds},sub(req.t) -m int lt 0 }}"
    return f"http-request set-var(req.t) {seconds} if {_empty(slot, less)} {known}"


def _remaining(told: list[Slot]) -> list[str]:
    """The fewest tokens that any bucket of the plan holds now, in ``left``; without one those of the operation."""
    values = {slot: of_request(f"a{slot.number}") for slot in told}
    of_plan = [f"!{here_is(f'a{slot.number}')}" for slot in told if slot.of_plan]
    lines: list[str] = []
    for slot, value in values.items():
        only = [] if slot.of_plan else of_plan
        fewer = (f"!{found('left')}", f"{{ {value},sub(txn.left) -m int lt 0 }}") if lines else ("",)
        lines += [f"http-request set-var(txn.left) {value}{when(*only, less)}" for less in fewer]
    return lines


def _deny(settings: GatewaySettings, seconds: str) -> str:
    return deny(429, ("retry-after", seconds), *_told(settings, "0", seconds).items())
