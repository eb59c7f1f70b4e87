"""Plays the steps of one case against a running gateway."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from waypost.contracts.ir import Grant
from waypost.contracts.ir.dump import to_plain
from waypost.contracts.telemetry import AccessRecord
from waypost.testing.conformance import wire
from waypost.testing.conformance.expecting import branded, differences, seen_differences
from waypost.testing.conformance.form import Expect, Saw, Step
from waypost.testing.conformance.given import Given
from waypost.testing.conformance.report import STEP
from waypost.testing.conformance.upstream import Upstream
from waypost.testing.conformance.variables import filled, text
from waypost.testing.conformance.wire import Address, Answer, Pairs

_LONGEST_WAIT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """What a case may do with the gateway. ``grant`` upserts and removes; ``record`` finds a call's access record."""

    address: Callable[[Step], Address]
    grant: Callable[[Sequence[Grant], Sequence[str]], Awaitable[None]]
    record: Callable[[str], Awaitable[AccessRecord | None]]
    vendors: Sequence[str]


@dataclass
class Play:
    """One case under way. ``failures`` are sentences; a case stops at its first failed step."""

    given: Given
    gateway: Gateway
    last: Answer = field(default_factory=lambda: Answer(status=0))

    async def run(self) -> list[str]:
        """Play all steps; what went wrong, or nothing."""
        for number, step in enumerate(self.given.loaded.case.steps, 1):
            try:
                failures = await self._step(step)
            except ValueError as error:
                failures = [str(error)]
            if failures:
                named = f"{STEP}{number}" + (f" ({step.about})" if step.about else "")
                return [f"{named}: {failure}" for failure in failures[:6]]
        return []

    async def _step(self, step: Step) -> list[str]:
        await asyncio.sleep(step.wait_ms / 1000 + self._asked_wait(step))
        if step.grant or step.revoke:
            await self._grant(step)
        if not (step.send or step.raw):
            return []
        before = {name: len(server.seen) for name, server in self._servers()}
        answers = await self._answers(step)
        self.last = answers[-1]
        failures = [failure for answer in answers for failure in await self._judged(step, answer)]
        failures += _counted(step, answers)
        if step.expect is not None and not failures:
            failures += self._upstream(step.expect, before)
        for name, header in step.save.items():
            self.given.variables[f"saved.{name}"] = ", ".join(self.last.lines(header))
        return failures

    async def _answers(self, step: Step) -> list[Answer]:
        head = step.send.startswith("HEAD ") or step.raw.startswith("HEAD ")
        others = [step.model_copy(update={"headers": one.headers, "source": one.source}) for one in step.beside]
        calls = [
            wire.exchange(self.gateway.address(one), self._request(one), head=head)
            for one in (step, *others)
            for _ in range(step.times * step.together)
        ]
        if len(calls) > step.times:
            return list(await asyncio.gather(*calls))
        return [await call for call in calls]

    def _request(self, step: Step) -> bytes:
        if step.raw:
            return text(step.raw, self.given.variables).encode("latin-1")
        method, _, path = text(step.send, self.given.variables).partition(" ")
        target = path[1:] if path.startswith("=") else self.given.base(step.to) + path
        body = b"x" * step.size if step.size is not None else text(step.body, self.given.variables).encode()
        return wire.written(method, target, self._headers(step), body, chunked=step.chunked)

    def _headers(self, step: Step) -> Pairs:
        given = filled(dict(step.headers), self.given.variables)
        usual = {"host": self.given.variables["gateway.host"], "accept": "*/*", "user-agent": "conformance"}
        pairs: Pairs = []
        for name, value in {**usual, **given}.items():
            pairs += [(name, str(one)) for one in (value if isinstance(value, list) else [value]) if one is not None]
        return pairs

    async def _judged(self, step: Step, answer: Answer) -> list[str]:
        if step.expect is None:
            return []
        expect = Expect.model_validate(filled(step.expect.model_dump(by_alias=True, exclude_unset=True), self._known()))
        failures = differences(expect, answer)
        if expect.problem is not None:
            failures += branded(answer, self.gateway.vendors)
        if expect.record and not failures:
            failures += await self._record(expect.record, answer)
        return failures

    def _known(self) -> dict[str, Any]:
        return self.given.variables

    def _servers(self) -> list[tuple[str, Upstream]]:
        return [("upstream", self.given.upstream), *self.given.servers.items()]

    def _upstream(self, expect: Expect, before: dict[str, int]) -> list[str]:
        """What the upstream and the other servers saw of a step that went as it should."""
        wanted: dict[str, Saw] = dict(expect.servers)
        if expect.upstream is not None:
            wanted["upstream"] = Saw(calls=0) if expect.upstream == "nothing" else expect.upstream
        failures = []
        for name, server in self._servers():
            if name in wanted:
                known = filled(wanted[name].model_dump(exclude_unset=True), self.given.variables)
                seen = server.seen[before[name] :]
                failures += [f"{name}: {text}" for text in seen_differences(Saw.model_validate(known), seen)]
        return failures

    async def _record(self, wanted: dict[str, Any], answer: Answer) -> list[str]:
        decision = ", ".join(answer.lines("x-request-id"))
        record = await self.gateway.record(decision)
        if record is None:
            return [f"no access record of the call {decision!r}"]
        found = to_plain(record)
        return [f"record: {k} is {found.get(k)!r}, not {v!r}" for k, v in wanted.items() if found.get(k) != v]

    async def _grant(self, step: Step) -> None:
        fresh = [self.given.grant(form) for form in step.grant]
        gone = [grant_id for grant_id in self.given.grants if grant_id.split("_")[2] in step.revoke]
        for grant_id in gone:
            del self.given.grants[grant_id]
        self.given.grants |= {grant.id: grant for grant in fresh}
        await self.gateway.grant(fresh, gone)

    def _asked_wait(self, step: Step) -> float:
        if not step.wait_header:
            return 0.0
        seconds = float(", ".join(self.last.lines(step.wait_header)) or "nan")
        if not 0 < seconds <= _LONGEST_WAIT:
            raise ValueError(f"{step.wait_header} says {seconds} seconds; this case expects at most {_LONGEST_WAIT}")
        return seconds


def _counted(step: Step, answers: Sequence[Answer]) -> list[str]:
    found = Counter(answer.status for answer in answers)
    failures = []
    for status, wanted in step.counts.items():
        low, high = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        if not low <= found[status] <= high:
            failures.append(f"{found[status]} answers were {status}, not {wanted}; all: {dict(found)}")
    return failures
