"""What a case starts from: its pieces of IR made whole, under names that no other case has.

Variables: ``${base}`` and ``${base.NAME}`` (an API's base path), ``${upstream}`` (URL) and ``${upstream.host}``,
``${closed}`` (a URL where nothing listens), ``${gateway.host}``, ``${key}`` and ``${key.NAME}``, ``${sha256.NAME}``
(of a key), ``${long.4000}`` and ``${quotes.9}`` (so many characters), ``${lines.9}`` (headers), ``${server.NAME}``,
``${token.NAME}``, ``${issuer}``, ``${basic.USER:PASSWORD}`` as base64, ``${saved.NAME}``, ``${weekday}`` (UTC,
and ``.next``, ``.other``), ``${minute.before}`` and ``${minute.after}`` (now), ``${minute.past.start}``, ``.end`` and
``${minute.future.start}``, ``.end`` (not now), ``${soon}`` (in five minutes), ``${day_left.low}`` and ``.high``
(seconds; of every window), the ids that the gateway knows (``${id.api}``, ``${id.app.KEY}``,
``${id.subscription.KEY}``, ``${id.credential.KEY}``), and what ``keyring`` and ``certificates`` offer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from waypost.contracts.drivers import Capability
from waypost.contracts.ir import ApiIR, Grant
from waypost.contracts.ir.dump import from_plain
from waypost.contracts.ir.needs import needs
from waypost.contracts.vocab import Window
from waypost.contracts.windows import window_end
from waypost.kit.crypto import Secret, sha256_hex
from waypost.testing.conformance import keyring
from waypost.testing.conformance.form import Behaviour, Fragment, GivenGrant
from waypost.testing.conformance.loading import Loaded
from waypost.testing.conformance.upstream import Upstream
from waypost.testing.conformance.variables import filled

_VERSION_FIELDS = ("mount", "upstream", "policies", "routes", "unmatched")
_LIFE = timedelta(days=1)
_ROOM = (("low", -60), ("high", 1))


@dataclass
class Given:
    """One case, ready to be published. ``number`` makes its names its own."""

    loaded: Loaded
    number: int
    upstream: Upstream
    servers: dict[str, Upstream]
    variables: dict[str, Any]
    apis: dict[str, ApiIR] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)

    @classmethod
    async def make(cls, loaded: Loaded, number: int, shared: Mapping[str, Any]) -> Given:
        """Start the case's servers and build its IR. ValueError where a fragment is no IR."""
        behaviours = loaded.case.upstream
        upstream = Upstream(behaviours if isinstance(behaviours, dict) else {"*": behaviours})
        servers = {name: Upstream({"*": how}) for name, how in loaded.case.servers.items()}
        for server in (upstream, *servers.values()):
            await server.start()
        given = cls(loaded, number, upstream, servers, {**shared})
        given.variables |= given._own_variables()
        given._fill_servers()
        given.apis = {name: given._api(name, fragment) for name, fragment in loaded.apis.items()}
        given.grants = {grant.id: grant for grant in map(given.grant, loaded.grants)}
        return given

    async def stop(self) -> None:
        """End the case's servers."""
        for server in (self.upstream, *self.servers.values()):
            await server.stop()

    @property
    def needs(self) -> frozenset[Capability]:
        """What the case says that it needs, and what its APIs ask for."""
        return self.loaded.needs.union(*(needs(api) for api in self.apis.values()))

    def base(self, name: str) -> str:
        """The base path of the API called ``name``."""
        return f"/c{self.number}" if name == "main" else f"/c{self.number}-{name}"

    def grant(self, given: GivenGrant) -> Grant:
        """The grant that a short form means."""
        mark = f"{self.number}_{given.key}"
        value = str(filled(given.value, self.variables)) if given.value else key_value(self.number, given.key)
        grant = Grant(
            id=f"grn_{mark}_{given.api}",
            api_id=self.api_id(given.api),
            subscription_id=f"sub_{self.number}_{given.subscription or f'{given.key}_{given.api}'}",
            app_id=f"app_{self.number}_{given.app or given.key}",
            credential_id=f"crd_{mark}",
            plan_id=f"plv_{given.plan}",
            kind=given.kind,
            key=Secret(value),
            key_sha256=sha256_hex(value),
            state=given.state,
            window=given.window,
            resets_at=datetime.fromisoformat(filled(given.resets_at, self.variables)) if given.resets_at else None,
            expires_at=given.expires_at or datetime.now(UTC) + _LIFE,
        )
        return self.loaded.changed(grant)

    def api_id(self, name: str) -> str:
        """The id of the API called ``name``."""
        return f"api_{self.number}_{name}"

    def _own_variables(self) -> dict[str, Any]:
        case, number = self.loaded.case, self.number
        names = {given.key for given in self.loaded.grants} | {g.key for step in case.steps for g in step.grant}
        found: dict[str, Any] = {"base": self.base("main"), "id.api": self.api_id("main")}
        for name in self.loaded.apis:
            found |= {f"base.{name}": self.base(name)}
        for name in names | {"main"}:
            key = key_value(number, name)
            found |= {f"key.{name}": key, f"sha256.{name}": sha256_hex(key)}
            found |= {f"id.credential.{name}": f"crd_{number}_{name}"}
        for given in (*self.loaded.grants, *(grant for step in case.steps for grant in step.grant)):
            found[f"id.app.{given.key}"] = f"app_{number}_{given.app or given.key}"
            subscription = given.subscription or f"{given.key}_{given.api}"
            found.setdefault(f"id.subscription.{given.key}", f"sub_{number}_{subscription}")
        found |= {"key": found["key.main"], "issuer": f"https://issuer{number}.example", **_times()}
        found |= {"upstream": f"http://{self.upstream.host}", "upstream.host": self.upstream.host}
        found |= {f"server.{name}": f"http://{server.host}" for name, server in self.servers.items()}
        for name, form in self.loaded.tokens.items():
            found[f"token.{name}"] = keyring.token(filled(form, found), issuer=found["issuer"])
        return found

    def _fill_servers(self) -> None:
        for server in (self.upstream, *self.servers.values()):
            server.behaviours = {path: self._behaviour(how) for path, how in server.behaviours.items()}

    def _behaviour(self, how: Behaviour) -> Behaviour:
        return Behaviour.model_validate(filled(how.model_dump(), self.variables))

    def _api(self, name: str, fragment: Fragment) -> ApiIR:
        data = {
            "id": self.api_id(name),
            "slug": f"case{self.number}-{name}",
            "name": f"Case {self.number} {name}",
            "base_path": self.base(name),
            "key_auth": None,
            **filled(fragment, self.variables),
        }
        short = {field: data.pop(field) for field in _VERSION_FIELDS if field in data}
        versions = data.get("versions") or [short]
        data["versions"] = [self._version(name, index, version) for index, version in enumerate(versions)]
        data["plans"] = [_plan(plan) for plan in data.get("plans", [])]
        try:
            return self.loaded.changed(from_plain(ApiIR, data))
        except ValueError as error:
            raise ValueError(f"{self.loaded.id}: {error}") from error

    def _version(self, api: str, index: int, version: Fragment) -> Fragment:
        mark = f"ver_{self.number}_{api}_{index}"
        routes = [_route(mark, number, route) for number, route in enumerate(version.get("routes", ["GET /a"]))]
        upstream = version.get("upstream", {})
        if upstream is not None:
            upstream = {"url": self.variables["upstream"], **upstream}
        return {"id": mark, "name": f"v{index + 1}", **version, "upstream": upstream, "routes": routes}


