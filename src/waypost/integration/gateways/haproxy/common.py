"""What the frontend does for every API at once.

An engine that keeps each API's rules apart reads them from cold memory on every call; rules that all APIs share stay
in the processor's caches. So the common case (a key in ``X-Api-Key``, cross-origin rules) is served by rules of the
frontend that take what differs out of maps, a plan's limits by rules that sections share (``shared``), and an API's
own section holds only what is its own. An API that asks for anything else has all of it in its section, in the same
order.

Every rule and every condition costs, so what is as it should be leaves early (:func:`_welcome`); the rules after it
find out what is wrong, and say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from waypost.contracts.ir import ApiIR, GatewaySettings, RoutePolicies
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy import access_log, shared
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.context import APART, Context
from waypost.integration.gateways.haproxy.filters import cors, edits, key_auth, quota, rate_limit, sizes
from waypost.integration.gateways.haproxy.labels import LIVE
from waypost.integration.gateways.haproxy.names import REFUSED, found
from waypost.integration.gateways.haproxy.problems import because, challenge, deny
from waypost.integration.gateways.haproxy.routing import MASKED, MASKS, OF
from waypost.integration.gateways.haproxy.text import word
from waypost.kit.crypto import sha256_hex

COMMON = "{ var(txn.base) -m beg 1 3 }"
"""A condition: the frontend's rules are for this API. What is known of a base path begins with such a digit."""
_IS_COMMON, _HAS_CORS = 1, 2
_OWN = ("anonymous", "scopes", "ip", "countries", "maintenance", "hours", "rate_limits", "cost", "concurrency", "sizes")


def is_common(context: Context) -> bool:
    """True where the frontend's rules are all that stands between a call and the API's limits and edits."""
    api, routing = context.api, context.routing
    only_key = api.key_auth is not None and not any((api.jwt, api.introspection, api.basic, api.mtls))
    if not only_key or not _plain_key(api) or routing.templates or routing.passing:
        return False
    # A preflight goes before everything else, and would pass for a call of such an operation.
    if api.cors is not None and any(name.endswith(f"{OF}OPTIONS") for name in routing.operations):
        return False
    return all(map(_plain, _everywhere(context))) and set(rate_limit.slots(context)) <= set(rate_limit.COMMON)


def edits_answers(context: Context) -> bool:
    """Whether a common API has edits of answers.

    They stand on refusals as well, which the frontend does not know: calls that it does not welcome go to a section
    that is the API's in every respect, under the name :func:`apart`.
    """
    return any(edits.of_answers(policies.headers) for policies in _everywhere(context))


def apart(segment: str) -> str:
    """What is known of a base path for calls that the frontend leaves to the API's own section."""
    return f"{segment}{OF}"


def base(context: Context) -> str:
    """The shared section that the API's own one continues."""
    places = len(rate_limit.slots(context))
    return shared.name(places if context.common else None, limited=places > 0)


def section(lines: Iterable[str]) -> str:
    """The name of a section with these lines."""
    return sha256_hex("\n".join(lines))[:16]


def known(context: Context, name: str) -> str:
    """What one look-up of a base path tells: what the frontend does, API, section, cross-origin rules, texts of edits.

    With ``name`` the section was written, and the texts were collected.
    """
    does = _IS_COMMON * context.common + _HAS_CORS * (context.api.cors is not None)
    texts = "".join(f"{APART}{text}" for text in reversed(context.texts))
    told = [str(does), context.api.id, name, cors.policy(context.api), texts and texts + APART]
    return "|".join(filter(None, told))


@dataclass(frozen=True, slots=True)
class Asked:
    """What APIs ask of the frontend; what none asks for is not there. ``masks`` are numbers of :data:`MASKS`."""

    cors: cors.Asked = cors.NOTHING
    common: bool = False
    apart: bool = False
    masks: frozenset[int] = frozenset()

    def and_also(self, other: Asked) -> Asked:
        """What both ask for together."""
        return Asked(
            self.cors.and_also(other.cors),
            self.common or other.common,
            self.apart or other.apart,
            self.masks | other.masks,
        )


def asked(context: Context) -> Asked:
    """What one API asks for."""
    ends = {tuple(part == MASKED for part in path.split("/")[-2:]) for path in context.routing.paths}
    masks = frozenset(number for number, end in enumerate(((False, True), (True, False), (True, True))) if end in ends)
    common = context.common
    return Asked(cors.asked(context.api), common, common and edits_answers(context), masks)


