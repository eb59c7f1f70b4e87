"""What becomes of a described request: the documented order of execution, walked over the compiled IR. Pure.

No engine is asked and nothing is sent. What a hub cannot know (how full a rate limit's bucket is on a gateway, what a
token's own server would say) is said to be unknown instead of guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from waypost.application.decisions import gates, rights
from waypost.application.decisions.callers import Caller
from waypost.application.decisions.matching import Matched, api_at, match
from waypost.application.decisions.request import Described, Known
from waypost.application.decisions.rules import RULES
from waypost.application.decisions.walk import Ask, Step, Verdict, Walk, facts_of, passed, refused
from waypost.contracts.ir import ApiIR, GatewayIR
from waypost.contracts.vocab import PolicyKind, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ends. ``code`` empty: the call passes; ``status`` None: the upstream says. ``certain``: no step was
    unknown.
    """

    steps: tuple[Step, ...]
    code: str = ""
    status: int | None = None
    certain: bool = True
    api: ApiIR | None = None
    matched: Matched = field(default_factory=Matched)
    caller: Caller = field(default_factory=Caller)

    @property
    def last(self) -> Step:
        """The step that decided."""
        return self.steps[-1]


def simulate(ir: GatewayIR, request: Described, known: Known) -> Outcome:
    """Walk the order of execution until a step refuses or answers."""
    walk = Walk(ir, request, known)
    for step in ORDER:
        said = step(walk)
        if said is None:
            continue
        walk.steps.append(said)
        if said.verdict in (Verdict.REFUSED, Verdict.ANSWERED):
            break
    return _outcome(walk)


def _outcome(walk: Walk) -> Outcome:
    last = walk.steps[-1]
    status: int | None = None
    if last.code is not None:
        status = RULES[last.code].status
    elif last.verdict is Verdict.ANSWERED:
        status = next((fact.value for fact in last.facts if fact.name == "status"), None)
    return Outcome(
        steps=tuple(walk.steps),
        code=last.code.value if last.code else "",
        status=status,
        certain=all(step.verdict is not Verdict.UNKNOWN for step in walk.steps),
        api=walk.api,
        matched=walk.matched,
        caller=walk.caller,
    )


def _find_api(walk: Walk) -> Step:
    walk.api = api_at(walk.ir, walk.request.path)
    path = walk.request.path
    if walk.api is None:
        return refused("api", Refusal.NOT_FOUND, "No API on this gateway has this base path.", path=path)
    walk.matched = match(walk.api, walk.request.method, path)
    return passed("api", f"The base path belongs to {walk.api.name}.", path=path, base_path=walk.api.base_path)


def _route(walk: Walk) -> Step:
    request, found = walk.request, walk.matched
    asked: dict[str, Any] = {"method": request.method, "path": request.path}
    kind = PolicyKind.UNMATCHED
    if found.route is not None:
        text = f"The operation {found.route.method} {found.route.path} takes it."
        return passed("operation", text, operation=f"{found.route.method} {found.route.path}", **asked)
    if found.passes:
        return passed("operation", "No operation takes it; the version passes such calls on.", kind, **asked)
    if found.methods:
        text = f"The path has the methods {', '.join(found.methods)}."
        return refused("operation", Refusal.METHOD_NOT_ALLOWED, text, kind, methods=list(found.methods), **asked)
    return refused("operation", Refusal.NOT_FOUND, "No operation of the API has this path.", kind, **asked)


def _size(walk: Walk) -> Step | None:
    own = walk.policies.sizes.request_bytes if walk.policies.sizes else 0
    limit = own or walk.ir.settings.max_request_bytes
    size = walk.request.body_bytes
    if size is None:
        return None
    kind = PolicyKind.SIZES if own else None
    facts = {"bytes": size, "limit": limit, "limit_of": "policy" if own else "gateway"}
    if size > limit:
        return refused("size", Refusal.TOO_LARGE, "The body is too large.", kind, **facts)
    return passed("size", "The body is not too large.", kind, **facts)


def _answer(walk: Walk) -> Step:
    mock = walk.policies.mock if walk.matched.route else None
    if mock is not None:
        text = "The gateway answers by itself (a mock)."
        return Step(
            name="answer",
            verdict=Verdict.ANSWERED,
            text=text,
            kind=PolicyKind.MOCK,
            facts=facts_of({"status": mock.status}),
        )
    upstream = walk.matched.version.upstream if walk.matched.version else None
    facts = facts_of({"inside_upstream": upstream.url if upstream else ""})
    return Step(name="answer", verdict=Verdict.PASSED, text="The API's server answers.", facts=facts)


ORDER: tuple[Ask, ...] = (
    _find_api,
    gates.preflight,
    gates.maintenance,
    gates.address,
    gates.country,
    gates.hours,
    _route,
    _size,
    rights.authentication,
    rights.subscription,
    rights.scopes,
    rights.quota,
    rights.rate_limits,
    rights.concurrency,
    _answer,
)
"""As ``contracts.ir.order`` says, with the steps that ask no policy."""