def _times() -> dict[str, Any]:
    """Seconds to the end of each window, with room for a run of a minute; weekdays; the minute; what is soon."""
    now = datetime.now(UTC)
    ends = {f"{window.value}_left": window_end(window, now) for window in Window}
    left = {name: math.ceil((end - now).total_seconds()) for name, end in ends.items()}
    found: dict[str, Any] = {f"{n}.{edge}": max(1, s + room) for n, s in left.items() for edge, room in _ROOM}
    today = now.isoweekday()
    days = {"weekday": today, "weekday.next": today % 7 + 1, "weekday.other": (today + 2) % 7 + 1}
    minute = now.hour * 60 + now.minute
    minutes = {"minute.before": max(0, minute - 5), "minute.after": min(1440, minute + 5)}
    past, future = (0, minute - 5), (minute + 5, 1440)
    # Within five minutes of midnight one of them is nothing, and the other stands for both.
    parts = {"past": past if minute > 5 else future, "future": future if minute < 1435 else past}
    far = {
        f"minute.{part}.{edge}": at
        for part, two in parts.items()
        for edge, at in zip(("start", "end"), two, strict=True)
    }
    soon = {"soon": (now + timedelta(minutes=5)).isoformat()}
    return found | days | minutes | far | soon


def key_value(number: int, name: str) -> str:
    """The value of a key: the same in every run, different for every case and name."""
    return f"k_{number}_{name}_{sha256_hex(f'{number} {name}')[:24]}"


def _route(version: str, number: int, route: Any) -> Fragment:
    if isinstance(route, str):
        method, _, path = route.partition(" ")
        route = {"method": method, "path": path}
    return {"id": f"op_{version}_{number}", **route}


def _plan(plan: Fragment) -> Fragment:
    return {"id": f"plv_{plan['name']}", **plan}
