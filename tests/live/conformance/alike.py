"""APIs and calls that nobody wrote down: random policies, credentials and requests, the same for every engine.

What engines are known to tell differently (``docs/reference/gateway.md``) is left out: credentials that are sent twice,
bodies with another API's key, limits of several kinds beside each other, the parts of an API outside its mount.
"""

from __future__ import annotations

import re
from random import Random
from typing import Any

from waypost.testing.conformance.form import Case, Fragment, GivenGrant
from waypost.testing.conformance.loading import Loaded

_TEMPLATES = ("/a", "/a/{id}", "/a/b", "/{x}", "/{x}/c", "/a/{id}/d", "/f.{ext}", "/", "/a/{id}/d/{n}")
_PATHS = (
    *(
        "/a",
        "/a/1",
        "/a/b",
        "/a/b/",
        "/zz",
        "/zz/c",
        "/a/1/d",
        "/a/b/d",
        "/f.json",
        "/f.",
        "/",
        "",
        "/a//b",
        "//a",
        "/A",
    ),
    *("/a/./b", "/a/../a/b", "/a/%62", "/a/1%2F2", "/a/%2e%2e/a", "/a?x=1", "/a?x=1&y=%20", "/a/1/d/2", "/a/1/d/"),
    *("/nope/nope/nope", "/a;v=1", "/a/%C3%BC", "/a/1+2", "/../a", "/a/b/../../x", "/a%2Fb", "/a/b;x/d"),
)
_METHODS = ("GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_BODIES = ("POST", "PUT", "PATCH")
_WAYS: tuple[tuple[str, ...], ...] = (
    *((), ("key",), ("key",), ("key",), ("basic",), ("jwt",)),
    *(("key", "basic"), ("key", "jwt"), ("key", "jwt", "basic")),
)
_KEYS: tuple[Fragment, ...] = ({}, {}, {"header": "x-other"}, {"query": "key"}, {"cookie": "ck"}, {"hide": False})
_BY_CALLER = ("subscription", "app", "plan")
_BY_ANY = ("api", "operation", "ip", *_BY_CALLER)
_STEPS = 24
_UPSTREAM = {"headers": {"x-up": "1", "cache-control": "no-store"}}


def case(seed: int) -> Loaded:
    """The case of a seed: one API, some credentials, some calls."""
    return _Maker(Random(seed)).loaded(f"alike.s{seed}")


class _Maker:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._ways = random.choice(_WAYS)
        self._limited = random.choice(("plan", "version", "operation", "nothing")) if self._ways else "nothing"

    def loaded(self, name: str) -> Loaded:
        tokens: dict[str, Fragment] = {}
        if "jwt" in self._ways:
            scoped = {"scope": "read write", "roles": ["boss"]}
            tokens = {"good": {}, "scoped": {"claims": scoped}, "bad": {"tamper": "signature"}}
        api, grants = self._api(), self._grants()
        steps = [self._step(api) for _ in range(_STEPS)]
        about = {"id": name.partition(".")[2], "about": "random", "tag": "abuse"}
        made = {"api": api, "grants": grants, "upstream": _UPSTREAM, "tokens": tokens, "steps": steps}
        return Loaded(
            id=name,
            policy="routing",
            case=Case.model_validate({**about, **made}),
            needs=frozenset(),
            apis={"main": api},
            grants=tuple(GivenGrant.model_validate(grant) for grant in grants),
            tokens=tokens,
        )

    def _often(self, share: float) -> bool:
        return self._random.random() < share

    def _api(self) -> Fragment:
        pick = self._random.choice
        api: Fragment = {"policies": self._policies("version"), "routes": self._routes()}
        if "key" in self._ways:
            api["key_auth"] = pick(_KEYS)
        if "basic" in self._ways:
            api["basic"] = pick(({}, {"hide": False}))
        if "jwt" in self._ways:
            issuer = {"id": "main", "issuer": "${issuer}", "jwks": "${jwks.rs}"}
            api["jwt"] = {"issuers": [issuer], **pick(({}, {"claim_headers": [["sub", "x-sub"]]}))}
        if self._ways:
            limits = [self._limit(_BY_CALLER)] if self._limited == "plan" else []
            api["plans"] = [{"name": "p1", "rate_limits": limits, "scopes": ["read"]}, {"name": "p2"}]
        if self._often(0.3):
            api["cors"] = {"origins": ["https://a.example"]}
        chosen = {"unmatched": "pass", "upstream": {"url": "${upstream}/up"}}
        return api | {name: value for name, value in chosen.items() if self._often(0.2)}

    def _routes(self) -> list[Fragment]:
        found: dict[tuple[str, str], Fragment] = {}
        for _ in range(self._random.choice((1, 2, 3, 5))):
            method, path = self._random.choice(_METHODS), self._random.choice(_TEMPLATES)
            policies = self._policies("operation") if self._often(0.5) else {}
            shape = re.sub(r"\{\w+\}", "{}", path)
            found.setdefault((method, shape), {"method": method, "path": path, "policies": policies})
        return list(found.values())

    def _limit(self, by: tuple[str, ...]) -> Fragment:
        return {"requests": self._random.choice((1, 2, 3, 5)), "seconds": 6000, "by": self._random.choice(by)}

    def _policies(self, place: str) -> Fragment:
        pick, made = self._random.choice, {}
        every: dict[str, tuple[float, Any]] = {
            "headers": (0.3, self._headers()),
            "query": (0.12, pick(({"set": [["q", "a b&c"]]}, {"set": [["q", "x{request.query.x}"]], "remove": ["x"]}))),
            "rewrite": (0.12, pick(({"prefix": "/a", "replacement": "/z"}, {"prefix": "/", "replacement": "/v2"}))),
            "host": (0.08, pick(({"host": "h.example"}, {"preserve": True}))),
            "ip": (0.1, pick(({"deny": ["127.0.0.3"]}, {"allow": ["127.0.0.0/8"], "deny": ["127.0.0.2"]}))),
            "maintenance": (0.05, pick(({"message": "soon", "allow": ["127.0.0.2"]}, {"enabled": False}))),
            "sizes": (0.12, {"request_bytes": pick((5, 100))}),
            "mock": (0.08, {"status": pick((200, 201, 404)), "body": pick(("{}", "m" * 20, ""))}),
        }
        if self._ways:
            every["scopes"] = (0.12, pick(({"scopes": ["read"]}, {"scopes": ["admin"]}, {"roles": ["boss"]})))
            every["anonymous"] = (0.12, {"allowed": pick((True, False))})
        for name, (share, value) in every.items():
            if self._often(share):
                made[name] = value
        if place == "version":
            # Whom a version lets in stands before or after what is no path at all.
            made = {name: value for name, value in made.items() if name not in ("ip", "maintenance")}
        if self._limited == place:
            made["rate_limits"] = [self._limit(_BY_ANY)]
        return made

    def _headers(self) -> Fragment:
        edits: Fragment = {
            "request_set": [["x-one", self._random.choice(("1", "a {request.method}", "<{request.header.x-in}>"))]],
            "request_add": [["x-two", "2"]],
            "request_remove": ["x-gone"],
            "response_set": [["x-res", self._random.choice(("r", "p{request.path}", "q{request.query.x}"))]],
            "response_remove": ["x-up"],
        }
        return {name: value for name, value in edits.items() if self._often(0.45)}

    def _grants(self) -> list[Fragment]:
        used_up = {"state": "exhausted", "window": "day", "resets_at": "${soon}"}
        found: list[Fragment] = []
        if "key" in self._ways:
            found += [{"key": "k1", "plan": "p1", "app": "x"}, {"key": "k2", "plan": "p2", "app": "x"}]
            found.append({"key": "k3", "plan": "p1", "app": "y", **used_up})
        if "basic" in self._ways:
            found.append({"key": "u", "kind": "basic", "value": "alice:pass", "plan": "p1"})
        if "jwt" in self._ways:
            found.append({"key": "c", "kind": "client", "value": "${issuer} client", "plan": "p2"})
        return found

    def _credential(self, auth: Fragment) -> tuple[dict[str, str], str]:
        """Headers, and what the query gets."""
        sent: list[tuple[dict[str, str], str]] = [({}, "")]
        if "key" in self._ways:
            for value in ("${key.k1}",) * 4 + ("${key.k2}",) * 2 + ("${key.k3}", "nokey"):
                placed = ({"cookie": f"z=1; ck={value}"}, "") if "cookie" in auth else ({}, f"key={value}")
                header = ({auth.get("header", "x-api-key"): value}, "")
                sent.append(placed if self._often(0.3) and {"cookie", "query"} & auth.keys() else header)
        if "basic" in self._ways:
            texts = ("Basic ${basic.alice:pass}", "Basic ${basic.alice:pass}", "Basic ${basic.alice:bad}", "Basic !!!")
            sent += [({"authorization": text}, "") for text in texts]
        if "jwt" in self._ways:
            texts = ("Bearer ${token.good}", "Bearer ${token.scoped}", "Bearer ${token.bad}", "Bearer x")
            sent += [({"authorization": text}, "") for text in texts]
        headers, query = self._random.choice(sent)
        return dict(headers), query

    def _step(self, api: Fragment) -> Fragment:
        pick, routes = self._random.choice, api["routes"]
        headers, query = self._credential(api.get("key_auth", {}))
        known = [re.sub(r"\{\w+\}", "b", route["path"]) for route in routes]
        path = pick(known if self._often(0.5) else _PATHS)
        path += f"{'&' if '?' in path else '?'}{query}" if query else ""
        method = (
            pick([route["method"] for route in routes]) if self._often(0.75) else pick((*_METHODS, "PROPFIND", "TRACE"))
        )
        extra = {
            "x-in": pick(("v", "a,b")),
            "x-gone": "1",
            "x-one": "forged",
            "x-sub": "forged",
            "origin": "https://a.example",
        }
        headers |= {name: value for name, value in extra.items() if self._often(0.15)}
        if method == "OPTIONS" and self._often(0.5):
            headers |= {"origin": "https://a.example", "access-control-request-method": pick(("GET", "PUT"))}
        step: Fragment = {"send": f"{method} {path}", "headers": headers}
        if method in _BODIES:
            step["size"] = pick((0, 3, 50, 200))
        if self._often(0.2):
            step["source"] = pick(("127.0.0.2", "127.0.0.3"))
        return step