def rules(wanted: Asked, settings: GatewaySettings, files: Files) -> list[str]:
    """Operation, cross-origin rules; then, for common APIs, key, size, quota."""
    return [
        *(cors.request_rules(wanted.cors, files) if wanted.cors.any else ()),
        *_operation(wanted, files),
        *(_welcome(settings, files) if wanted.common else ()),
        because(Refusal.BAD_REQUEST, "HTTP_1.1 !{ req.hdr(host) -m found }"),
        deny(400),
        *(cors.preflight_rules() if wanted.cors.any else ()),
        *_path(wanted, files),
        f"http-request allow if !{COMMON}",
        *(_left_to_sections(files) if wanted.apart else ()),
        *(_explained(settings, files) if wanted.common else ()),
    ]


def _welcome(settings: GatewaySettings, files: Files) -> list[str]:
    """Look the caller up; a call with an operation, one live key and a bounded body is through."""
    fine = [
        found("op"),
        f"{{ var(txn.c) -m end ~{LIVE} }}",
        f"!{{ req.fhdr({key_auth.COMMON.header},2) -m found }}",
        f"!{{ {access_log.LENGTH} -m int gt {settings.max_request_bytes} }}",
        "!{ req.hdr(transfer-encoding) -m found }",
        "{ req.hdr(host) -m found }",
    ]
    return [
        *key_auth.look_up(files, key_auth.entry(f"req.fhdr({key_auth.COMMON.header})"), COMMON),
        f"http-request allow if {' '.join(fine)}",
    ]


def _left_to_sections(files: Files) -> list[str]:
    return [
        f"http-request set-var(txn.apart) var(txn.path),field(2,/),concat({OF}),map_str({files.map('bases')})",
        f"http-request set-var(txn.base) var(txn.apart) if {found('apart')}",
        f"http-request allow if {found('apart')}",
    ]


def _explained(settings: GatewaySettings, files: Files) -> list[str]:
    """What is wrong with a call that was not let through; nothing may be, and then it goes on."""
    return [
        f"http-request set-var(txn.key) req.fhdr({key_auth.COMMON.header})",
        *unmatched(files),
        *sizes.at_most(settings.max_request_bytes, ""),
        *key_auth.ambiguous(key_auth.COMMON),
        *key_auth.unknown(files),
        because(Refusal.KEY_MISSING, f"!{key_auth.HAVE_KEY} !{REFUSED}"),
        deny(403, when=f"{{ var(txn.why) -m str {Refusal.NOT_SUBSCRIBED} }}"),
        deny(401, challenge("Key", settings)),
        *quota.rules(),
    ]


def response_rules(wanted: Asked) -> list[str]:
    """On every answer, the gateway's own included."""
    return cors.response_rules(wanted.cors) if wanted.cors.any else []


def unmatched(files: Files) -> list[str]:
    """404 for a path that nobody has, 405 for a method that the path does not have."""
    allowed = f"%[var(txn.p),map_str({files.map('allowed')})]"
    return [
        because(Refusal.NOT_FOUND, f"!{found('op')} !{found('p')}"),
        deny(404),
        because(Refusal.METHOD_NOT_ALLOWED, f"!{found('op')}"),
        deny(405, ("allow", allowed)),
    ]


def _operation(wanted: Asked, files: Files) -> list[str]:
    """Path and method to the letter, then with the path's last segments masked."""
    end = f"concat({OF},txn.m),map_str({files.map('operations')})"
    return [
        f"http-request set-var(txn.op) var(txn.path),{end}",
        *(f"http-request set-var(txn.op) {word(f'{path},{end}')} if !{found('op')}" for path in _masks(wanted)),
    ]


def _path(wanted: Asked, files: Files) -> list[str]:
    """The path's id, where no operation is known: some other method may be, or a template."""
    end = f"map_str({files.map('paths')})"
    return [
        f"http-request set-var(txn.p) var(txn.path),{end} if !{found('op')}",
        *(
            f"http-request set-var(txn.p) {word(f'{path},{end}')} if !{found('op')} !{found('p')}"
            for path in _masks(wanted)
        ),
    ]


def _masks(wanted: Asked) -> list[str]:
    chosen = [MASKS[number] for number in sorted(wanted.masks)]
    return [f'var(txn.path),regsub("{pattern}","{shown.replace(chr(92), chr(92) * 2)}")' for pattern, shown in chosen]


def _everywhere(context: Context) -> list[RoutePolicies]:
    """Policies of operations, and of versions for what is none of them."""
    of_operations = [kind.policies for kind in context.routing.kinds]
    return [*of_operations, *(version.policies for version in context.api.versions)]


def _plain_key(api: ApiIR) -> bool:
    auth = api.key_auth
    return auth is not None and auth.header.lower() == key_auth.COMMON.header and not (auth.query or auth.cookie)


def _plain(policies: RoutePolicies) -> bool:
    said = edits.says_of_the_call(policies.headers)
    return not said and all(getattr(policies, name) is None for name in _OWN)
