"""Who calls. What was sent decides which way is asked, in the order certificate, token, password, key.

``way`` holds the way that was taken (c, t, p, k), ``c`` the caller's label once it is known. Every way leads to the
same map, each kind of credential under entries of its own.
"""

from __future__ import annotations

from waypost.contracts.ir import ApiIR, MutualTls
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.filters import jwt, key_auth
from waypost.integration.gateways.haproxy.names import REFUSED, found
from waypost.integration.gateways.haproxy.problems import because, challenge, deny
from waypost.integration.gateways.haproxy.routing import Kind
from waypost.integration.gateways.haproxy.text import word

_SCHEMES = {"c": "Certificate", "t": "Bearer", "p": "Basic", "k": "Key"}
_MISSING = {
    "c": Refusal.CERTIFICATE_MISSING,
    "t": Refusal.TOKEN_MISSING,
    "p": Refusal.PASSWORD_MISSING,
    "k": Refusal.KEY_MISSING,
}
_FINGERPRINT = "ssl_c_der,sha2(256),hex,lower"
_NONE_YET = f"!{found('way')}"


def ways(api: ApiIR) -> str:
    """The letters of the ways that an API takes."""
    given = {"c": api.mtls, "t": api.jwt, "p": api.basic, "k": api.key_auth}
    return "".join(letter for letter, policy in given.items() if policy is not None)


def rules(context: Context) -> list[str]:
    """Find the caller, or refuse."""
    letters = ways(context.api)
    if not letters:
        return []
    return [
        *_sent(context, letters),
        *_known(context, letters),
        *_nothing(context, letters),
        *_refuse(context, letters),
    ]


def hide(context: Context) -> list[str]:
    """Take credentials out of every place where they may have been sent in."""
    api = context.api
    bearer = (api.jwt is not None and api.jwt.hide) or (api.basic is not None and api.basic.hide)
    return ["http-request del-header authorization"] * bearer + key_auth.hide(api.key_auth)


def _sent(context: Context, letters: str) -> list[str]:
    """Which way the caller took."""
    lines = []
    if "c" in letters:
        lines.append("http-request set-var(txn.way) str(c) if { ssl_c_used 1 }")
    if "t" in letters or "p" in letters:
        twice = "{ req.fhdr_cnt(authorization) gt 1 }"
        lines.append(because(Refusal.TOKEN_INVALID if "t" in letters else Refusal.PASSWORD_INVALID, twice))
    if "t" in letters:
        lines.append("http-request set-var(txn.b) http_auth_bearer if { http_auth_bearer -m len gt 0 }")
        if letters != "t":
            lines.append(f"http-request set-var(txn.way) str(t) if {_NONE_YET} {found('b')}")
    if "p" in letters:
        basic = f"{{ req.fhdr(authorization) -m reg -i {word('^basic +.')} }}"
        lines.append(f"http-request set-var(txn.way) str(p) if {_NONE_YET} {basic}")
    if "k" in letters:
        auth = context.api.key_auth
        assert auth is not None
        lines += key_auth.find(auth) + key_auth.ambiguous(auth, _NONE_YET if len(letters) > 1 else "")
        if len(letters) > 1:
            lines.append(f"http-request set-var(txn.way) str(k) if {_NONE_YET} {key_auth.HAVE_KEY}")
    return lines


def _known(context: Context, letters: str) -> list[str]:
    """Look the caller up, and note why it is not known."""
    api, files, lines = context.api, context.files, []
    if api.mtls is not None:
        lines += [
            *key_auth.look_up(files, f"{_FINGERPRINT},{key_auth.HASHED},concat(/certificate/,txn.api)", _way("c")),
            key_auth.nobody(),
            *_narrowed(context, api.mtls),
            because(Refusal.NOT_SUBSCRIBED, f"{_way('c')} !{found('c')} !{REFUSED}"),
        ]
    if api.jwt is not None:
        chosen = _way("t") if len(letters) > 1 else found("b")
        lines += jwt.rules(context, api.jwt, chosen)
        entry = f'var(txn.iss),concat(" ",txn.client),{key_auth.HASHED},concat(/client/,txn.api)'
        mine = f"{chosen} !{REFUSED}"
        lines += [*key_auth.look_up(files, entry, f"{mine} {found('client')}"), key_auth.nobody()]
        lines.append(because(Refusal.NOT_SUBSCRIBED, f"{mine} !{found('c')}"))
    if api.basic is not None:
        sent = f"req.fhdr(authorization),regsub('^[^ ]+ +',''),b64dec,{key_auth.HASHED}"
        lines += [*key_auth.look_up(files, f"{sent},concat(/basic/,txn.api)", _way("p")), key_auth.nobody()]
        lines.append(because(Refusal.PASSWORD_INVALID, f"{_way('p')} !{found('c')} !{REFUSED}"))
    if api.key_auth is not None:
        lines += key_auth.identify(context.files, _way("k") if len(letters) > 1 else "")
    return lines


def _narrowed(context: Context, policy: MutualTls) -> list[str]:
    tests = []
    if policy.fingerprints:
        tests.append(context.matches(_FINGERPRINT, "str", policy.fingerprints))
    if policy.subjects:
        tests.append(context.matches("ssl_c_s_dn(,0,rfc2253)", "str", policy.subjects))
    return [because(Refusal.CERTIFICATE_INVALID, f"{_way('c')} !{test}") for test in tests]


def _nothing(context: Context, letters: str) -> list[str]:
    """Nothing was sent: refused, unless anonymous calls pass."""
    code = _MISSING[letters] if len(letters) == 1 else Refusal.CREDENTIAL_MISSING
    nothing = {"k": f"!{key_auth.HAVE_KEY}", "t": f"!{found('b')}"}.get(letters, _NONE_YET)
    lines = []
    for closed, condition in context.by_kind(
        lambda kind: not (kind.policies.anonymous and kind.policies.anonymous.allowed)
    ):
        if closed:
            lines.append(because(code, f"{condition} {nothing} !{REFUSED}".strip()))
    return lines


def _refuse(context: Context, letters: str) -> list[str]:
    """403 for strangers; 401 with the challenge of the way that was taken, or of all where none was."""
    settings = context.settings
    lines = [deny(403, when=_because(Refusal.NOT_SUBSCRIBED))]
    if "t" in letters:
        name, value = challenge(_SCHEMES["t"], settings)
        for code, more in ((Refusal.TOKEN_INVALID, ""), (Refusal.TOKEN_EXPIRED, ', error_description="expired"')):
            lines.append(deny(401, (name, f'{value}, error="invalid_token"{more}'), when=_because(code)))
    if len(letters) > 1:
        for letter, codes in (("p", (Refusal.PASSWORD_INVALID,)), ("c", (Refusal.CERTIFICATE_INVALID,)), ("k", _KEYS)):
            if letter in letters:
                lines.append(deny(401, challenge(_SCHEMES[letter], settings), when=_because(*codes)))
    return [*lines, deny(401, *(challenge(_SCHEMES[letter], settings) for letter in letters))]


def _is_open(kind: Kind) -> bool:
    return kind.policies.anonymous is not None and kind.policies.anonymous.allowed


_KEYS = (Refusal.KEY_INVALID, Refusal.KEY_AMBIGUOUS)


def _way(letter: str) -> str:
    return f"{{ var(txn.way) -m str {letter} }}"


def _because(*codes: Refusal) -> str:
    return f"{{ var(txn.why) -m str {' '.join(codes)} }}"
