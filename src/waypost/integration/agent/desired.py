"""What shall be served: the hub's wish, minus what makes no sense or was refused, plus what last worked instead."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from waypost.contracts.drivers import Capability
from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.dump import content_hash
from waypost.contracts.ir.needs import missing
from waypost.contracts.ir.validate import claims, validate_api
from waypost.integration.agent.codec import ApisNews
from waypost.integration.agent.guard import held_reason, is_large_delete
from waypost.integration.agent.state import ApiState


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a version (by content hash) of an API is put aside. ``retry_at`` is loop time, None = not by itself."""

    content_hash: str
    reason: str
    retry_at: float | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The version of one API that shall serve now."""

    api: ApiIR
    content_hash: str


@dataclass(slots=True)
class Desired:
    """The whole desired state. ``refused`` is by API id and holds only for the hash it names.

    What asks for more than ``capabilities`` is refused by name: an engine never drops a policy in silence. While
    ``recovering`` (just started) what last worked goes before what is wished.
    """

    apis: dict[str, ApiState] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    recovering: bool = False
    capabilities: frozenset[Capability] = frozenset(Capability)
    _sound: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, news: ApisNews) -> set[str]:
        """Bring the hub's news in; the ids that were touched. Held deletes stay out until somebody confirms."""
        touched = {api.id for api in news.upsert} | {item.api_id for item in news.undecodable}
        for api in news.upsert:
            self._want(api)
        for item in news.undecodable:
            self.refused[item.api_id] = Refusal("", item.reason)
        return touched | self._remove(news)

    def choose(self) -> dict[str, Chosen]:
        """Per API the version to serve. Refuses (into ``refused``) what is unsound or claims another's path."""
        for api_id, state in self.apis.items():
            if self._sound.get(api_id) != (state.desired_hash, ""):
                self._check(api_id, state)
        while True:
            chosen = self._first_choice()
            if len({item.api.base_path for item in chosen.values()}) == len(chosen):
                return chosen
            losers = [item for item in claims(self._by_claim(chosen)) if self._put_aside(item.api_id, str(item))]
            if not losers:
                return chosen

    def refuse(self, api_id: str, refusal: Refusal) -> None:
        """Put a version aside."""
        self.refused[api_id] = refusal

    def proved(self, api_id: str, chosen: Chosen) -> bool:
        """This version works: it is the last good one from now on. False when that was known."""
        state = self.apis.get(api_id)
        if state is None or state.good_hash == chosen.content_hash:
            return False
        self.apis[api_id] = replace(state, good=chosen.api, good_hash=chosen.content_hash)
        return True

    def quarantined(self) -> dict[str, Refusal]:
        """Refusals that hold now: the hub still wants what was refused."""
        return {key: item for key, item in self.refused.items() if self._holds(key, item)}

    def _want(self, api: ApiIR) -> None:
        wanted = content_hash(api)
        self.held.pop(api.id, None)
        # Asked for again: try again, whatever became of it last time.
        self.refused.pop(api.id, None)
        state = self.apis.get(api.id)
        if state is None:
            self.apis[api.id] = ApiState(desired=api, desired_hash=wanted)
        else:
            self.apis[api.id] = replace(state, desired=api, desired_hash=wanted)

    def _remove(self, news: ApisNews) -> set[str]:
        serving = sum(1 for state in self.apis.values() if state.good is not None)
        removing = {api_id for api_id in news.remove if api_id in self.apis}
        if news.guard_confirmed:
            removing |= set(self.held)
        elif is_large_delete(serving=serving, removing=len(removing)):
            reason = held_reason(serving=serving, removing=len(removing))
            self.held.update(dict.fromkeys(removing, reason))
            return removing
        for api_id in removing:
            self.apis.pop(api_id, None)
            self.refused.pop(api_id, None)
            self.held.pop(api_id, None)
        return removing | set(news.remove)

    def _check(self, api_id: str, state: ApiState) -> None:
        known = self._sound.get(api_id)
        if known is None or known[0] != state.desired_hash:
            wrong = [str(item) for item in validate_api(state.desired)]
            wrong += missing(state.desired, self.capabilities)
            found = "; ".join(wrong[:5])
            known = self._sound[api_id] = (state.desired_hash, found)
        if known[1]:
            self.refused[api_id] = Refusal(state.desired_hash, known[1])

    def _first_choice(self) -> dict[str, Chosen]:
        chosen = {}
        for api_id, state in self.apis.items():
            refusal = self.refused.get(api_id)
            if self.recovering and state.good is not None:
                chosen[api_id] = Chosen(state.good, state.good_hash)
            elif refusal is None or refusal.content_hash != state.desired_hash:
                chosen[api_id] = Chosen(state.desired, state.desired_hash)
            elif state.good is not None and state.good_hash != state.desired_hash:
                chosen[api_id] = Chosen(state.good, state.good_hash)
        return chosen

    def _by_claim(self, chosen: dict[str, Chosen]) -> list[ApiIR]:
        """Who already serves a path keeps it; among newcomers the older API (ids sort by time)."""

        def rank(item: tuple[str, Chosen]) -> tuple[bool, str]:
            good = self.apis[item[0]].good
            return (good is None or good.base_path != item[1].api.base_path, item[0])

        return [chosen.api for _, chosen in sorted(chosen.items(), key=rank)]

    def _put_aside(self, api_id: str, reason: str) -> bool:
        """False when there is nothing left to fall back to; then both claims are good and old, and stand."""
        state = self.apis[api_id]
        known = self.refused.get(api_id)
        if known is not None and known.content_hash == state.desired_hash:
            self.apis[api_id] = replace(state, good=None, good_hash="")
            return state.good is not None
        self.refused[api_id] = Refusal(state.desired_hash, reason)
        return True

    def _holds(self, api_id: str, refusal: Refusal) -> bool:
        state = self.apis.get(api_id)
        return not refusal.content_hash or (state is not None and refusal.content_hash == state.desired_hash)
