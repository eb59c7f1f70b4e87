"""Pure checks of the IR, so that one API that makes no sense is put aside alone and by name.

What passes here can be written into any engine's configuration without escaping tricks: names are tokens (RFC 9110
section 5.6.2), values hold no line breaks, addresses are absolute, templates are balanced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from waypost.contracts.ir.gateway import ApiIR, GatewayIR, VersionIR
from waypost.contracts.ir.policies import Cors
from waypost.contracts.ir.routes import Route
from waypost.contracts.ir.sound import BAD_IN_PATH, TOKEN, Found, under
from waypost.contracts.ir.sound_policies import plan_problems, policy_problems
from waypost.contracts.ir.sound_ways import way_problems
from waypost.contracts.ir.upstreams import Upstream
from waypost.contracts.vocab import Unmatched

_SEGMENT = r"[A-Za-z0-9\-._~!$&'()*+,;=:@%]+"
_BASE_PATH = re.compile(rf"/{_SEGMENT}")
_MOUNT = re.compile(rf"(/{_SEGMENT})+")
_METHOD = re.compile(r"[A-Z][A-Z-]*")
_BRACES = re.compile(r"\{([^{}/]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class IrProblem:
    """One thing wrong with one API; ``where`` is a path inside its IR such as ``versions[0].routes[3].path``."""

    api_id: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def validate_gateway(ir: GatewayIR) -> dict[str, tuple[IrProblem, ...]]:
    """Problems by API id; an API without any is not in it. Of two that claim one base path the earlier keeps it."""
    problems = {api.id: validate_api(api) for api in ir.apis}
    sound = [api for api in ir.apis if not problems[api.id]]
    problems.update({problem.api_id: (problem,) for problem in claims(sound)})
    return {api_id: found for api_id, found in problems.items() if found}


def claims(apis: Iterable[ApiIR]) -> tuple[IrProblem, ...]:
    """One problem for each API that claims an id or base path which an earlier one has."""
    holders: dict[str, ApiIR] = {}
    problems = []
    for api in apis:
        holder = holders.setdefault(api.base_path, api)
        if holder is not api:
            message = f"{api.base_path} belongs to the API {holder.slug!r} on this gateway"
            problems.append(IrProblem(api_id=api.id, where="base_path", message=message))
    return tuple(problems)


def validate_api(api: ApiIR) -> tuple[IrProblem, ...]:
    """Everything wrong with ``api`` by itself."""
    return tuple(IrProblem(api_id=api.id, where=where, message=message) for where, message in _api(api))


def _api(api: ApiIR) -> Found:
    if not _BASE_PATH.fullmatch(api.base_path) or api.base_path in ("/.", "/.."):
        yield "base_path", f"{api.base_path!r} is not '/' and one path segment"
    if not api.versions:
        yield "versions", "there is nothing to serve"
    yield from _unique("versions", "id", [version.id for version in api.versions])
    yield from _unique("versions", "mount", [version.mount for version in api.versions])
    yield from _unique("plans", "id", [plan.id for plan in api.plans])
    yield from way_problems(api)
    yield from under("cors", _cors(api.cors))
    for index, plan in enumerate(api.plans):
        yield from under(f"plans[{index}]", plan_problems(plan))
    for index, version in enumerate(api.versions):
        yield from under(f"versions[{index}]", _version(version))


def _version(version: VersionIR) -> Found:
    if version.mount and not _MOUNT.fullmatch(version.mount):
        yield "mount", f"{version.mount!r} is neither empty nor '/' and path segments"
    yield from _unique("routes", "id", [route.id for route in version.routes])
    yield from under("upstream", _upstream(version.upstream))
    yield from under("policies", policy_problems(version.policies))
    if version.unmatched is Unmatched.PASS and version.upstream is None:
        yield "unmatched", "calls cannot be passed on: there is no upstream"
    for index, route in enumerate(version.routes):
        yield from under(f"routes[{index}]", _route(route, version))


def _route(route: Route, version: VersionIR) -> Found:
    if not _METHOD.fullmatch(route.method):
        yield "method", f"{route.method!r} is not an upper-case method"
    yield from under("path", _template(route.path))
    yield from under("policies", policy_problems(route.policies))
    mocked = route.policies.mock or version.policies.mock
    if version.upstream is None and mocked is None:
        yield "", f"{route.method} {route.path} has neither an upstream nor a mock"


def _template(path: str) -> Found:
    if not path.startswith("/"):
        yield "", f"{path!r} does not start with '/'"
    if BAD_IN_PATH.search(path):
        yield "", f"{path!r} holds a space, '?', '#', a backslash or a control character"
    names = _BRACES.findall(path)
    if "{" in _BRACES.sub("", path) or "}" in _BRACES.sub("", path):
        yield "", f"{path!r} has braces that do not match inside one segment"
    if "" in names or len(set(names)) != len(names):
        yield "", f"{path!r} has a parameter without a name or twice"
    if "}{" in path:
        yield "", f"{path!r} has two parameters with nothing between them"


def _upstream(upstream: Upstream | None) -> Found:
    if upstream is None:
        return
    if upstream.connect_timeout_ms <= 0:
        yield "connect_timeout_ms", "must be more than 0"
    try:
        parts = urlsplit(upstream.url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        yield "url", "cannot be read as an address"
        return
    if not sound or BAD_IN_PATH.search(upstream.url):
        yield "url", "is not an absolute http or https address without query and fragment"
    if parts.username is not None or parts.password is not None:
        yield "url", "holds a user name or password"


def _cors(cors: Cors | None) -> Found:
    if cors is None:
        return
    if "*" in cors.origins and cors.credentials:
        yield "origins", "'*' cannot stand together with credentials"
    for origin in cors.origins:
        if origin != "*" and not _is_origin(origin):
            yield "origins", f"{origin!r} is not an origin such as https://app.example"
    for name in (*cors.methods, *cors.headers, *cors.expose):
        if not TOKEN.fullmatch(name):
            yield "", f"{name!r} is not a name"
    if cors.max_age_seconds < 0:
        yield "max_age_seconds", "must not be negative"


def _is_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        _ = parts.port
    except ValueError:
        return False
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return bare and bool(parts.scheme and parts.hostname) and not BAD_IN_PATH.search(origin)


def _unique(where: str, what: str, values: list[str]) -> Found:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield f"{where}[{index}].{what}", f"{value!r} is there twice"
        seen.add(value)
