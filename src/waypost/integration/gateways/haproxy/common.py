"""What the frontend does for every API at once.

An engine that keeps each API's rules apart reads them from cold memory on every call; rules that all APIs share stay
in the processor's caches. So the common case (a key in ``X-Api-Key``, a plan's limits, cross-origin rules) is served
by rules of the frontend that take what differs out of maps, and an API's own section holds only what is its own.
An API that asks for anything else has all of it in its section, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from waypost.contracts.ir import ApiIR, GatewaySettings, RoutePolicies
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.filters import cors, key_auth, quota, rate_limit, sizes
from waypost.integration.gateways.haproxy.names import REFUSED, found
from waypost.integration.gateways.haproxy.problems import because, challenge, deny
from waypost.integration.gateways.haproxy.routing import MASKS
from waypost.integration.gateways.haproxy.text import word
from waypost.kit.crypto import sha256_hex

COMMON = found("common")
_YES, _NO = "1", "0"
_OWN = ("anonymous", "scopes", "ip", "countries", "maintenance", "hours", "rate_limits", "cost", "concurrency", "sizes")


def is_common(context: Context) -> bool:
    """True where the frontend's rules are all that stands between a call and the API's edits."""
    api, routing = context.api, context.routing
    only_key = api.key_auth is not None and not any((api.jwt, api.introspection, api.basic, api.mtls))
    if not only_key or not _plain_key(api) or routing.templates or routing.passing:
        return False
    plain = all(_plain(kind.policies) for kind in routing.kinds)
    return plain and set(rate_limit.slots(context)) <= set(rate_limit.COMMON)


def section(lines: Iterable[str]) -> str:
    """The name of a section with these lines."""
    return sha256_hex("\n".join(lines))[:16]


def known(context: Context, lines: Iterable[str]) -> str:
    """What one look-up of a base path tells: the API, its section, whether it is common, its cross-origin rules."""
    told = [context.api.id, section(lines), _YES if is_common(context) else _NO, cors.policy(context.api)]
    return "|".join(filter(None, told))


@dataclass(frozen=True, slots=True)
class Asked:
    """What APIs ask of the frontend; what none asks for is not there. ``windows`` of common APIs' plans."""

    cors: bool = False
    common: bool = False
    windows: int = 0

    def and_also(self, other: Asked) -> Asked:
        """What both ask for together."""
        return Asked(self.cors or other.cors, self.common or other.common, max(self.windows, other.windows))


def asked(context: Context) -> Asked:
    """What one API asks for."""
    here = is_common(context)
    return Asked(context.api.cors is not None, here, len(rate_limit.slots(context)) if here else 0)


def rules(wanted: Asked, settings: GatewaySettings, files: Files) -> list[str]:
    """Path, operation, cross-origin rules; then, for common APIs, size, key, quota, limits."""
    operations = files.map("operations")
    return [
        *(cors.request_rules(files) if wanted.cors else ()),
        *_path(files),
        f"http-request set-var(txn.op) var(txn.p),concat(/,txn.m),map_str({operations}) if {found('p')}",
        *(_guards(wanted, settings, files) if wanted.common else ()),
    ]


def _guards(wanted: Asked, settings: GatewaySettings, files: Files) -> list[str]:
    name, value = challenge("Key", settings)
    return [
        f"http-request set-var(txn.common) bool(true) if {{ var(txn.base),field(3,|) -m str {_YES} }}",
        *unmatched(files, COMMON),
        *sizes.at_most(settings.max_request_bytes, COMMON),
        f"http-request set-var(txn.key) req.fhdr({key_auth.COMMON.header}) if {COMMON}",
        *key_auth.ambiguous(key_auth.COMMON, COMMON),
        *key_auth.identify(files, COMMON),
        because(Refusal.KEY_MISSING, f"{COMMON} !{key_auth.HAVE_KEY} !{REFUSED}"),
        deny(403, when=f"{{ var(txn.why) -m str {Refusal.NOT_SUBSCRIBED} }}"),
        deny(401, (name, value)),
        *quota.rules(),
        *rate_limit.common_rules(wanted.windows, files, COMMON),
    ]


def response_rules(wanted: Asked, settings: GatewaySettings) -> list[str]:
    """On every answer, the gateway's own included."""
    return [*rate_limit.response_rules(settings), *(cors.response_rules() if wanted.cors else ())]


def unmatched(files: Files, condition: str = "") -> list[str]:
    """404 for a path that nobody has, 405 for a method that the path does not have."""
    allowed = f"%[var(txn.p),map_str({files.map('allowed')})]"
    return [
        because(Refusal.NOT_FOUND, f"{condition} !{found('p')}".strip()),
        deny(404),
        because(Refusal.METHOD_NOT_ALLOWED, f"{condition} !{found('op')}".strip()),
        deny(405, ("allow", allowed)),
    ]


def _path(files: Files) -> list[str]:
    """The path to the letter, then with its last segments masked."""
    paths = files.map("paths")
    lines = [f"http-request set-var(txn.p) path,map_str({paths})"]
    for pattern, shown in MASKS:
        masked = f'path,regsub("{pattern}","{shown.replace(chr(92), chr(92) * 2)}"),map_str({paths})'
        lines.append(f"http-request set-var(txn.p) {word(masked)} if !{found('p')} {found('api')}")
    return lines


def _plain_key(api: ApiIR) -> bool:
    auth = api.key_auth
    return auth is not None and auth.header.lower() == key_auth.COMMON.header and not (auth.query or auth.cookie)


def _plain(policies: RoutePolicies) -> bool:
    return all(getattr(policies, name) is None for name in _OWN)
