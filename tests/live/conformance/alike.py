"""APIs and calls that nobody wrote down: random policies, credentials and requests, the same for every engine.

What engines are known to tell differently (``docs/reference/gateway.md``) is left out: credentials that are sent twice,
bodies with another API's key, limits of several kinds beside each other.
"""

from __future__ import annotations

import re
from random import Random
from typing import Any

from waypost.testing.conformance.form import Case, Fragment, GivenGrant
from waypost.testing.conformance.loading import Loaded

PROXY = "127.0.0.4"
"""The address of a proxy that says where calls come from."""
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
    *("/nope/nope/nope", "/a;v=1", "/a/%C3%BC", "/a/1+2", "/../a", "/a/b/../../x", "/a%2Fb", "/a/b;x/d", "/a?x=1&x=2"),
    *(
        "/a/?",
        "/a?",
        "/a?&&x=%26",
        "/a?x=1;y=2",
        "/a/%7Eb",
        "/a/b%20c",
        "/a/~",
        "/a/b/.",
        "/a/b/..",
        "/a?x=a+b&q=%C3%BC",
    ),
)
_METHODS = ("GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_BODIES = ("POST", "PUT", "PATCH")
_WAYS: tuple[tuple[str, ...], ...] = (
    *((), ("key",), ("key",), ("key",), ("basic",), ("jwt",)),
    *(("key", "basic"), ("key", "jwt"), ("key", "jwt", "basic")),
)
_KEYS: tuple[Fragment, ...] = ({}, {}, {"header": "x-other"}, {"query": "key"}, {"cookie": "ck"}, {"hide": False})
_JWT: tuple[Fragment, ...] = (
    {},
    {"hide": False},
    {"claim_headers": [["sub", "x-sub"], ["org.unit", "x-unit"]]},
    {"scope_claim": "scp", "claim_headers": [["level", "x-roles"]]},
)
_TOKENS: dict[str, Fragment] = {
    "good": {},
    "scoped": {"claims": {"scope": "read write", "roles": ["boss"], "level": 3, "sub": "s", "org": {"unit": "u 1"}}},
    "listed": {"claims": {"scp": ["read"], "scope": "write", "roles": "boss", "sub": "7"}},
    "late": {"expires_in": -100},
    "other": {"key": "rs.other"},
    "bad": {"tamper": "signature"},
}
_CORS: tuple[Fragment, ...] = (
    {"origins": ["https://a.example"]},
    {"origins": ["https://a.example", "https://b.example"], "credentials": True, "expose": ["x-up", "x-res"]},
    {"origins": ["*"], "methods": ["GET", "PUT"], "headers": ["x-in"], "max_age_seconds": 5},
    {"origins": ["*"], "expose": ["x-up"], "headers": ["x-in", "x-one"]},
)
_REQUEST_EDITS = (
    "1",
    "a {request.method}",
    "<{request.header.x-in}>",
    "{request.query.x}",
    "{request.host} {request.ip}",
)
_CALLER_EDITS = ("{app.id}", "{plan.name}/{subscription.id}", "{credential.id}")
_RESPONSE_EDITS = ("r", "p{request.path}", "q{request.query.x}", "100% of {request.header.x-in}")
_QUERIES: tuple[Fragment, ...] = (
    {"set": [["q", "a b&c"]]},
    {"set": [["q", "x{request.query.x}"]], "remove": ["x"]},
    {"set": [["x", "{request.header.x-in}"], ["n", "1"]]},
    {"remove": ["x", "y"]},
)
_REWRITES: tuple[Fragment, ...] = (
    {"prefix": "/a", "replacement": "/z"},
    {"prefix": "/", "replacement": "/v2"},
    {"prefix": "/a/b", "replacement": "/"},
    {"template": "/t/{request.header.x-in}/{request.query.x}"},
    {"template": "/fixed"},
)
_BY_CALLER = ("subscription", "app", "plan")
_BY_ANY = ("api", "operation", "ip", *_BY_CALLER)
_STEPS = 24
_UPSTREAM = {
    "headers": {"x-up": "1", "cache-control": "no-store", "vary": "Accept", "www-authenticate": "Up", "x-res": "u"}
}
_ORIGINS = ("https://a.example", "https://a.example", "https://b.example", "https://c.example")
_HEADERS: tuple[tuple[str, Any], ...] = (
    *(("x-in", "v"), ("x-in", "a,b"), ("x-in", ["a", "b"]), ("x-in", "a b/c?"), ("x-gone", "1"), ("x-one", "forged")),
    *(
        ("x-sub", "forged"),
        ("x-unit", "forged"),
        ("x-roles", ["f", "g"]),
        ("x-two", ["1", "2"]),
        ("cookie", "c=1; d=2"),
    ),
    *(
        ("connection", "x-in, close"),
        ("connection", "keep-alive, x-one"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
    ),
    *(
        ("te", "gzip;q=1, trailers"),
        ("te", "gzip"),
        ("proxy-authorization", "p"),
        ("proxy", "p"),
        ("expect", "100-continue"),
    ),
    *(("host", "api.acme.example"), ("host", "API.Acme.Example:8080"), ("x-request-id", "mine"), ("x-empty", "")),
    *(("x-forwarded-proto", "https"), ("forwarded", "for=1.2.3.4"), ("accept-encoding", "gzip"), ("x-envoy-a", "1")),
    *(
        ("ratelimit", "forged"),
        ("authorization", ""),
        ("x_under", "1"),
        ("access-control-request-headers", "x-in, x-z"),
    ),
)


def case(seed: int) -> Loaded:
    """The case of a seed: one API, some credentials, some calls."""
    return _Maker(Random(seed)).loaded(f"alike.s{seed}")


class _Maker:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._ways = random.choice(_WAYS)
        self._limited = random.choice(("plan", "version", "operation", "nothing")) if self._ways else "nothing"

    def loaded(self, name: str) -> Loaded:
        tokens = _TOKENS if "jwt" in self._ways else {}
        api, grants = self._api(), self._grants()
        steps = [self._step(api) for _ in range(_STEPS)]
        about = {"id": name.partition(".")[2], "about": "random", "tag": "abuse"}
        made = {
            "api": api,
            "grants": grants,
            "upstream": {"*": _UPSTREAM, "/a/b": {"size": 2000}},
            "tokens": tokens,
            "steps": steps,
        }
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
        api: Fragment = {"versions": self._versions()}
        if "key" in self._ways:
            api["key_auth"] = pick(_KEYS)
        if "basic" in self._ways:
            api["basic"] = pick(({}, {"hide": False}))
        if "jwt" in self._ways:
            api["jwt"] = {"issuers": [{"id": "main", "issuer": "${issuer}", "jwks": "${jwks.rs}"}], **pick(_JWT)}
        if self._ways:
            limits = [self._limit(_BY_CALLER)] if self._limited == "plan" else []
            api["plans"] = [
                {"name": "p1", "rate_limits": limits, "scopes": ["read"]},
                {"name": "p2", "rate_limits": []},
            ]
        if self._often(0.4):
            api["cors"] = pick(_CORS)
        return api

    def _versions(self) -> list[Fragment]:
        mounts = self._random.choice((("",), ("",), ("",), ("/v2",), ("", "/v2"), ("/v1", "/v2")))
        versions = [self._version(mount) for mount in mounts]
        if len(mounts) > 1 and "" in mounts:
            # A template of one version would have the other's mount among its paths.
            versions[0]["routes"] = [one for one in versions[0]["routes"] if "/{x}" not in one["path"]]
            versions[0]["routes"] = versions[0]["routes"] or [{"method": "GET", "path": "/a", "policies": {}}]
        return versions

    def _version(self, mount: str) -> Fragment:
        chosen = {"unmatched": "pass", "upstream": {"url": "${upstream}/up"}}
        version = {"mount": mount, "policies": self._policies("version"), "routes": self._routes()}
        return version | {name: value for name, value in chosen.items() if self._often(0.2)}

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
        closed = {"start_minute": "${minute.past.start}", "end_minute": "${minute.past.end}"}
        every: dict[str, tuple[float, Any]] = {
            "headers": (0.4, self._headers()),
            "query": (0.15, pick(_QUERIES)),
            "rewrite": (0.15, pick(_REWRITES)),
            "host": (0.08, pick(({"host": "h.example"}, {"preserve": True}))),
            "ip": (0.08, pick(({"deny": ["127.0.0.3"]}, {"allow": ["127.0.0.0/8"], "deny": ["127.0.0.2"]}))),
            "maintenance": (0.05, pick(({"message": "soon", "allow": ["127.0.0.2"]}, {"enabled": False}))),
            "hours": (0.05, pick(({"open": [{}]}, {"open": [closed]}, {"open": []}))),
            "sizes": (0.12, pick(({"request_bytes": 5}, {"request_bytes": 100}, {"response_bytes": 1000}))),
            "mock": (0.08, self._mock()),
        }
        if self._ways:
            every["scopes"] = (0.12, pick(({"scopes": ["read"]}, {"scopes": ["admin"]}, {"roles": ["boss"]})))
            every["anonymous"] = (0.12, {"allowed": pick((True, False))})
        for name, (share, value) in every.items():
            if self._often(share):
                made[name] = value
        if self._limited == "plan" and "response_bytes" in made.get("sizes", {}):
            del made["sizes"]  # Envoy's refusal of a large answer says nothing of limits.
        if self._limited == place:
            made["rate_limits"] = [self._limit(_BY_ANY)]
        return made

    def _mock(self) -> Fragment:
        pick = self._random.choice
        headers = pick(([], [["x-res", "m"]], [["retry-after", "9"], ["vary", "Accept"]]))
        return {"status": pick((200, 201, 404, 503)), "body": pick(("{}", "m" * 20)), "headers": headers}

    def _headers(self) -> Fragment:
        pick = self._random.choice
        values = (*_REQUEST_EDITS, *(_CALLER_EDITS if self._ways else ()))
        name = pick(("content-type", "vary", "cache-control", "retry-after", "www-authenticate", "allow", "x-new"))
        edits: Fragment = {
            "request_set": [["x-one", pick(values)]],
            "request_add": [["x-two", pick(values)]],
            "request_remove": [pick(("x-gone", "x-in", "cookie"))],
            "response_set": [["x-res", pick(_RESPONSE_EDITS)], [name, "e"]],
            "response_add": [["x-up", pick(_RESPONSE_EDITS)]],
            "response_remove": ["x-up", pick(("cache-control", "x-res", "vary", "www-authenticate"))],
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

    def _credential(self, auth: Fragment) -> tuple[dict[str, Any], str]:
        """Headers, and what the query gets."""
        sent: list[tuple[dict[str, Any], str]] = [({}, "")]
        if "key" in self._ways:
            for value in ("${key.k1}",) * 4 + ("${key.k2}",) * 2 + ("${key.k3}", "nokey"):
                placed = ({"cookie": f"z=1; ck={value}"}, "") if "cookie" in auth else ({}, f"key={value}")
                header = ({auth.get("header", "x-api-key"): value}, "")
                sent.append(placed if self._often(0.3) and {"cookie", "query"} & auth.keys() else header)
        if "basic" in self._ways:
            texts = ("Basic ${basic.alice:pass}", "basic ${basic.alice:pass}", "Basic ${basic.alice:bad}", "Basic !!!")
            sent += [({"authorization": text}, "") for text in texts]
        if "jwt" in self._ways:
            texts = (
                *(f"Bearer ${{token.{name}}}" for name in ("good", *_TOKENS)),
                "bearer ${token.scoped}",
                "Bearer x",
            )
            sent += [({"authorization": text}, "") for text in texts]
        headers, query = self._random.choice(sent)
        return dict(headers), query

    def _path(self, routes: list[tuple[str, Fragment]]) -> str:
        mounts = sorted({mount for mount, _ in routes})
        if self._often(0.55):
            mount, route = self._random.choice(routes)
            return mount + re.sub(r"\{\w+\}", self._random.choice(("b", "b", "1", "c%20d")), str(route["path"]))
        return (self._random.choice(mounts) if self._often(0.8) else "") + self._random.choice(_PATHS)

    def _step(self, api: Fragment) -> Fragment:
        pick = self._random.choice
        routes = [(version["mount"], route) for version in api["versions"] for route in version["routes"]]
        headers, query = self._credential(api.get("key_auth", {}))
        path = self._path(routes)
        path += f"{'&' if '?' in path else '?'}{query}" if query else ""
        known = [route["method"] for _, route in routes]
        method = pick(known) if self._often(0.75) else pick((*_METHODS, "PROPFIND", "TRACE"))
        for name, value in (pick(_HEADERS) for _ in range(pick((0, 1, 2, 4)))):
            headers.setdefault(name, value)
        if self._often(0.3):
            headers["origin"] = pick(_ORIGINS)
        if method == "OPTIONS" and self._often(0.5):
            headers |= {"origin": pick(_ORIGINS), "access-control-request-method": pick(("GET", "PUT"))}
        step: Fragment = {"send": f"{method} {path}", "headers": headers}
        if method in _BODIES:
            step |= {"size": pick((0, 3, 50, 200)), "chunked": False}
            # Without a length Envoy knows only after it asked who calls that a body is too large.
            step |= {"size": pick((0, 3)), "chunked": True} if self._often(0.2) else {}
        if self._often(0.3):
            step["source"] = pick(("127.0.0.2", "127.0.0.3", PROXY))
        if step.get("source") == PROXY or self._often(0.05):
            headers["x-forwarded-for"] = pick(("127.0.0.3", "127.0.0.2, 127.0.0.3", f"127.0.0.3, {PROXY}", "10.0.0.1"))
        return step
